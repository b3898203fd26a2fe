"""Training: what levels are worth is learned without labels, and found again where it is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.people.matching.scoring.training import Model, parts, probabilities, train, weights
from hedgerow.people.matching.scoring.vectors import Vectors

M = {"name": np.array([0.1, 0.2, 0.7]), "mail": np.array([0.2, 0.8]), "town": np.array([0.3, 0.7])}
U = {"name": np.array([0.93, 0.06, 0.01]), "mail": np.array([0.999, 0.001]), "town": np.array([0.8, 0.2])}
COUNT, PRIOR = 100_000, 0.03


def drawn(seed: int, unknown: float = 0.0) -> tuple[Vectors, np.ndarray]:
    """Return pairs whose levels are drawn from `M` and `U`, with a first model that is far off, and the truth."""
    chance = np.random.default_rng(seed)
    same = chance.random(COUNT) < PRIOR
    level = {}
    for name in M:
        levels = np.where(same, *(chance.choice(len(M[name]), COUNT, p=p[name]) for p in (M, U)))
        level[name] = np.where(chance.random(COUNT) < unknown, -1, levels).astype(np.int8)
    sampled = {name: np.bincount(each[each >= 0], minlength=len(M[name])) for name, each in level.items()}
    return Vectors(
        np.arange(COUNT),
        np.arange(COUNT) + 1,
        np.zeros(COUNT, bool),
        level,
        {name: np.zeros(COUNT) for name in M},
        {name: np.arange(1, len(m) + 1) / np.arange(1, len(m) + 1).sum() for name, m in M.items()},
        {name: counts / counts.sum() for name, counts in sampled.items()},
        0.0005,
        COUNT,
    ), same


@pytest.mark.parametrize("unknown", [0.0, 0.2])
def test_what_is_known_is_found_again(unknown: float) -> None:
    known, same = drawn(3, unknown)
    model = train(known)
    assert model.prior == pytest.approx(PRIOR, rel=0.15)
    for name in M:
        assert model.m[name] == pytest.approx(M[name], abs=0.08)
        assert model.u[name] == pytest.approx(U[name], rel=0.15, abs=2e-3)
    assert probabilities(weights(known, model)).sum() == pytest.approx(same.sum(), rel=0.15)


def test_probabilities_mean_what_they_say() -> None:
    known, same = drawn(4)
    probability = probabilities(weights(known, train(known)))
    for low, high in ((0.01, 0.2), (0.2, 0.8), (0.8, 1.0)):
        among = (probability >= low) & (probability < high)
        assert not among.any() or abs(same[among].mean() - probability[among].mean()) < 0.1


@given(
    m=st.lists(st.floats(0.01, 1), min_size=2, max_size=2),
    u=st.lists(st.floats(0.01, 1), min_size=2, max_size=2),
    level=st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=9),
)
@settings(max_examples=50)
def test_parts_and_the_prior_sum_to_the_weight_and_what_is_unknown_adds_nothing(
    m: list[float], u: list[float], level: list[int]
) -> None:
    model = Model({"x": np.array(m)}, {"x": np.array(u)}, 0.01)
    levels, zeros = {"x": np.array(level, np.int8)}, np.zeros(len(level))
    person = np.arange(len(level))
    known = Vectors(person, person, zeros > 0, levels, {"x": zeros}, model.m, model.u, 0.01, 100)
    added = parts(known, model)["x"]
    assert weights(known, model) == pytest.approx(np.log2(0.01 / 0.99) + added)
    assert (added[levels["x"] < 0] == 0).all()
