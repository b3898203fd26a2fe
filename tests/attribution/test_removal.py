"""Removal effects: the chain solved apart from the program, in fractions, and by simulation."""

from collections import Counter, defaultdict
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from tests.attribution.drawing import LABELS, Trip, paths_of, trip, trips

from hedgerow.attribution import chain, removal
from hedgerow.attribution.removal import classic_totals, removal_effects, rounded
from hedgerow.journeys.paths import Paths
from hedgerow.kit import HedgerowError

CASES = yaml.safe_load(Path(__file__).with_name("removal.yaml").read_text("utf-8"))
State = tuple[str, ...] | str
START, CONVERSION, NULL = "start", "conversion", "null"


def walked(steps: tuple[str, ...], order: int) -> list[State]:
    """Return the states of one journey as ChannelAttribution 2.2.5 has them: runs of one state are one."""
    windows: list[State] = [steps[i : i + order] for i in range(max(1, len(steps) - order + 1))]
    return [each for i, each in enumerate(windows) if i == 0 or each != windows[i - 1]]


def transitions(drawn: list[Trip], order: int) -> dict[State, dict[State, Fraction]]:
    counts: dict[State, Counter[State]] = defaultdict(Counter)
    for each in drawn:
        if each.labels:
            end = NULL if each.value is None else CONVERSION
            states = [START, *walked(each.labels, order), end]
            for before, after in pairwise(states):
                counts[before][after] += 1
    return {s: {t: Fraction(n, sum(c.values())) for t, n in c.items()} for s, c in counts.items()}


def conversion(moves: dict[State, dict[State, Fraction]], without: str | None = None) -> Fraction:
    """Return the probability of conversion from the start by Gauss's elimination, in exact fractions."""
    states = [s for s in moves if isinstance(s, str) or without not in s]
    rows = [[Fraction(s == t) - moves[s].get(t, Fraction(0)) for t in states] for s in states]
    right = [moves[s].get(CONVERSION, Fraction(0)) for s in states]
    for i in range(len(states)):
        pivot = next(j for j in range(i, len(states)) if rows[j][i])
        rows[i], rows[pivot], right[i], right[pivot] = rows[pivot], rows[i], right[pivot], right[i]
        for j in range(len(states)):
            if j != i and rows[j][i]:
                factor = rows[j][i] / rows[i][i]
                rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i], strict=True)]
                right[j] -= factor * right[i]
    start = states.index(START)
    return right[start] / rows[start][start]


def exact(drawn: list[Trip], order: int) -> list[float]:
    moves = transitions(drawn, order)
    whole = conversion(moves) if START in moves else Fraction(0)
    return [float(1 - conversion(moves, label) / whole) if whole else 0.0 for label in LABELS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])
def test_a_hand_worked_chain_comes_out(case: dict[str, Any]) -> None:
    drawn = [trip(path, value) for path, value, times in case["journeys"] for _ in range(times)]
    effects = removal_effects([paths_of(drawn)], case.get("order", 1))
    said = {label: float(Fraction(str(effect))) for label, effect in case["effects"].items()}
    assert {label: effects[LABELS.index(label)] for label in said} == pytest.approx(said, abs=1e-11)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@given(drawn=trips(LABELS[:3]))
def test_effects_equal_those_of_an_elimination_in_fractions(order: int, drawn: list[Trip]) -> None:
    assert removal_effects([paths_of(drawn)], order) == pytest.approx(exact(drawn, order), rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("order", [1, 2])
@given(drawn=trips(LABELS[:3]))
def test_a_chain_that_does_not_settle_is_solved_by_elimination(order: int, drawn: list[Trip]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(removal, "ROUNDS", 0)
        assert removal_effects([paths_of(drawn)], order) == pytest.approx(exact(drawn, order), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("order", [1, 2])
@given(drawn=trips(LABELS[:3]))
def test_sorted_and_array_counting_agree(order: int, drawn: list[Trip]) -> None:
    expected = removal_effects([paths_of(drawn)], order)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "DENSE", 0)
        assert (removal_effects([paths_of(drawn)], order) == expected).all()


def test_a_channel_removed_leads_nowhere() -> None:
    drawn = [trip("Podcast > Email", 1), trip("Search > Email", None)]
    # Nobody converts but through Podcast, and but through Email.
    assert removal_effects([paths_of(drawn)], 2).tolist() == [1, 0, 0, 1]


def test_a_channel_nobody_met_has_no_effect() -> None:
    assert removal_effects([paths_of([trip("Podcast", 1)])], 1).tolist() == [1, 0, 0, 0]


def test_without_any_conversion_no_channel_has_an_effect() -> None:
    assert not removal_effects([paths_of([trip("Podcast > Email")])], 1).any()


def test_an_outcome_that_nothing_led_to_is_no_part_of_the_chain() -> None:
    drawn = [trip("Podcast > Email", 1), trip("Search", None)]
    alone = removal_effects([paths_of(drawn)], 1)
    assert (removal_effects([paths_of([*drawn, trip("", 500)])], 1) == alone).all()


def test_a_journey_of_a_hundred_thousand_turns_is_solved() -> None:
    drawn = [Trip(("Podcast", "Email") * 50_000, 100), trip("Search", 100)]
    assert removal_effects([paths_of(drawn)], 1) == pytest.approx([0.5, 0.5, 0, 0.5], rel=1e-9)


def test_a_rare_channel_keeps_its_digits() -> None:
    many = 1_000_000
    common = paths_of([trip("Email", 1)])
    rare = paths_of([trip("Podcast > Search", 1)])
    whole = Paths(
        labels=LABELS,
        label=np.concatenate([np.repeat(common.label, many), rare.label]),
        at=np.zeros(many + 2, np.int64),
        row=np.zeros(many + 2, np.int64),
        bounds=np.append(np.arange(many + 1), many + 2),
        unit=np.arange(many + 1),
        outcome=np.zeros(many + 1, np.int64),
        ended_at=np.zeros(many + 1, np.int64),
        value=np.ones(many + 1, np.int64),
        currency=np.zeros(many + 1, np.int16),
        currencies=("EUR",),
    )
    effects = removal_effects([whole], 1)
    assert effects[[0, 1]] == pytest.approx([1 / (many + 1)] * 2, rel=1e-11)


def test_more_states_than_words_hold_are_refused() -> None:
    labels = tuple(f"campaign {i}" for i in range(20_000))
    with pytest.raises(HedgerowError, match="20000 labels are too many for a chain of order 4: choose a lower order"):
        removal_effects([paths_of([Trip(labels[:2], 1)], labels)], 4)


@given(drawn=trips())
def test_classic_totals_share_all_that_some_step_led_to(drawn: list[Trip]) -> None:
    rows = classic_totals([paths_of(drawn)], "markov").to_pylist()
    for currency in ("EUR", "USD", None):
        led = [t.value for t in drawn if t.labels and t.value is not None and t.currency == currency]
        own = [row for row in rows if row["currency"] == currency]
        assert sum(row["value"] for row in own) == sum(led)
        assert sum(row["conversions"] for row in own) == pytest.approx(len(led))


def test_classic_totals_of_a_model_without_a_chain_are_refused() -> None:
    with pytest.raises(HedgerowError, match="linear has no removal effects"):
        classic_totals([], "linear")


def test_twelve_significant_digits_are_kept() -> None:
    assert rounded(np.array([0.0, 1 / 3, 2e-9 / 3, 1.0])).tolist() == [0.0, 0.333333333333, 6.66666666667e-10, 1.0]
