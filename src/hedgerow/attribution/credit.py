"""Credit: what each outcome's value comes to, touch by touch and in total; double entry, to the minor unit."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hedgerow.attribution.division import Shares, Totals, divide, totals
from hedgerow.attribution.model import choose
from hedgerow.journeys import RULES_VERSION, STEPS, Journeys, Outcomes, Paths
from hedgerow.ledger import Workspace

UNATTRIBUTED = "(unattributed)"


@dataclass(frozen=True)
class Credited:
    """The credit of all outcomes by one model: totals by label and currency."""

    labels: tuple[str, ...]
    currencies: tuple[str, ...]
    totals: Totals

    def rows(self, model: str) -> pa.Table:
        """Return one row for each label and currency that earned, the unattributed ones always, last.

        Columns model, channel, currency (null where the outcome states none), millionths of outcomes, value in
        minor units.
        """
        names, currencies = [*self.labels, UNATTRIBUTED], [*self.currencies, None]
        value, millionths = self.totals.value, self.totals.millionths
        met = {(int(i), int(j)) for i, j in np.argwhere((value != 0) | (millionths != 0))}
        met |= {(len(self.labels), j) for j in {j for _, j in met} or {0}}
        order = sorted(met, key=lambda cell: (cell[0] == len(self.labels), -int(value[cell]), names[cell[0]]))
        return pa.table(
            {
                "model": pa.array([model] * len(order), pa.string()),
                "channel": pa.array([names[i] for i, _ in order], pa.string()),
                "currency": pa.array([currencies[j] for _, j in order], pa.string()),
                "millionths": pa.array([int(millionths[cell]) for cell in order], pa.int64()),
                "value": pa.array([int(value[cell]) for cell in order], pa.int64()),
            }
        )


def credit(journeys: Journeys, spec: str) -> Credited:
    """Return the credit of every outcome of the journeys by the model that `spec` names, in total by label."""
    return credits_by(journeys, [spec])[0]


def credits_by(journeys: Journeys, specs: Sequence[str]) -> list[Credited]:
    """Return the credit by each of some models; the journeys are gone through once for all of them.

    A model that is fitted goes through them once more, before.
    """
    chosen = [choose(spec) for spec in specs]
    fitted = [each.fit(journeys) for each in chosen]
    shape = (len(journeys.labels) + 1, len(journeys.outcomes.currencies) + 1)
    sums = [Totals(np.zeros(shape, np.int64), np.zeros(shape, np.int64)) for _ in chosen]
    for paths in journeys.only(lambda paths: paths.only(paths.converted)):
        for place, (each, weights) in enumerate(zip(chosen, fitted, strict=True)):
            sums[place] += totals(paths, divide(paths, each.weights(paths, weights)))
    return [Credited(journeys.labels, journeys.outcomes.currencies, each) for each in sums]


def postings(workspace: Workspace, journeys: Journeys, spec: str) -> pa.Table:
    """Return the postings of every outcome of the journeys by one model.

    Columns outcome_id, unit, touch_id (null: unattributed), label, model, settings (a digest of all that the
    amounts depend on), currency, value (minor units), millionths. The rows of an outcome sum to its value and to
    a million, exactly.
    """
    chosen = choose(spec)
    fitted = chosen.fit(journeys)
    touch_ids = workspace.engine.sql(f"SELECT touch_id FROM {STEPS}")["touch_id"]
    digest = _digest(workspace, spec)
    parts = [
        _posted(paths, divide(paths, chosen.weights(paths, fitted)), journeys.outcomes, touch_ids) for paths in journeys
    ]
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
