"""The village's charter: it keeps every law, quickly, and the command line says so."""

import time
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hedgerow.charter import may_come_into_force, prove, read_charter
from hedgerow.cli import build

TEXT = files("hedgerow.village").joinpath("charter.yaml").read_text("utf-8")
RUN = CliRunner()


def _run(*words: object) -> Result:
    return RUN.invoke(build(), [str(word) for word in words])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "charter.yaml").write_text(TEXT, "utf-8")
    return tmp_path / "charter.yaml"


def test_it_keeps_every_law_in_under_two_seconds() -> None:
    start = time.process_time()
    charter = read_charter(TEXT)
    verdicts = prove(charter)
    assert time.process_time() - start < 2
    assert may_come_into_force(charter, verdicts)


def test_check_says_that_it_can_come_into_force(file: Path) -> None:
    found = _run("charter", "check", file)
    assert found.exit_code == 0
    assert "keeps all 12 laws, and both sides signed it" in found.output.replace("\n", " ")


def test_check_refuses_with_a_small_lead_and_exit_code_one(file: Path) -> None:
    file.write_text(TEXT.replace("days_in_stage >= 30 and score", "score"), "utf-8")
    found = _run("charter", "check", file)
    assert found.exit_code == 1
    assert "is passed to" in found.output
    assert "back at once by 'refused' and 'again'" in found.output
    assert "can't come into force" in found.output.replace("\n", " ")


def test_check_of_an_unsigned_charter_says_who_has_to_sign(file: Path) -> None:
    file.write_text(TEXT.replace("  - {side: sales, name: Felix, on: 2026-01-12}\n", ""), "utf-8")
    found = _run("charter", "check", file)
    assert found.exit_code == 0
    assert "when sales signed it" in found.output.replace("\n", " ")


def test_check_knows_the_custom_fields_of_a_workspace(file: Path, tmp_path: Path) -> None:
    _run("init", "--workspace", tmp_path / "acme")
    settings = tmp_path / "acme" / "hedgerow.toml"
    settings.write_text(settings.read_text("utf-8") + '[fields]\nvip = "boolean"\n', "utf-8")
    file.write_text(TEXT.replace("when: score >= 30\n", "when: score >= 30 or vip\n"), "utf-8")
    assert _run("charter", "check", file, "--workspace", tmp_path / "acme").exit_code == 0
    refused = _run("charter", "check", file, "--workspace", tmp_path)
    assert "No fact called 'vip'" in str(refused.exception)


def test_show_answers_the_five_questions(file: Path) -> None:
    said = _run("charter", "show", file).output
    for question in (
        "What passes a lead to sales?",
        "What must sales do with each lead it has?",
        "What passes a lead back to marketing?",
        "Who decides which prospects are in campaigns?",
        "Who is kept out, and how does sales take one out?",
    ):
        answer = said.split(question)[1].split("\n\n")[0]
        assert answer.strip()


def test_facts_lists_what_can_be_asked() -> None:
    assert "days_since_last_touch" in _run("charter", "facts").output
