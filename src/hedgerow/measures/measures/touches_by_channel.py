"""Touches by channel and day."""

import ibis
import pyarrow as pa

from hedgerow.measures.measure import Chart, Column, Measure
from hedgerow.measures.scope import Scope


def _expression(scope: Scope) -> pa.Table:
    marks = scope.marks()
    counted = marks.filter(marks.channel.notnull()).group_by(["day", scope.by])
    rows = counted.agg(touches=marks.touch_id.count(), people=marks.person.nunique())
    # What stays of erased people's touches has a month for a time, and counts nobody.
    left = scope.residues().group_by(["day", scope.by])
    erased = left.agg(touches=ibis._.count(), people=ibis.literal(0, "int64"))
    whole = rows.union(erased).group_by(["day", scope.by]).agg(touches=ibis._.touches.sum(), people=ibis._.people.sum())
    return scope.workspace.engine.answer(whole.rename(channel=scope.by).order_by(["day", "channel"]))


MEASURE = Measure(
    question="Which channels bring people, day by day?",
    says="Touches that people made, by the channel that brought them; robots and steps within a visit are left out, "
    "and what erased people did stands in the middle of its month.",
    columns=(
        Column("day", "day", "the day in the workspace's zone"),
        Column("channel", "text", "the channel that was stated or concluded"),
        Column("touches", "count", "touches of that day and channel"),
        Column("people", "count", "different people who made them"),
    ),
    chart=Chart("area", "day", ("touches",), split="channel"),
    expression=_expression,
    by=("channel", "channel_group", "campaign"),
    behind=("day", "channel"),
)
