"""The laws: charters that break one are refused with a lead that, when it is decided, shows the fault."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from hedgerow.charter.law import laws, prove
from hedgerow.charter.proving import Prover
from tests.charter.cases import changed
from tests.charter.replays import REPLAYS

CASES = [
    {**case, "law": file.stem}
    for file in sorted((Path(__file__).parent / "laws").glob("*.yaml"))
    for case in yaml.safe_load(file.read_text("utf-8"))
]
BREAKING = [case for case in CASES if "breaks" in case]


def named(case: dict[str, Any]) -> str:
    return f"{case['law']} {case['it']}"


@pytest.mark.parametrize("case", [case for case in CASES if "breaks" not in case], ids=named)
def test_a_charter_keeps_the_law(case: dict[str, Any]) -> None:
    assert list(laws()[case["law"]].prove(Prover(changed(case["change"])))) == []


@pytest.mark.parametrize("case", BREAKING, ids=named)
def test_a_charter_that_breaks_the_law_is_refused_with_a_lead_that_shows_it(case: dict[str, Any]) -> None:
    charter = changed(case["change"])
    found = list(laws()[case["law"]].prove(Prover(charter)))
    assert any(case["breaks"] in broken.sentence for broken in found), [broken.sentence for broken in found]
    for broken in found:
        REPLAYS[case["law"]](charter, broken)


def test_every_law_has_five_cases_that_break_it_and_one_that_keeps_it() -> None:
    assert set(REPLAYS) == set(laws())
    assert min(Counter(case["law"] for case in BREAKING).values()) >= 5
    assert {case["law"] for case in CASES if "breaks" not in case} == set(laws())


def test_the_small_charter_keeps_every_law() -> None:
    assert {verdict.state for verdict in prove(changed({}))} == {"kept"}
