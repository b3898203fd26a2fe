"""Removal effects: the share of conversions that a chain of all journeys loses without a channel."""

from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import linalg

from hedgerow.attribution.chain import Chain, chain
from hedgerow.attribution.model import Floats, choose
from hedgerow.journeys.paths import Integers, Paths
from hedgerow.kit import HedgerowError, money

TOLERANCE = 1e-13
"""The bound on the error of a removal effect, relative to the effect."""
ROUNDS = 2000
"""Iterations after which a chain that still walks is solved by elimination instead."""
CELLS = 1 << 22
"""States times labels solved at once, so that memory stays bounded."""
DIGITS = 12
"""Significant digits kept: what summing in another order changes lies below, so the order of labels can't matter."""


def removal_effects(blocks: Iterable[Paths], order: int) -> Floats:
    """Return (k,) the removal effect of each label, 0 to 1: the share of conversions whose walk meets it.

    The removed label's states lead to null and the chain is not fitted again (Anderl et al. 2016). Without
    any conversion, all are 0. Rounded to 12 significant digits.
    """
    return _effects(chain(blocks, order))


def classic_totals(blocks: Iterable[Paths], spec: str) -> pa.Table:
    """Return all outcomes that some step led to, shared by normalised removal effects: Markov's classic totals.

    `spec` is a markov model ("markov:2"); the blocks are gone through twice, so an iterator won't do. Columns
    model, channel, removal_effect, currency (null for outcomes that state none), conversions, value in minor
    units; a row for each label with an effect and each currency, largest first. Values sum to what they share,
    to the minor unit. Raises `HedgerowError` for a spec of another model.
    """
    chosen = choose(spec)
    if chosen.name != "markov":
        raise HedgerowError(f"The model {chosen.name} has no removal effects: ask for markov, or markov:2.")
    effects = removal_effects(blocks, int(chosen.value))
    led = np.flatnonzero(effects)
    led = led[np.argsort(-effects[led], kind="stable")]
    labels, outcomes = _outcomes(blocks)
    rows = [
        {
            "model": spec,
            "channel": labels[label],
            "removal_effect": effects[label],
            "currency": currency,
            "conversions": count * effects[label] / effects.sum(),
            "value": share,
        }
        for currency, count, value in outcomes
        for label, share in zip(led, money.divide(value, list(effects[led] / effects.sum())), strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


_SCHEMA = pa.schema(
    [
        ("model", pa.string()),
        ("channel", pa.string()),
        ("removal_effect", pa.float64()),
        ("currency", pa.string()),
        ("conversions", pa.float64()),
        ("value", pa.int64()),
    ]
)


def _outcomes(blocks: Iterable[Paths]) -> tuple[tuple[str, ...], list[tuple[str | None, int, int]]]:
    """Return the labels, and for each currency met how many outcomes some step led to, and their value."""
    labels: tuple[str, ...] = ()
    sums: dict[str | None, tuple[int, int]] = {}
    for paths in blocks:
        labels, led = paths.labels, paths.converted & (paths.sizes > 0)
        for code in np.unique(paths.currency[led]):
            own = led & (paths.currency == code)
            currency = paths.currencies[code] if code >= 0 else None
            count, value = sums.get(currency, (0, 0))
            sums[currency] = (count + int(own.sum()), value + int(paths.value[own].sum()))
    ordered = sorted(sums.items(), key=lambda item: (item[0] is None, item[0]))
    return labels, [(currency, count, value) for currency, (count, value) in ordered]


def _effects(fitted: Chain) -> Floats:
    effects = np.zeros(fitted.width)
    if not fitted.converts.any():
        return effects
    converting = _converting(fitted)
    met = np.unique(fitted.labels[fitted.labels >= 0])
    width = max(1, CELLS // len(converting))
    for begin in range(0, len(met), width):
        columns = met[begin : begin + width]
        effects[columns] = _converting_through(fitted, converting, columns) / converting[0]
    return rounded(effects)


def rounded(values: Floats) -> Floats:
    """Return `values`, not negative, each rounded to 12 significant digits."""
    exponent = np.floor(np.log10(values, where=values > 0, out=np.zeros(len(values)))).astype(np.int64)
    scale = 10.0 ** (DIGITS - 1 - exponent)
    return np.asarray(np.round(values * scale) / scale, np.float64)


def _converting(fitted: Chain) -> Floats:
    """Return (n,) the probability that a walk converts, from each state on."""

    def step(before: Floats) -> Floats:
        after: Floats = fitted.moves @ before + fitted.converts
        return after

    def close(before: Floats, after: Floats) -> bool:
        return bool((after - before <= TOLERANCE * after).all())

    settled = _settled(step, close, np.zeros(len(fitted.converts)))
    return _eliminated(fitted, np.arange(len(fitted.converts)), fitted.converts) if settled is None else settled


def _converting_through(fitted: Chain, converting: Floats, columns: Integers) -> Floats:
    """Return for each label of `columns` the probability that a walk from the start meets it and converts.

    Computed as such, not as 1 minus its complement, so that the effects of rare labels keep their digits.
    """
    meets = (fitted.labels[:, :, None] == columns).any(axis=1)
    fixed = np.where(meets, converting[:, None], 0.0)

    def step(before: Floats) -> Floats:
        after: Floats = fitted.moves @ before
        np.copyto(after, fixed, where=meets)
        return after

    def close(before: Floats, after: Floats) -> bool:
        # What is missing from the start is at most the visits to each state times the state's last change.
        return bool((fitted.visits @ np.abs(after - before) <= TOLERANCE * after[0]).all())

    settled = _settled(step, close, fixed)
    if settled is not None:
        return np.asarray(settled[0])
    return np.array([_through(fitted, fixed[:, i], meets[:, i]) for i in range(len(columns))])


def _through(fitted: Chain, fixed: Floats, meets: NDArray[np.bool_]) -> float:
    free = np.flatnonzero(~meets)
    return float(_eliminated(fitted, free, fitted.moves @ fixed)[0])


def _settled(step: Callable[[Floats], Floats], close: Callable[[Floats, Floats], bool], x: Floats) -> Floats | None:
    """Return the fixed point of `step`, reached from below; None where it isn't reached in time."""
    for _ in range(ROUNDS // 8):
        for _ in range(8):
            before, x = x, step(x)
        if close(before, x):
            return x
    return None


def _eliminated(fitted: Chain, states: Integers, source: Floats) -> Floats:
    """Return the solution of x = moves @ x + source over `states` only, by sparse elimination."""
    stays = sparse.eye_array(len(states)) - fitted.moves[states][:, states]
    return np.asarray(linalg.splu(stays.tocsc()).solve(source[states]))
