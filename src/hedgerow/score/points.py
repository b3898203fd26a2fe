"""Points: what each touch gave by which signal, kept beside the ledger; a function of the touch and the rules alone."""

import hashlib

import pyarrow as pa

from hedgerow.journeys import rules_of_marks
from hedgerow.kit.expression import to_duckdb
from hedgerow.ledger import TableKind, Workspace
from hedgerow.ledger.touch import INSTANT
from hedgerow.score.signal import SEEN, Signal, signals_of, strongest_first
from hedgerow.score.weights import KINDS, Weight, name_sql, percent_sql, weights_of

RULES_VERSION = 1
"""Higher by one whenever any touch could be given other points by the same signals, so that all are given anew."""

POINTS = TableKind(
    "points",
    pa.schema(
        [
            ("touch_id", pa.string()),
            ("tie", pa.int32()),
            ("occurred_at", INSTANT),
            ("received_at", INSTANT),
            ("actor_code", pa.int64()),
            ("verb", pa.string()),
            ("signal", pa.string()),
            ("thousandths", pa.int32()),
            ("weights", pa.string()),
            ("community", pa.string()),
            ("hand", pa.int64()),
            ("batch", pa.int64()),
            ("turn", pa.int64()),
        ]
    ),
    unstated=("community",),
)
"""A row a touch that gave points: which signal, how much in thousandths of a point, and the names of the weights in it.

It belongs to the identifier that acted, so a merge or a split of people changes no row. Caps and half-lives are put
to it when a score is asked for."""


def prepare(workspace: Workspace) -> None:
    """Make the table of points where it is missing, so that an empty ledger can be asked."""
    workspace.derived.ensure(POINTS)


def rules_of_points(workspace: Workspace) -> str:
    """Return what points rest on beside the touches: the marks' rules, the signals and the weights in force."""
    signals = [(name, each.verbs, each.when, each.points) for name, each in _giving(workspace)]
    said = repr((RULES_VERSION, rules_of_marks(workspace), signals, weights_of(workspace.settings)))
    return hashlib.sha256(said.encode()).hexdigest()


def give(workspace: Workspace, after: int, upto: int) -> None:
    """Give the touches of the turns behind `after`, up to `upto`, their points; what a program did gets none."""
    prepare(workspace)
    rows = workspace.engine.sql(_given(_giving(workspace), weights_of(workspace.settings), after, upto))
    workspace.derived.append("points", rows.cast(POINTS.schema), upto)


def _giving(workspace: Workspace) -> list[tuple[str, Signal]]:
    return strongest_first(signals_of(workspace.settings))


def _given(signals: list[tuple[str, Signal]], weights: tuple[Weight, ...], after: int, upto: int) -> str:
    verbs = sorted({verb for _, signal in signals for verb in signal.verbs})
    new = f"turn > {after} AND turn <= {upto}"
    columns = ", ".join(column for column in SEEN if column not in ("page", "asset"))
    seen = (
        f"SELECT t.touch_id, m.tie, t.occurred_at, t.received_at, t.actor_code, t.verb, t.source, m.channel, "
        f"m.channel_group, t.medium, m.campaign, t.relation, t.value, t.currency, m.hand, t.batch, t.turn, "
        f"{_PAGE} AS page, {_HOST} AS host, lower(t.title) AS title, lower(t.object) AS object "
        f"FROM (FROM touches WHERE {new} AND verb IN ({_listed(verbs)})) t "
        f"JOIN (FROM marks WHERE {new} AND NOT automaton) m USING (touch_id)"
    )
    seen = f"SELECT *, nullif(concat_ws(' ', page, title, object), '') AS asset FROM ({seen})"
    signalled = (
        f"SELECT {columns}, touch_id, tie, occurred_at, received_at, actor_code, hand, batch, turn, page, host, asset, "
        f"{_signal(signals, verbs)} AS signal FROM ({seen})"
    )
    worth = (
        " ".join(f"WHEN '{name}' THEN {round(signal.points * 1000)}" for name, signal in signals) or "WHEN '' THEN 0"
    )
    percent = " * ".join(f"({percent_sql(weights, kind)})" for kind in KINDS)
    names = ", ".join(name_sql(weights, kind) for kind in KINDS)
    community = [name for name, signal in signals if signal.group == "community"]
    return (
        f"SELECT touch_id, tie, occurred_at, received_at, actor_code, verb, signal, "
        f"round((CASE signal {worth} END)::BIGINT * {percent} / {100 ** len(KINDS)}.0)::INTEGER AS thousandths, "
        f"nullif(concat_ws(', ', {names}), '') AS weights, "
        f"CASE WHEN signal IN ({_listed(community)}) THEN {_COMMUNITY} END AS community, hand, batch, turn "
        f"FROM ({signalled}) WHERE signal IS NOT NULL ORDER BY actor_code, occurred_at, tie"
    )


def _signal(signals: list[tuple[str, Signal]], verbs: list[str]) -> str:
    """Return the SQL for a touch's signal; only the conditions of its own verb are looked at."""
    cases = []
    for verb in verbs:
        own = [
            f"WHEN {to_duckdb(signal.when, SEEN, f'the signal {name}')} THEN '{name}'"
            for name, signal in signals
            if verb in signal.verbs
        ]
        cases.append(f"WHEN '{verb}' THEN CASE {' '.join(own)} END")
    return f"CASE verb {' '.join(cases)} END" if cases else "NULL::VARCHAR"


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "''"


_ADDRESS = "split_part(split_part(lower(t.url), '?', 1), '#', 1)"
_BEHIND = f"split_part({_ADDRESS}, '://', 2)"
_PAGE = (
    f"CASE WHEN starts_with(t.url, '/') THEN {_ADDRESS} WHEN contains({_BEHIND}, '/') "
    f"THEN substr({_BEHIND}, strpos({_BEHIND}, '/')) END"
)
_HOST = f"nullif(split_part({_BEHIND}, '/', 1), '')"
_COMMUNITY = "coalesce(CASE WHEN lower(channel) <> 'community' THEN channel END, host, source)"
