"""The house rules of size, names, shelves and documentation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hedgerow.attribution import Model, model_shelf
from hedgerow.charter import Law, laws
from hedgerow.cli.verb import Verb
from hedgerow.collect.hooks import Scheme
from hedgerow.kit import load_shelf
from hedgerow.measures import Measure, shelf
from hedgerow.people.cards import Format
from hedgerow.people.matching.comparison import Comparison
from hedgerow.score import Fit, Signal
from hedgerow.village.life import Export, Truth
from hedgerow.web.page import Page

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "hedgerow"
SHELVES: dict[str, type[Any]] = {
    "attribution/models": Model,
    "charter/laws": Law,
    "cli/verbs": Verb,
    "collect/hooks/schemes": Scheme,
    "measures/measures": Measure,
    "people/cards/formats": Format,
    "people/comparisons": Comparison,
    "score/fits": Fit,
    "score/signals": Signal,
    "village/exports": Export,
    "village/truths": Truth,
    "web/pages": Page,
}
BANNED = {"utils", "util", "helpers", "helper", "manager", "service", "base", "common", "misc"}
FILES = sorted(SOURCE.rglob("*.py"))
PROSE = ("*.md", "*.toml", "*.py", "*.html", "*.css", "Makefile", "*.yaml")


def _name(file: Path) -> str:
    return str(file.relative_to(SOURCE))


def _on_a_shelf(file: Path) -> bool:
    return str(file.parent.relative_to(SOURCE)) in set(SHELVES)


def _functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_a_file_is_small_enough_to_read_whole(file: Path) -> None:
    most = 150 if _on_a_shelf(file) else 300
    assert len(file.read_text("utf-8").splitlines()) <= most


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_a_function_fits_a_screen(file: Path) -> None:
    long = [f.name for f in _functions(file) if (f.end_lineno or f.lineno) - f.lineno + 1 > 40]
    assert not long


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_a_module_opens_with_one_line_that_says_what_it_is(file: Path) -> None:
    said = ast.get_docstring(ast.parse(file.read_text("utf-8")))
    assert said
    assert len(said.splitlines()[0]) <= 120


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_every_public_function_and_class_is_documented(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    inner = [
        method
        for node in public
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
    ]
    assert [node.name for node in [*public, *inner] if not ast.get_docstring(node)] == []


def test_no_name_says_nothing() -> None:
    names = {part for file in FILES for part in file.relative_to(SOURCE).with_suffix("").parts}
    assert not names & BANNED


def test_a_folder_holds_at_most_eight_files_beside_its_door() -> None:
    shelves = {SOURCE / shelf for shelf in SHELVES}
    folders = {file.parent for file in FILES} - shelves
    crowded = {
        _name(folder): count
        for folder in folders
        if (count := len([f for f in folder.glob("*.py") if f.name != "__init__.py"])) > 8
    }
    assert not crowded


@pytest.mark.parametrize("shelf", SHELVES)
def test_each_file_of_a_shelf_holds_its_one_constant(shelf: str) -> None:
    kind = SHELVES[shelf]
    things: dict[str, Any] = load_shelf("hedgerow." + shelf.replace("/", "."), kind)
    files = [file for file in (SOURCE / shelf).glob("*.py") if file.name != "__init__.py"]
    assert len(things) == len(files) > 0
    assert all(thing.says.endswith(".") for thing in things.values())


def test_every_measure_names_its_rows_and_asks_a_question() -> None:
    for name, measure in shelf().items():
        assert measure.question.endswith("?"), name
        columns = {column.name for column in measure.columns}
        assert {measure.chart.x, *measure.chart.y} <= columns, name
        assert set(measure.behind) <= columns, name


def test_every_model_carries_its_rule_and_example() -> None:
    assert all(model.rule and model.example for model in model_shelf().values())


def test_every_law_asks_a_question() -> None:
    assert all(law.question.endswith("?") for law in laws().values())


def test_the_words_page_names_every_verb_of_the_command_line() -> None:
    words = (ROOT / "docs" / "words.md").read_text("utf-8")
    stems = [stem.removesuffix("_") for stem in load_shelf("hedgerow.cli.verbs", Verb)]
    assert [stem for stem in stems if f"`{stem}`" not in words] == []


def test_every_decision_is_numbered_and_short() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    for file in files:
        text = file.read_text("utf-8")
        assert len(text.splitlines()) <= 60, file.name
        assert all(f"## {part}" in text for part in ("Context", "Decision", "Consequences")), file.name


def test_the_repository_names_no_path_of_a_machine() -> None:
    # Written apart so that this test does not find itself.
    machine = re.compile("|".join(["/" + "work/", "/" + "root/", "/" + "home/", "files.python" + "hosted"]))
    found = [
        f"{file.relative_to(ROOT)}"
        for pattern in PROSE
        for folder in ("src", "tests", "docs", "bench", "examples", ".")
        for file in ((ROOT / folder).rglob(pattern) if folder != "." else ROOT.glob(pattern))
        if machine.search(file.read_text("utf-8", "replace"))
    ]
    assert not found
