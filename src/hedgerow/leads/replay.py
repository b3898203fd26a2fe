"""A replay: what another charter would have done with the leads there were, day by day, beside what was done."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from msgspec.structs import asdict, replace
from numpy.typing import NDArray

from hedgerow.charter import Charter, Desk, assign
from hedgerow.kit import HedgerowError, clock
from hedgerow.leads.change import Change, State, becomes, instant
from hedgerow.leads.moving import UNNAMED, look, members_of, next_change
from hedgerow.leads.state import CHANGES
from hedgerow.ledger import Workspace
from hedgerow.people import Clusters, clusters

I64 = NDArray[np.int64]
ROUNDS = 20

COMPARED = pa.schema(
    [
        ("identifier", pa.string()),
        ("was_handed_at", pa.timestamp("us", "UTC")),
        ("was_stage", pa.string()),
        ("would_be_handed_at", pa.timestamp("us", "UTC")),
        ("would_be_stage", pa.string()),
        ("won", pa.bool_()),
    ]
)
"""A lead that was handed to sales or would have been: when first, where it stands, and whether a deal was won."""


def replay(
    workspace: Workspace,
    charter: Charter,
    since: datetime,
    every: timedelta = timedelta(days=1),
    progress: Callable[[datetime], None] = lambda _: None,
) -> pa.Table:
    """Return `COMPARED`: what was handed over since an instant, and what would have been under another charter.

    Everything begins anew at `since`: leads there were by then come to the first stage when they are next heard of.
    The charter decides `every` so often; what salespeople answered is taken for their answer wherever a lead waits for
    one at that time. Who is who is taken as it is known today. Raises `HedgerowError` for a time to come.
    """
    if since >= clock.now():
        raise HedgerowError(f"{since:%Y-%m-%d} is not past: name a day before today.")
    at, end, step = clock.microseconds(since), clock.microseconds(clock.now()), every // timedelta(microseconds=1)
    world = _World(workspace, charter, clusters(workspace), step=step, lived=at)
    while at < end:
        at = min(at + step, end)
        world.live(at)
        progress(instant(at))
    return _compared(workspace, world, clock.microseconds(since))


@dataclass
class _World:
    """Leads as another charter would have them: the changes of each, by its code, and when to look at it again."""

    workspace: Workspace
    charter: Charter
    known: Clusters
    changes: dict[int, list[tuple[int, Change]]] = field(default_factory=lambda: defaultdict(list))
    next_at: dict[int, int] = field(default_factory=dict)
    step: int = 0
    lived: int = 0
    pending: list[tuple[int, int, str, str]] = field(default_factory=list)
    last: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        self.names, self.first = _candidates(self.workspace, self.known)
        self.heard = _heard(self.workspace, self.known)
        self.answers = _answers(self.workspace, self.known)

    def live(self, at: int) -> None:
        """Let time go on to an instant, whatever happened since being taken in."""
        self._answer(at)
        at_heard, person = self.heard
        some = np.unique(person[(at_heard > self.lived) & (at_heard <= at)]).tolist()
        waiting = {self.first[who] for who in some if who in self.first}
        waiting |= {lead for lead, due in self.next_at.items() if due <= at}
        waiting |= {lead for lead, changes in self.changes.items() if changes[-1][0] > self.lived}
        for _ in range(ROUNDS):
            waiting = self._round(sorted(waiting), at)
            if not waiting:
                break
        self.lived = at

    def _round(self, leads: list[int], at: int) -> set[int]:
        if not leads:
            return set()
        lead, size = np.array(leads, np.int64), len(leads)
        begin = [None if self.changes.get(each) else self.charter.begin for each in leads]
        columns = {"row": np.arange(size), "lead": lead, "person": self.known.person[lead]}
        pairs = pa.table({**columns, "instant": np.full(size, at), "begin": pa.array(begin, pa.string())})
        wanted = np.isin(self.known.person, self.known.person[lead])
        members = members_of(self.known, lead, np.flatnonzero(wanted))
        looked = look(self.workspace, self.charter, pairs, members, at, self._table(leads))
        desks: dict[str, Desk] = {}
        changed = set()
        for place, (row, said) in enumerate(zip(looked.facts.to_pylist(), looked.said.to_pylist(), strict=True)):
            self.next_at[leads[place]] = int(looked.next_at[place])
            named = {**row, "identifier": self.names[leads[place]]}
            found = next_change(self.charter, named, said, looked.late.get(place, []), at, self._finder(desks))
            if found:
                self.changes[leads[place]].append((at, found))
                changed.add(leads[place])
        return changed

    def _finder(self, desks: dict[str, Desk]) -> Callable[..., tuple[str, str | None]]:
        def find(state: State, team: str, route: str | None, language: str | None) -> tuple[str, str | None]:
            had = state.owners.get(team)
            if had is not None and had in becomes(self.charter, team):
                return had, None
            if team not in desks:
                desks[team] = Desk(self._loads(team), self.last[team])
            return assign(self.charter.teams[team], [(route, language)], desks[team])[0], route or ""

        return find

    def _loads(self, team: str) -> dict[str, int]:
        loads: dict[str, int] = defaultdict(int)
        for changes in self.changes.values():
            then = changes[-1][1].then
            if then.team == team and not self.charter.stages[then.stage].end:
                loads[then.owner] += 1
        return loads

    def _answer(self, at: int) -> None:
        """Let salespeople answer as they did, where a lead waits for it: an answer waits for two steps at the most."""
        self.pending += [each for each in self.answers if self.lived < each[0] <= at]
        left = []
        for made, person, verb, reason in self.pending:
            lead = self.first.get(person, -1)
            last = self.changes[lead][-1][1] if self.changes.get(lead) else None
            then = last.then if last else None
            waits = then is not None and self.charter.teams[then.team].side == "sales"
            if last and then and waits and not (then.accepted or then.returned) and made > then.entered_at - self.step:
                answer: dict[str, Any] = {"accepted": True} if verb == "take" else {"returned": True, "reason": reason}
                state = replace(then, step=then.step + 1, rule="", **answer)
                self.changes[lead].append((at, Change(self.names[lead], verb, max(made, last.at), state)))
            elif made > at - 2 * self.step:
                left.append((made, person, verb, reason))
        self.pending = left

    def _table(self, leads: list[int]) -> pa.Table:
        rows = [_row(lead, each) for lead in leads for _, each in self.changes.get(lead, ())]
        return pa.Table.from_pylist(rows, schema=CHANGES.schema)


def _row(lead: int, each: Change) -> dict[str, Any]:
    then = asdict(each.then)
    instants = {name: None if then[name] is None else instant(then[name]) for name in ("entered_at", "wake_at")}
    texts = {name: msgspec.json.encode(then[name]).decode() for name in ("owners", "facts")}
    return {**then, **instants, **texts, "lead": lead, "verb": each.verb, "changed_at": instant(each.at)}


def _candidates(workspace: Workspace, known: Clusters) -> tuple[dict[int, str], dict[int, int]]:
    """Return the identifiers leads can stand under, and for each person the first of theirs."""
    kinds = ", ".join(f"'{kind}'" for kind in UNNAMED)
    rows = workspace.engine.sql(
        f"SELECT code, kind || ':' || value AS name FROM identifiers WHERE kind NOT IN ({kinds}) ORDER BY code"
    )
    codes = rows["code"].to_pylist()
    first: dict[int, int] = {}
    for code in codes:
        first.setdefault(int(known.person[code]), code)
    return dict(zip(codes, rows["name"].to_pylist(), strict=True)), first


def _heard(workspace: Workspace, known: Clusters) -> tuple[I64, I64]:
    rows = workspace.engine.sql(
        "SELECT epoch_us(occurred_at) AS made, actor_code AS code FROM marks UNION ALL "
        "SELECT epoch_us(coalesce(changed_at, opened_at, received_at)), unnest(people_codes) FROM deals_history"
    )
    return rows["made"].to_numpy().astype(np.int64), known.person[rows["code"].to_numpy().astype(np.int64)]


def _answers(workspace: Workspace, known: Clusters) -> list[tuple[int, int, str, str]]:
    rows = workspace.engine.sql(
        "SELECT epoch_us(changed_at) AS made, lead, verb, reason FROM changes WHERE verb IN ('take', 'return') "
        "ORDER BY made, lead, step"
    ).to_pylist()
    return [(row["made"], int(known.person[row["lead"]]), row["verb"], row["reason"]) for row in rows]


def _compared(workspace: Workspace, world: _World, since: int) -> pa.Table:
    was = {row["person"]: row for row in _was(workspace, world, since)}
    would = {int(world.known.person[lead]): row for lead, row in _would(world)}
    won = set(world.known.person[_buyers(workspace)].tolist())
    rows = [
        {
            "identifier": world.names[world.first[person]],
            "was_handed_at": was.get(person, {}).get("handed_at"),
            "was_stage": was.get(person, {}).get("stage"),
            "would_be_handed_at": would.get(person, {}).get("handed_at"),
            "would_be_stage": would.get(person, {}).get("stage"),
            "won": person in won,
        }
        for person in sorted(was.keys() | would.keys())
    ]
    return pa.Table.from_pylist(rows, schema=COMPARED)


def _was(workspace: Workspace, world: _World, since: int) -> Iterator[dict[str, Any]]:
    """Yield for each person that was handed over since then when first, and where the lead stands."""
    sales = [name for name, team in world.charter.teams.items() if team.side == "sales"]
    rows = workspace.engine.sql(
        f"SELECT lead, min(changed_at) FILTER (warm AND team IN (SELECT team FROM sales) "
        f"AND epoch_us(changed_at) > {since}) AS handed_at, arg_max(stage, step) AS stage "
        f"FROM changes GROUP BY lead ORDER BY lead",
        sales=pa.table({"team": pa.array(sales, pa.string())}),
    ).to_pylist()
    for row in rows:
        if row["handed_at"] is not None:
            yield {**row, "person": int(world.known.person[row["lead"]])}


def _would(world: _World) -> Iterator[tuple[int, dict[str, Any]]]:
    for lead, changes in world.changes.items():
        handed = [
            made for made, each in changes if each.then.warm and world.charter.teams[each.then.team].side == "sales"
        ]
        if handed:
            yield lead, {"handed_at": instant(handed[0]), "stage": changes[-1][1].then.stage}


def _buyers(workspace: Workspace) -> I64:
    rows = workspace.engine.sql("SELECT DISTINCT unnest(people_codes) AS code FROM deals WHERE won ORDER BY code")
    codes: I64 = rows["code"].to_numpy().astype(np.int64)
    return codes
