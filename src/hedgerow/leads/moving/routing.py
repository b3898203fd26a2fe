"""Routing: who of a team gets a lead: who had it there last, or whom the charter's route finds."""

from collections.abc import Mapping

import pyarrow as pa

from hedgerow.charter import Charter, Desk, assign
from hedgerow.leads.change import State, becomes
from hedgerow.leads.current import ACTIVE
from hedgerow.ledger import Workspace


class Router:
    """Finds owners in one round, in order of asking; each lead found adds to its owner's load."""

    def __init__(self, workspace: Workspace, charter: Charter, states: pa.Table) -> None:
        self._workspace, self._charter, self._states = workspace, charter, states
        self._desks: dict[str, Desk] = {}

    def find(self, state: State, team: str, route: str | None, language: str | None) -> tuple[str, str | None]:
        """Return who of a team gets a lead, and by which route ("" by none) if one had to be asked."""
        had = state.owners.get(team)
        if had in becomes(self._charter, team) and had is not None:
            return had, None
        owner = assign(self._charter.teams[team], [(route, language)], self._desk(team))[0]
        return owner, route or ""

    def _desk(self, team: str) -> Desk:
        if team not in self._desks:
            self._desks[team] = Desk(_loads(self._workspace, self._charter, self._states, team), self._last(team))
        return self._desks[team]

    def _last(self, team: str) -> dict[str, str]:
        rows = self._workspace.engine.sql(
            f"SELECT route, arg_max(owner, (turn, lead)) AS owner FROM changes WHERE route IS NOT NULL "
            f"AND team = '{team.replace(chr(39), chr(39) * 2)}' GROUP BY route"
        )
        return dict(zip(rows["route"].to_pylist(), rows["owner"].to_pylist(), strict=True))


def _loads(workspace: Workspace, charter: Charter, states: pa.Table, team: str) -> dict[str, int]:
    """Return how many leads each person of a team has that are not at an end, those just being looked at included."""
    ends = [name for name, stage in charter.stages.items() if stage.end]
    listed = pa.table({"stage": pa.array(ends, pa.string())})
    rows = workspace.engine.sql(
        f"SELECT owner, count(*) AS count FROM (SELECT owner, team, stage FROM {ACTIVE} WHERE lead NOT IN "
        f"(SELECT lead FROM looked) UNION ALL SELECT owner, team, stage FROM looked WHERE ceded_to IS NULL) "
        f"WHERE team = '{team.replace(chr(39), chr(39) * 2)}' AND stage NOT IN (SELECT stage FROM ends) GROUP BY owner",
        looked=states.select(["lead", "owner", "team", "stage", "ceded_to"]),
        ends=listed,
    )
    counts: Mapping[str, int] = dict(zip(rows["owner"].to_pylist(), rows["count"].to_pylist(), strict=True))
    return dict(counts)
