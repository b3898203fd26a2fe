"""Reading: every fault of a charter has its line, its column and what was expected."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.charter import Unreadable, read_charter, read_file, show
from hedgerow.kit import HedgerowError
from tests.charter.cases import SMALL, changed

CASES = yaml.load((Path(__file__).parent / "reading.yaml").read_text("utf-8"), yaml.BaseLoader)
TEXT = (Path(__file__).parent / "small.yaml").read_text("utf-8")


def written(change: dict[str, Any]) -> str:
    raw = deepcopy(SMALL)
    for path, value in change.items():
        *way, last = path.split(".")
        place = raw
        for key in way:
            place = place[key]
        if value == "null":
            del place[last]
        else:
            place[last] = value
    return yaml.safe_dump(raw, sort_keys=False, width=60)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_a_fault(case: dict[str, Any]) -> None:
    text = written(case["change"])
    with pytest.raises(Unreadable) as refusal:
        read_charter(text)
    fault = next(fault for fault in refusal.value.faults if case["said"] in fault.sentence)
    assert text.splitlines()[fault.line - 1][fault.column - 1 :].lstrip("'\"").startswith(case["at"])
    assert f"charter.yaml, line {fault.line}, column {fault.column}: {fault.sentence}" in refusal.value.sentence
    assert fault.sentence.endswith((".", "?"))


@pytest.mark.parametrize(
    "style", ["{}", "'{}'", '"{}"', ">\n        {}", "|\n        {}", "score >= 60 and\n        {}"]
)
def test_a_place_in_a_condition_is_found_in_every_way_yaml_writes_a_text(style: str) -> None:
    said = style.format(
        "country = 'DE' and oops > 3".replace("'", "''") if style == "'{}'" else "country = 'DE' and oops > 3"
    )
    text = TEXT.replace(
        "{from: known, to: working, when: score >= 60 and days_in_stage >= 7}",
        "\n      from: known\n      to: working\n      when: " + said,
    )
    with pytest.raises(Unreadable) as refusal:
        read_charter(text)
    fault = refusal.value.faults[0]
    assert text.splitlines()[fault.line - 1][fault.column - 1 :].startswith("oops > 3")


def test_all_faults_are_said_at_once() -> None:
    text = (
        TEXT.replace("score >= 60", "scroe >= 60").replace("to: done", "to: gone").replace("version: 1", "version: x")
    )
    with pytest.raises(Unreadable) as refusal:
        read_charter(text)
    assert len(refusal.value.faults) == 3


def test_a_name_written_twice_is_a_fault_although_yaml_takes_the_last() -> None:
    with pytest.raises(Unreadable, match="'won' is here twice"):
        read_charter(TEXT.replace("  refused: {from", "  won: {from"))


@pytest.mark.parametrize(
    "text", ["", "- a", "charter: [", "\x00", "a: &a [*a]", "? [a]\n: b", "{" * 3000, "x: !!python/object:os.x y"]
)
def test_what_is_no_charter_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Unreadable):
        read_charter(text)


@given(
    text=st.text(max_size=60) | st.text(st.sampled_from("ab:-[]{}&*!|>'\"#%@` \n"), max_size=40),
    at=st.integers(0, len(TEXT)),
)
def test_no_text_ends_in_a_traceback(text: str, at: int) -> None:
    for damaged in (text, TEXT[:at] + text + TEXT[at:]):
        try:
            read_charter(damaged)
        except Unreadable as refusal:
            assert all(fault.line >= 1 and fault.column >= 1 for fault in refusal.faults)


def test_custom_fields_are_facts() -> None:
    fields = {"vip": "boolean", "renewal": "time", "seats": "integer", "plan": "text"}
    when = "vip and days_since_renewal > 3 and seats > 2 and plan = 'pro'"
    charter = read_charter(TEXT.replace("when: returned}", f'when: "{when}"' + "}"), fields)
    assert list(charter.transitions["refused"].when.facts) == ["vip", "days_since_renewal", "seats", "plan"]
    with pytest.raises(HedgerowError, match="'score' has the name of a fact"):
        read_charter(TEXT, {"score": "number"})


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HedgerowError, match=r"name a charter\.yaml"):
        read_file(tmp_path / "charter.yaml")


def test_a_charter_is_read_back_in_sentences() -> None:
    said = dict(show(changed({"signed": [{"side": "sales", "name": "Bob", "on": "2026-01-01"}]})))
    assert "Nobody signed for marketing yet." in next(iter(said.values()))
    assert said["What passes a lead to sales?"] == [
        "'qualified' takes it from 'known' to 'working' where the score is at least 60 and the days in its stage is at"
        " least 7."
    ]
    duty = "In 'working', within 4 business hours, it is accepted or it is sent back by its owner; otherwise it goes to"
    assert said["What must sales do with each lead it has?"] == [f"{duty} 'known'."]
    assert all(sentence.endswith(".") for sentences in said.values() for sentence in sentences)
