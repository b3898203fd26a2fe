"""Every model of the shelf: worked cases, and the laws that hold for all of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.attribution.drawing import LABELS, Trip, paths_of, trip, trips

from hedgerow.attribution.division import Totals, divide, totals
from hedgerow.attribution.model import choose, model_shelf
from hedgerow.attribution.steps import per_journey
from hedgerow.journeys.paths import Paths

CASES = [
    {**case, "model": file.stem}
    for file in sorted((Path(__file__).parent / "models").glob("*.yaml"))
    for case in yaml.safe_load(file.read_text("utf-8"))
]
SPECS = [*model_shelf(), "markov:2", "markov:3", "markov:4", "time_decay:0.5"]
every_model = pytest.mark.parametrize("spec", SPECS)


def credited(blocks: list[Paths], spec: str) -> Totals:
    chosen = choose(spec)
    fitted = chosen.fit(blocks)
    parts = [totals(paths, divide(paths, chosen.weights(paths, fitted))) for paths in blocks]
    return sum(parts[1:], start=parts[0])


def earned(drawn: list[Trip], spec: str, labels: tuple[str, ...] = LABELS) -> list[list[int]]:
    chosen, paths = choose(spec), paths_of(drawn, labels)
    shares = divide(paths, chosen.weights(paths, chosen.fit([paths])))
    return [shares.value.tolist(), shares.millionths.tolist()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['model']} {case['it']}")
def test_a_worked_case_comes_out(case: dict[str, Any]) -> None:
    asked = trip(case["path"], case["value"], case.get("ages", ()))
    others = [trip(path, value) for path, value, times in case.get("beside", ()) for _ in range(times)]
    value, _ = earned([asked, *others], case.get("spec", case["model"]))
    assert value[: len(asked.labels)] == case["earns"]


def test_every_model_has_worked_cases() -> None:
    assert {case["model"] for case in CASES} == set(model_shelf())


@every_model
@given(drawn=trips())
def test_weights_sum_to_one_in_every_journey_with_steps(spec: str, drawn: list[Trip]) -> None:
    chosen, paths = choose(spec), paths_of(drawn)
    weights = chosen.weights(paths, chosen.fit([paths]))
    assert (weights >= 0).all()
    assert np.allclose(per_journey(paths, weights), paths.sizes > 0, rtol=0, atol=1e-12)


@every_model
@given(drawn=trips())
def test_credit_and_what_is_unattributed_sum_to_the_value(spec: str, drawn: list[Trip]) -> None:
    chosen, paths = choose(spec), paths_of(drawn)
    shares = divide(paths, chosen.weights(paths, chosen.fit([paths])))
    for i, each in enumerate(drawn):
        own = slice(paths.bounds[i], paths.bounds[i + 1])
        assert shares.value[own].sum() + shares.unattributed_value[i] == (each.value or 0)
        assert shares.millionths[own].sum() + shares.unattributed_millionths[i] == 10**6 * (each.value is not None)
        if each.labels:
            assert not shares.unattributed_millionths[i]


@every_model
@given(drawn=trips(), order=st.permutations(LABELS))
def test_reordering_labels_changes_no_amount(spec: str, drawn: list[Trip], order: list[str]) -> None:
    assert earned(drawn, spec, tuple(order)) == earned(drawn, spec)


@every_model
@given(drawn=trips())
def test_renaming_labels_changes_no_amount(spec: str, drawn: list[Trip]) -> None:
    # "Direct" is a word that last_non_direct knows, so it keeps its name.
    names = {label: "Direct" if label == "Direct" else f"z{len(label)}{label}" for label in LABELS}
    renamed = [Trip(tuple(names[label] for label in t.labels), t.value, t.currency, t.ages) for t in drawn]
    assert earned(renamed, spec, tuple(sorted(names.values()))) == earned(drawn, spec)


@every_model
@given(drawn=trips(), cut=st.integers(0, 8))
def test_where_blocks_are_cut_changes_nothing(spec: str, drawn: list[Trip], cut: int) -> None:
    whole = credited([paths_of(drawn)], spec)
    parts = credited([paths_of(drawn[:cut]), paths_of(drawn[cut:])], spec)
    assert (whole.value == parts.value).all()
    assert (whole.millionths == parts.millionths).all()


@pytest.mark.parametrize("half_life", [0.01, 1, 7, 3650])
@given(age=st.floats(0, 100))
def test_time_decay_halves_with_every_half_life(half_life: float, age: float) -> None:
    paths = paths_of([trip("Podcast > Email", 1, [age + half_life, age])])
    older, younger = choose(f"time_decay:{half_life}").weights(paths, np.zeros(0))
    assert older / younger == pytest.approx(0.5, rel=1e-6)


def test_time_decay_of_ancient_steps_is_a_number() -> None:
    paths = paths_of([trip("Podcast > Email", 100, [36500, 36400])])
    assert choose("time_decay:0.01").weights(paths, np.zeros(0)).tolist() == [0, 1]


@given(drawn=trips())
def test_reversing_a_journey_turns_first_touch_into_last(drawn: list[Trip]) -> None:
    turned = [Trip(t.labels[::-1], t.value, t.currency) for t in drawn]
    first, last = credited([paths_of(drawn)], "first_touch"), credited([paths_of(turned)], "last_touch")
    assert (first.value == last.value).all()


@every_model
def test_no_journey_at_all_is_no_error(spec: str) -> None:
    assert not credited([paths_of([])], spec).value.any()
