"""Conditions: DuckDB, Z3 and plain logic agree on every one of them, NULL included."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
import z3
from hypothesis import assume, example, given, reject, settings
from hypothesis import strategies as st

from hedgerow.charter.condition import Condition, Misread, holds, parse, sentence, to_sql
from hedgerow.charter.condition.plain import value
from hedgerow.charter.condition.proof import answer, constant, domain, symbol, truth
from hedgerow.charter.condition.sql import NUMBER, literal, quoted
from hedgerow.charter.facts import Lead
from tests.charter import drawing
from tests.charter.drawing import ASKED, FACTS

CASES = yaml.safe_load((Path(__file__).parent / "conditions.yaml").read_text("utf-8"))
TYPES = {"number": NUMBER, "text": "VARCHAR", "boolean": "BOOLEAN"}


def parsed(text: str) -> Condition:
    try:
        return parse(text, FACTS)
    except Misread as refusal:
        assert "multiplies twice" in refusal.sentence
        reject()


def by_duckdb(condition: str, leads: list[Lead]) -> list[bool | None]:
    rows = ", ".join(
        "(" + ", ".join(f"CAST({literal(lead[name])} AS {TYPES[FACTS[name].type]})" for name in ASKED) + ")"
        for lead in leads
    )
    names = ", ".join(quoted(name) for name in ASKED)
    query = f"SELECT {condition} FROM (VALUES {rows}) AS leads({names})"
    return [row[0] for row in duckdb.sql(query).fetchall()]


def by_z3(condition: Condition, lead: Lead) -> bool | None:
    pair = truth(condition.tree, {name: constant(lead[name], FACTS[name]) for name in ASKED})
    found = [z3.simplify(each) for each in (pair.true, pair.false)]
    assert all(z3.is_true(each) or z3.is_false(each) for each in found)
    assert not all(z3.is_true(each) for each in found)
    return True if z3.is_true(found[0]) else False if z3.is_true(found[1]) else None


@settings(max_examples=150)
@given(text=drawing.conditions, leads=st.lists(drawing.leads, min_size=1, max_size=6))
def test_duckdb_z3_and_plain_logic_agree(text: str, leads: list[Lead]) -> None:
    condition = parsed(text)
    expected = [value(condition.tree, lead) for lead in leads]
    assert by_duckdb(to_sql(condition), leads) == expected
    assert by_duckdb(text, leads) == expected  # as it was typed, with DuckDB's own reading of it
    assert [by_z3(condition, lead) for lead in leads] == expected
    assert [holds(condition, lead) for lead in leads] == [each is True for each in expected]


@settings(max_examples=100)
@given(text=drawing.conditions, side=st.sampled_from(["true", "false", "null"]))
@example("\"nick name\" like '\\u{41}%'", "true")
def test_a_lead_that_z3_finds_is_one_for_duckdb_and_plain_logic_too(text: str, side: str) -> None:
    condition = parsed(text)
    symbols = {name: symbol(FACTS[name]) for name in ASKED}
    pair = truth(condition.tree, symbols)
    solver = z3.Solver()
    solver.set("rlimit", 3_000_000)
    solver.add(*(bound for name in ASKED for bound in domain(FACTS[name], symbols[name])))
    solver.add({"true": pair.true, "false": pair.false, "null": z3.Not(z3.Or(pair.true, pair.false))}[side])
    assume(solver.check() == z3.sat)
    lead = {name: answer(FACTS[name], symbols[name], solver.model()) for name in ASKED}
    # DuckDB's decimals end at 18 digits where they are multiplied.
    assume(all(abs(each) < 1_000_000_000 for each in lead.values() if isinstance(each, Decimal)))
    expected = {"true": True, "false": False, "null": None}[side]
    assert value(condition.tree, lead) is expected
    assert by_duckdb(to_sql(condition), [lead]) == [expected]


@given(text=drawing.conditions)
def test_every_condition_is_said_in_a_sentence(text: str) -> None:
    said = sentence(parsed(text))
    assert said
    assert "Decimal" not in said
    assert "Named" not in said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_a_condition(case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(Misread) as refusal:
            parse(case["text"], FACTS)
        assert case["refused"] in refusal.value.sentence
        assert case["text"][refusal.value.offset :].startswith(case["at"])
        return
    condition = parse(case["text"], FACTS)
    assert sentence(condition) == case["says"]
    for row in case.get("gives", ()):
        lead = dict.fromkeys(ASKED) | {
            name: Decimal(str(each)) if isinstance(each, int | float) and not isinstance(each, bool) else each
            for name, each in row["of"].items()
        }
        assert value(condition.tree, lead) is row["is"]
        assert by_z3(condition, lead) is row["is"]
        assert by_duckdb(to_sql(condition), [lead]) == [row["is"]]
