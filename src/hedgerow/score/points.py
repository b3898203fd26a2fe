"""Points: what each touch gave by which signal, kept beside the ledger; a function of the touch and the rules alone."""

import hashlib

import pyarrow as pa

from hedgerow.journeys import rules_of_marks
from hedgerow.kit.expression import columns_of, to_duckdb
from hedgerow.ledger import TableKind, Workspace
from hedgerow.ledger.touch import INSTANT
from hedgerow.score.known import STATEMENTS, note
from hedgerow.score.signal import SEEN, Signal, signals_of, strongest_first
from hedgerow.score.weights import KINDS, Weight, name_sql, weights_of

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


CLICKS = TableKind(
    "clicks",
    pa.schema(
        [
            *((name, POINTS.schema.field(name).type) for name in ("occurred_at", "received_at", "actor_code", "hand")),
            ("target", pa.int64()),
            ("batch", pa.int64()),
            ("turn", pa.int64()),
        ]
    ),
)
"""Every click as its mark has it, by itself: whether a hand is a swarm's is asked each time, and clicks are few."""


def prepare(workspace: Workspace) -> None:
    """Make the tables this room keeps where they are missing, so that an empty ledger can be asked."""
    for kind in (POINTS, CLICKS, STATEMENTS):
        workspace.derived.ensure(kind)


def rules_of_points(workspace: Workspace) -> str:
    """Return what points rest on beside the touches: the marks' rules, the signals and the weights in force."""
    signals = [(name, each.verbs, each.when, each.points) for name, each in _giving(workspace)]
    said = repr((RULES_VERSION, rules_of_marks(workspace), signals, weights_of(workspace.settings)))
    return hashlib.sha256(said.encode()).hexdigest()


def give(workspace: Workspace, after: int, upto: int) -> None:
    """Give the touches of the turns behind `after`, up to `upto`, their points; what a program did gets none.

    What they state of who acted is noted too."""
    prepare(workspace)
    rows = workspace.engine.sql(_given(_giving(workspace), weights_of(workspace.settings), after, upto))
    workspace.derived.append("points", rows.cast(POINTS.schema), upto)
    clicks = workspace.engine.sql(
        f"SELECT {', '.join(CLICKS.schema.names)} FROM marks WHERE turn > {after} AND turn <= {upto} "
        f"AND hand IS NOT NULL ORDER BY hand, occurred_at"
    )
    workspace.derived.append("clicks", clicks.cast(CLICKS.schema), upto)
    note(workspace, after, upto)


def _giving(workspace: Workspace) -> list[tuple[str, Signal]]:
    return strongest_first(signals_of(workspace.settings))


def _given(signals: list[tuple[str, Signal]], weights: tuple[Weight, ...], after: int, upto: int) -> str:
    verbs = sorted({verb for _, signal in signals for verb in signal.verbs})
    new = f"turn > {after} AND turn <= {upto}"
    seen = (
        f"SELECT t.touch_id, m.tie, t.occurred_at, t.received_at, t.actor_code, t.verb, t.source, m.channel, "
        f"m.channel_group, t.medium, m.campaign, t.relation, t.value, t.currency, m.hand, t.batch, t.turn, "
        f"split_part(split_part(t.url, '?', 1), '#', 1) AS address, t.title, t.object "
        f"FROM (FROM touches WHERE {new} AND verb IN ({_listed(verbs)})) t "
        f"JOIN (FROM marks WHERE {new} AND NOT automaton) m USING (touch_id)"
    )
    # Touches alike in all that a rule looks at are judged once: text is dear to search.
    alike = _looked_at(signals, weights)
    same = " AND ".join(f"seen.{name} IS NOT DISTINCT FROM judged.{name}" for name in alike)
    community = _listed([name for name, signal in signals if signal.group == "community"])
    return (
        f"WITH seen AS MATERIALIZED ({seen}), kinds AS (SELECT DISTINCT {', '.join(alike)} FROM seen), "
        f"judged AS MATERIALIZED ({_judged(signals, weights, verbs, alike)}) "
        f"SELECT touch_id, tie, occurred_at, received_at, actor_code, verb, signal, thousandths, weights, "
        f"CASE WHEN signal IN ({community}) THEN {_COMMUNITY} END AS community, hand, batch, turn "
        f"FROM (SELECT seen.*, judged.signal, judged.thousandths, judged.weights FROM seen JOIN judged ON {same}) "
        f"ORDER BY actor_code, occurred_at, tie"
    )


def _looked_at(signals: list[tuple[str, Signal]], weights: tuple[Weight, ...]) -> list[str]:
    """Return the columns that the rules look at, those that page and asset are made of in their place."""
    rules = [signal.when for _, signal in signals] + [weight.when for weight in weights]
    named = {"verb", *(column for rule in rules for column in columns_of(rule))}
    made = {"page": {"address"}, "asset": {"address", "title", "object"}}
    return sorted({each for name in named for each in made.get(name, {name})})


def _judged(signals: list[tuple[str, Signal]], weights: tuple[Weight, ...], verbs: list[str], alike: list[str]) -> str:
    page = f"SELECT *, {_PAGE} AS page FROM kinds" if "address" in alike else "FROM kinds"
    asset = f"SELECT *, {_ASSET} AS asset FROM ({page})" if "title" in alike else page
    named = ", ".join(f"{name_sql(weights, kind)} AS by_{kind}" for kind in KINDS)
    worth = (
        " ".join(f"WHEN '{name}' THEN {round(signal.points * 1000)}" for name, signal in signals) or "WHEN '' THEN 0"
    )
    percent = " ".join(f"WHEN '{weight.name}' THEN {weight.percent}" for weight in weights)
    names = ", ".join(f"by_{kind}" for kind in KINDS)
    product = " * ".join(f"(CASE by_{kind} {percent} ELSE 100 END)" for kind in KINDS)
    return (
        f"SELECT {', '.join(alike)}, signal, nullif(concat_ws(', ', {names}), '') AS weights, "
        f"round((CASE signal {worth} END)::BIGINT * {product} / {100 ** len(KINDS)}.0)::INTEGER AS thousandths "
        f"FROM (SELECT {', '.join(alike)}, {named}, {_signal(signals, verbs)} AS signal FROM ({asset})) "
        f"WHERE signal IS NOT NULL"
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


_BEHIND = "split_part(address, '://', 2)"
_PAGE = (
    f"lower(CASE WHEN starts_with(address, '/') THEN address WHEN contains({_BEHIND}, '/') "
    f"THEN substr({_BEHIND}, strpos({_BEHIND}, '/')) END)"
)
_ASSET = "nullif(concat_ws(' ', page, lower(title), lower(object)), '')"
_HOST = f"nullif(lower(split_part({_BEHIND}, '/', 1)), '')"
_COMMUNITY = f"coalesce(CASE WHEN lower(channel) <> 'community' THEN channel END, {_HOST}, source)"
