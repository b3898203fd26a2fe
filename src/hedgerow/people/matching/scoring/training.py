"""Training: what each level is worth, learned from the candidates themselves, without labels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hedgerow.people.matching.scoring.vectors import Floats, Vectors

ITERATIONS = 200
CONVERGED = 1e-5
COUNTED = 1.0
"""How many matching pairs the first model counts for in each comparison: enough that no level is impossible."""


@dataclass(frozen=True)
class Model:
    """What levels are worth: the shares `m` of matching pairs and `u` of others, by comparison and level.

    `prior` is the probability that two people drawn at random are one.
    """

    m: dict[str, Floats]
    u: dict[str, Floats]
    prior: float


def train(known: Vectors) -> Model:
    """Return the model with the highest likelihood of the candidates' levels, by expectation maximisation.

    It starts from the first model. Candidates hold nearly all matching pairs, so all comparisons are estimated at
    once from all candidates, and `prior` counts the pairs that were not candidates too. What was sampled at
    random for `u` holds matching pairs as well: their share, prior times m, is taken out of it again
    (P(level) = prior m + (1 - prior) u).
    """
    model = Model(dict(known.m), dict(known.u), known.prior)
    sampled = dict(known.u)
    known, counts = _patterns(known)
    for _ in range(ITERATIONS):
        probability = probabilities(weights(known, model)) * counts
        after = _maximised(known, sampled, probability)
        moved = max(float(np.abs(after.m[name] - model.m[name]).max()) for name in model.m)
        model = after
        if moved < CONVERGED:
            break
    return model


def weights(known: Vectors, model: Model) -> Floats:
    """Return (n,) the match weight of each pair in bits, the prior included (log2 of odds)."""
    total = np.full(len(known.a), np.log2(model.prior / (1 - model.prior)))
    for part in parts(known, model).values():
        total += part
    return total


def parts(known: Vectors, model: Model) -> dict[str, Floats]:
    """Return for each comparison (n,) the bits it adds to each pair's weight."""
    found = {}
    for name, level in known.level.items():
        bits = np.append(np.log2(model.m[name]) - np.log2(model.u[name]), 0.0)
        found[name] = bits[level] + known.rarity[name]
    return found


def probabilities(weight: Floats) -> Floats:
    """Return the probability of each weight in bits: 2^w / (1 + 2^w)."""
    return 1 / (1 + np.exp2(-np.clip(weight, -500, 500)))


def _patterns(known: Vectors) -> tuple[Vectors, Floats]:
    """Return each combination of levels and rarity (in eighths of a bit) once, and how many pairs have it."""
    rarity = np.zeros(len(known.a))
    for each in known.rarity.values():
        rarity += each
    steps, step = np.unique(np.round(rarity * 8), return_inverse=True)
    at, counts = distinct([step, *known.level.values()])
    level = {name: each[at] for name, each in known.level.items()}
    none = dict.fromkeys(level, np.zeros(len(at)))
    one = {**none, **dict.fromkeys(list(level)[:1], steps[step[at]] / 8)}
    return replace(known, a=known.a[at], level=level, rarity=one), counts


def distinct(columns: Sequence[NDArray[np.integer]]) -> tuple[NDArray[np.int64], Floats]:
    """Return where each combination of the columns' integers (from -1) is first, and how often it is there."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        code = code * (int(column.max(initial=0)) + 2) + column + 1
        # More columns than fit a word are numbered anew on the way.
        if code.max(initial=0) > 2**50:
            code = np.unique(code, return_inverse=True)[1]
    _, at, counts = np.unique(code, return_index=True, return_counts=True)
    return at, counts.astype(np.float64)


def _maximised(known: Vectors, sampled: dict[str, Floats], probability: Floats) -> Model:
    prior = min(max(float(probability.sum()) / known.random_pairs, 1 / known.random_pairs), 0.5)
    m, u = {}, {}
    for name, level in known.level.items():
        stated = level >= 0
        counts = np.bincount(level[stated], probability[stated], len(sampled[name]))
        first = known.m[name] / known.m[name].sum()
        m[name] = (counts + COUNTED * first) / (counts.sum() + COUNTED)
        others = sampled[name] - prior * m[name]
        least = 0.5 / known.random_pairs
        u[name] = np.maximum(others, least)
        u[name] /= u[name].sum()
    return Model(m, u, prior)
