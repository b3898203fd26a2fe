"""Behind a number: the touches that a row of an answer was made of, each with what it earned."""

from datetime import date

import ibis
import pyarrow as pa

from hedgerow.journeys import NO_CAMPAIGN
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace
from hedgerow.measures.asking import checked, shelf
from hedgerow.measures.measure import Asked
from hedgerow.measures.scope import Scope

MOST = 1_000
"""Touches shown behind one number; the answer says how many there are in all."""

_COLUMNS = "occurred_at, verb, actor, t.channel, t.campaign, url, title, source, t.touch_id"


def behind(workspace: Workspace, name: str, asked: Asked, row: dict[str, str]) -> pa.Table:
    """Return the touches behind the row of a measure that has these values in its `behind` columns.

    Columns occurred_at, verb, actor, channel, campaign, url, title, source, touch_id; `credit` (minor units) and
    `currency` where the measure is one of credit. At most `MOST` rows, the latest or highest first; the schema's
    metadata says `all`, their whole number. Raises `HedgerowError` where nothing is behind the measure's rows.
    """
    asked = checked(name, asked)
    measure = shelf()[name]
    if not measure.behind:
        raise HedgerowError(f"No touches lie behind the rows of {name}: ask touches_by_channel for some.")
    missing = [column for column in measure.behind if column not in row]
    if missing:
        raise HedgerowError(f"Which row of {name} is meant? Say its {' and '.join(missing)}.")
    scope = Scope(workspace, asked)
    if "model" in measure.behind:
        return _earning(scope, row)
    if "day" in measure.behind:
        return _of_a_day(scope, row)
    return _on_journeys(scope, row)


def _of_a_day(scope: Scope, row: dict[str, str]) -> pa.Table:
    try:
        day = (date.fromisoformat(row["day"]) - date(1970, 1, 1)).days
    except ValueError:
        raise HedgerowError(f"'{row['day']}' is no day: write it as 2026-01-31.") from None
    marks = scope.marks()
    met = marks.filter(marks.day == day, _labelled(marks, scope.by, row["channel"]), marks.channel.notnull())
    return _touches(scope, scope.workspace.engine.answer(met.select("touch_id")))


def _on_journeys(scope: Scope, row: dict[str, str]) -> pa.Table:
    marks = scope.marks()
    met = marks.filter(_labelled(marks, scope.by, row["channel"]), marks.channel.notnull())
    return _touches(scope, scope.workspace.engine.answer(met.select("touch_id")))


def _labelled(marks: ibis.Table, by: str, label: str) -> ibis.Value:
    return marks[by].isnull() if label in ("", NO_CAMPAIGN) else marks[by] == label


def _earning(scope: Scope, row: dict[str, str]) -> pa.Table:
    posted = scope.postings(row["model"])
    chosen = posted.filter(pa.compute.equal(posted["label"], row["channel"]))
    if row["currency"] not in ("", "none", "None"):
        chosen = chosen.filter(pa.compute.equal(chosen["currency"], row["currency"]))
    credit = chosen.group_by(["touch_id", "currency"]).aggregate([("value", "sum")])
    credit = credit.filter(pa.compute.is_valid(credit["touch_id"]))
    return _touches(scope, credit.rename_columns(["touch_id", "currency", "credit"]))


def _touches(scope: Scope, chosen: pa.Table) -> pa.Table:
    extra = ", credit, chosen.currency" if "credit" in chosen.column_names else ""
    order = "credit DESC, occurred_at DESC" if extra else "occurred_at DESC"
    rows = scope.workspace.engine.sql(
        f"SELECT {_COLUMNS}{extra} FROM touches t JOIN chosen ON chosen.touch_id = t.touch_id "
        f"ORDER BY {order}, t.touch_id LIMIT {MOST}",
        chosen=chosen,
    )
    return rows.replace_schema_metadata({"all": str(len(chosen))})
