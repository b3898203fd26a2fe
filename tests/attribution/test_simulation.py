"""Simulation: ChannelAttribution, which simulates walks, comes to what is solved exactly here."""

from itertools import groupby
from typing import Any

import numpy as np
import pytest
from tests.attribution.drawing import LABELS, Trip, paths_of

from hedgerow.attribution.model import choose
from hedgerow.attribution.removal import removal_effects

WALKS = (10_000, 100_000, 1_000_000, 10_000_000)


@pytest.fixture(scope="module")
def peer() -> Any:
    reason = "ChannelAttribution is not installed: it comes with the requirements of the benchmarks"
    return pytest.importorskip("ChannelAttribution", reason=reason, exc_type=ImportError)


@pytest.fixture(scope="module")
def journeys() -> list[Trip]:
    """Journeys with loops and runs, in which channels differ in what follows them."""
    random = np.random.default_rng(5)
    drawn = []
    for _ in range(3000):
        labels, converts = [int(random.integers(4))], 0.05
        while random.random() < 0.7:
            labels.append((labels[-1] * 2 + int(random.choice(4, p=[0.1, 0.5, 0.2, 0.2]))) % 4)
            converts += 0.06 * labels[-1]
        drawn.append(Trip(tuple(LABELS[code] for code in labels), 100 if random.random() < converts else None))
    return drawn


def rows(drawn: list[Trip]) -> dict[str, list[Any]]:
    ordered = sorted(drawn, key=lambda each: each.labels)
    met = [(path, [t.value is not None for t in each]) for path, each in groupby(ordered, lambda t: t.labels)]
    return {
        "path": [" > ".join(path) for path, _ in met],
        "conversions": [sum(ends) for _, ends in met],
        "nulls": [len(ends) - sum(ends) for _, ends in met],
    }


def simulated(peer: Any, drawn: list[Trip], order: int, walks: int, seed: int) -> list[float]:
    """Return removal effects from so many walks; the defaults' limit on a walk's steps is lifted."""
    frame = pytest.importorskip("pandas").DataFrame(rows(drawn))
    said = peer.markov_model(
        frame, "path", "conversions", var_null="nulls", order=order, nsim_start=walks, nfold=1, seed=seed,
        max_step=10**6, conv_par=1, out_more=True, verbose=False, flg_pro=False,
    )  # fmt: skip
    effects = dict(said["removal_effects"].itertuples(index=False))
    return [effects[label] for label in LABELS]


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_error_of_simulation_falls_with_the_root_of_its_walks(peer: Any, journeys: list[Trip], order: int) -> None:
    exact = removal_effects([paths_of(journeys)], order)
    errors = []
    for walks in WALKS:
        runs = [simulated(peer, journeys, order, walks, seed) for seed in range(3 if walks > 10**6 else 12)]
        errors.append(float(np.sqrt(np.mean((np.array(runs) - exact) ** 2))))
    slope = np.polyfit(np.log10(WALKS), np.log10(errors), 1)[0]
    assert -0.65 < slope < -0.35, errors
    assert errors[-1] < 1e-3, errors


@pytest.mark.slow
def test_heuristic_models_equal_those_of_channel_attribution(peer: Any, journeys: list[Trip]) -> None:
    frame = pytest.importorskip("pandas").DataFrame(rows(journeys))
    said = peer.heuristic_models(frame, "path", "conversions", flg_pro=False).set_index("channel_name")
    paths = paths_of(journeys)
    for name, column in (("first_touch", 0), ("last_touch", 1), ("linear", 2)):
        weights = choose(name).weights(paths, np.zeros(0)) * paths.converted[paths.journey]
        totals = np.bincount(paths.label, weights, len(LABELS))
        assert said.iloc[:, column].reindex(LABELS).tolist() == pytest.approx(totals)
