"""Sessions by channel: visits, told apart by silence."""

import numpy as np
import pyarrow as pa

from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.scope import Scope


def _expression(scope: Scope) -> pa.Table:
    found = scope.sessions()
    labels = sorted(set(found.channel))
    places = np.searchsorted(labels, found.channel)
    count = np.bincount(places, minlength=len(labels))
    touches = np.bincount(places, weights=found.touches, minlength=len(labels))
    order = np.argsort(-count, kind="stable")
    return pa.table(
        {
            "channel": pa.array([labels[place] for place in order], pa.string()),
            "sessions": count[order],
            "touches_each": touches[order] / np.maximum(1, count[order]),
        }
    )


MEASURE = Measure(
    question="How many visits does each channel start?",
    says="Touches of a person with less than 30 minutes (or what the settings say) between them are one session, "
    "which belongs to the channel of its first touch that has one.",
    columns=(
        Column("channel", "text", "the channel that started the session"),
        Column("sessions", "count", "sessions"),
        Column("touches_each", "number", "touches in a session, on average"),
    ),
    chart=Chart("bar", "channel", ("sessions",)),
    expression=_expression,
    by=("channel", "channel_group", "campaign"),
)
