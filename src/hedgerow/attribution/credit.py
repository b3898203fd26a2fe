"""Credit: what each outcome's value comes to, touch by touch and in total; double entry, to the minor unit."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.attribution.division import Shares, divide
from hedgerow.attribution.model import Chosen, choose
from hedgerow.journeys import RULES_VERSION, STEPS, Outcomes, Paths
from hedgerow.ledger import Workspace

I64 = NDArray[np.int64]
UNATTRIBUTED = "(unattributed)"
MILLION = 1_000_000


@dataclass(frozen=True)
class Credited:
    """Totals of credit: (k + 1, c + 1) value in minor units and millionths of outcomes, by label and currency.

    The last row is unattributed; the last column is for outcomes that state no currency.
    """

    labels: tuple[str, ...]
    currencies: tuple[str, ...]
    value: I64
    millionths: I64

    def rows(self, model: str) -> pa.Table:
        """Return one row for each label and currency that earned, the unattributed ones always, last."""
        names = [*self.labels, UNATTRIBUTED]
        currencies = [*self.currencies, None]
        met = {(int(i), int(j)) for i, j in np.argwhere((self.value != 0) | (self.millionths != 0))}
        used = sorted({j for _, j in met}) or [0]
        met |= {(len(self.labels), j) for j in used}
        order = sorted(met, key=lambda cell: (cell[0] == len(self.labels), -int(self.value[cell]), names[cell[0]]))
        return pa.table(
            {
                "model": pa.array([model] * len(order), pa.string()),
                "channel": pa.array([names[i] for i, _ in order], pa.string()),
                "currency": pa.array([currencies[j] for _, j in order], pa.string()),
                "millionths": pa.array([int(self.millionths[cell]) for cell in order], pa.int64()),
                "value": pa.array([int(self.value[cell]) for cell in order], pa.int64()),
            }
        )


def credit(blocks: Sequence[Paths], spec: str) -> Credited:
    """Return the credit of every outcome of the paths by the model that `spec` names, in total by label."""
    chosen = choose(spec)
    fitted = chosen.fit(blocks)
    labels = blocks[0].labels if blocks else ()
    currencies = blocks[0].currencies if blocks else ()
    shape = (len(labels) + 1, len(currencies) + 1)
    value, millionths = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for paths in blocks:
        _add(value, millionths, paths, chosen, fitted)
    return Credited(labels, currencies, value, millionths)


def _add(value: I64, millionths: I64, paths: Paths, chosen: Chosen, fitted: NDArray[np.float64] | None) -> None:
    shares = divide(paths, chosen.weights(paths, fitted))
    width = value.shape[1]
    # An outcome without a currency has code -1: that is the last column.
    currency = paths.currency.astype(np.int64) % width
    steps = paths.label.astype(np.int64) * width + currency[paths.journey]
    lost = (value.shape[0] - 1) * width + currency
    for total, earned, left in (
        (value, shares.value, shares.unattributed_value),
        (millionths, shares.millionths, shares.unattributed_millionths),
    ):
        total += _summed(steps, earned, total.size).reshape(total.shape)
        total += _summed(lost, left, total.size).reshape(total.shape)


def _summed(cell: I64, amounts: I64, size: int) -> I64:
    """Return exact integer sums by cell: 64-bit floats hold each half of an amount and its sums exactly."""
    low = np.bincount(cell, weights=(amounts & 0xFFFFFF).astype(np.float64), minlength=size)
    high = np.bincount(cell, weights=(amounts >> 24).astype(np.float64), minlength=size)
    return (high.astype(np.int64) << 24) + low.astype(np.int64)


def postings(workspace: Workspace, blocks: Sequence[Paths], outcomes: Outcomes, spec: str) -> pa.Table:
    """Return the postings of every outcome of the paths by one model.

    Columns outcome_id, unit, touch_id (null: unattributed), label, model, settings (a digest of all that the
    amounts depend on), currency, value (minor units), millionths. The rows of an outcome sum to its value and to
    a million, exactly.
    """
    chosen = choose(spec)
    fitted = chosen.fit(blocks)
    touch_ids = workspace.engine.sql(f"SELECT touch_id FROM {STEPS}")["touch_id"]
    digest = _digest(workspace, spec)
    parts = [_posted(paths, divide(paths, chosen.weights(paths, fitted)), outcomes, touch_ids) for paths in blocks]
    rows = pa.concat_tables(parts)
    constant = {"model": spec, "settings": digest}
    for name, text in constant.items():
        rows = rows.append_column(name, pa.array([text]).take(pa.array(np.zeros(len(rows), np.int64))))
    return rows


def _posted(paths: Paths, shares: Shares, outcomes: Outcomes, touch_ids: pa.ChunkedArray) -> pa.Table:
    earning = paths.converted[paths.journey]
    journey = np.concatenate([paths.journey[earning], np.flatnonzero(paths.converted & (paths.sizes == 0))])
    alone = len(journey) - int(earning.sum())
    labels = np.append(paths.label[earning], np.full(alone, len(paths.labels)))
    currency = pa.array([*paths.currencies, None], pa.string())
    ids = touch_ids.take(pa.array(paths.row[earning])).combine_chunks()
    return pa.table(
        {
            "outcome_id": outcomes.id.take(pa.array(paths.outcome[journey])),
            "unit": paths.unit[journey],
            "touch_id": pa.concat_arrays([ids, pa.nulls(alone, pa.string())]),
            "label": pa.array([*paths.labels, UNATTRIBUTED]).take(pa.array(labels)),
            "currency": currency.take(pa.array(paths.currency[journey].astype(np.int64) % len(currency))),
            "value": np.append(shares.value[earning], shares.unattributed_value[journey[len(journey) - alone :]]),
            "millionths": np.append(
                shares.millionths[earning], shares.unattributed_millionths[journey[len(journey) - alone :]]
            ),
        }
    )


def _digest(workspace: Workspace, spec: str) -> str:
    said = repr((spec, workspace.settings.journeys, RULES_VERSION))
    return hashlib.sha256(said.encode()).hexdigest()[:16]
