"""A small market that tests drive: what people do, what the sides do, and the mill turning as time goes by."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from unittest.mock import patch

from hedgerow import leads, mill
from hedgerow.charter import Charter, Verdict, prove
from hedgerow.kit.clock import stopped_at
from hedgerow.leads import force
from hedgerow.ledger import Touch, Workspace

CHARTER = files("hedgerow.village").joinpath("charter.yaml").read_text("utf-8")
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""Nine in the morning in Berlin, when the office opens."""


_VERDICTS: dict[str, list[Verdict]] = {}


def _proved(charter: Charter) -> list[Verdict]:
    """Return a charter's verdicts: the same one is proved once for all tests."""
    said = repr(charter)
    if said not in _VERDICTS:
        _VERDICTS[said] = prove(charter)
    return _VERDICTS[said]


class Market:
    """A workspace with the village's charter in force, and a clock that only goes when it is told to."""

    def __init__(self, workspace: Workspace, text: str = CHARTER) -> None:
        self.workspace, self.now = workspace, MONDAY
        with self.clock(), patch.object(force, "prove", _proved):
            leads.sign(workspace, text, "user:imani")
        self.turn()

    def clock(self) -> AbstractContextManager[None]:
        """Let the clock stand at the market's time."""
        return stopped_at(self.now)

    def wait(self, **span: float) -> "Market":
        """Let time go by."""
        self.now += timedelta(**span)
        return self

    def turn(self, **span: float) -> "Market":
        """Let time go by, and the mill turn."""
        self.wait(**span)
        with self.clock():
            mill.turn(self.workspace)
        return self

    def does(self, who: str, verb: str, ago: timedelta = timedelta(), **said: Any) -> "Market":
        """Let somebody do something, now or some time ago."""
        touch = Touch(occurred_at=self.now - ago, source="market", verb=verb, actor=who, **said)
        with self.clock():
            self.workspace.inbox.accept([touch])
        return self

    def asks(self, who: str) -> "Market":
        """Let somebody ask for a demo."""
        return self.does(who, "submit", object="demo")

    def lead(self, who: str) -> dict[str, Any]:
        """Return how a lead stands: its row of `leads`."""
        code = leads.find_lead(self.workspace, who)
        rows: list[dict[str, Any]] = self.workspace.engine.sql(
            f"SELECT * FROM {leads.LATEST} WHERE lead = {code}"
        ).to_pylist()
        assert len(rows) == 1
        return rows[0]

    def history(self, who: str) -> list[dict[str, Any]]:
        """Return the changes of a lead in order."""
        rows: list[dict[str, Any]] = leads.history(self.workspace, leads.find_lead(self.workspace, who)).to_pylist()
        return rows

    def stages(self, who: str) -> list[tuple[str, str]]:
        """Return the stages a lead came to, each with the rule that took it there."""
        return [(row["stage"], row["rule"]) for row in self.history(who) if row["verb"] == "progress"]

    def derived(self) -> dict[str, Sequence[dict[str, Any]]]:
        """Return what the leads room derived: the changes, and the leads as they stand.

        Scores fade from one minute to the next, and a lead's is of when it was last looked at; whatever a condition
        makes of it is the same at any time."""
        queries = {
            "changes": "SELECT * FROM changes ORDER BY lead, step",
            "leads": f"SELECT * EXCLUDE (number, score, engagement) FROM {leads.LATEST} ORDER BY lead",
            "traits": "SELECT * FROM traits ORDER BY ALL",
        }
        return {name: self.workspace.engine.sql(query).to_pylist() for name, query in queries.items()}

    def rebuilt(self) -> dict[str, Sequence[dict[str, Any]]]:
        """Return the same, made anew."""
        with self.clock():
            mill.rebuild(self.workspace)
        return self.derived()
