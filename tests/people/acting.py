"""Acting: touches and decisions upon a workspace, each at an instant of its own, the mill turned after each."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from hedgerow import mill, people
from hedgerow.kit import clock
from hedgerow.ledger import Touch, Workspace, ask_to_forget

START = datetime(2026, 3, 1, tzinfo=UTC)


class Acting:
    """Somebody who works in a workspace, an hour passing with each thing they do."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.hours = workspace, 0
        self.made: list[str] = []

    def do(self, step: dict[str, Any]) -> None:
        """Do a step of a worked case."""
        if "touch" in step:
            said = {name: step[name] for name in ("title", "properties") if name in step}
            self.touch(step["touch"], *step.get("claims", ()), **said)
            if step.get("cut"):
                rows = people.evidence_of(self.workspace, self.person(step["touch"]))
                self.cut_last(rows[0])
        elif "merge" in step:
            self.made.append(self.merge(*step["merge"]))
        elif "split" in step:
            self.made.append(self.split(step["split"]))
        elif "forget" in step:
            self.forget(step["forget"])
        else:
            self.made.append(self.undo(self.made[step["undo"]]))

    def touch(self, actor: str, *claims: str, verb: str = "identify", **said: Any) -> None:
        """Write a touch."""
        said |= {"properties": json.dumps(said["properties"])} if "properties" in said else {}
        self._write([Touch(occurred_at=self._now(), source="web", verb=verb, actor=actor, claims=claims, **said)])

    def touches(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Write many touches at once, each an actor with a claim."""
        at = self._now()
        rows = [Touch(occurred_at=at, source="web", verb="view", actor=a, claims=(claim,)) for a, claim in pairs]
        self._write(rows)

    def merge(self, one: str, other: str) -> str:
        """Merge two people; return the decision's id."""
        return self._decide(lambda: people.plan_merge(self.workspace, one, other, "user:imani", "Told me so."))

    def split(self, apart: Sequence[str]) -> str:
        """Split identifiers off; return the decision's id."""
        return self._decide(lambda: people.plan_split(self.workspace, apart, "user:imani", "Two people."))

    def undo(self, decision: str) -> str:
        """Take back a decision; return the undo's id."""
        return self._decide(lambda: people.plan_undo(self.workspace, decision, "user:imani", "A mistake."))

    def cut_last(self, row: dict[str, Any]) -> str:
        """Cut a piece of evidence."""
        one, other, touch = row["one"], row["other"], row["touch_id"]
        return self._decide(lambda: people.plan_cut(self.workspace, touch, one, other, "user:imani", "Not so."))

    def forget(self, name: str) -> list[str]:
        """Erase the person with an identifier; return all of theirs."""
        identifiers = people.person_with(self.workspace, name)
        ask_to_forget(self.workspace, identifiers, "user:imani", "asked")
        mill.turn(self.workspace)
        return identifiers

    def code(self, name: str) -> int:
        """Return the code of an identifier."""
        kind, _, value = name.partition(":")
        asked = pa.table({"kind": [kind], "value": [value]})
        rows = self.workspace.engine.sql("SELECT code FROM identifiers JOIN asked USING (kind, value)", asked=asked)
        return int(rows["code"][0].as_py())

    def person(self, name: str) -> int:
        """Return the person an identifier belongs to."""
        return int(people.clusters(self.workspace).person[self.code(name)])

    def profile(self, name: str) -> dict[str, Any]:
        """Return the profile of the person an identifier belongs to."""
        rows = people.profiles(self.workspace, pa.array([self.person(name)])).to_pylist()
        return dict(rows[0]) if rows else {}

    def refused(self, name: str) -> list[str]:
        """Return the purposes that the person an identifier belongs to refused."""
        rows = people.consents(self.workspace, pa.array([self.person(name)])).to_pylist()
        return [row["purpose"] for row in rows if not row["given"]]

    def _decide(self, planned: Any) -> str:
        with clock.stopped_at(self._now()):
            plan = planned()
            people.write(self.workspace, plan.touches)
        mill.turn(self.workspace)
        return people.decisions(self.workspace)[-1].touch_id

    def _now(self) -> datetime:
        self.hours += 1
        return START + timedelta(hours=self.hours)

    def _write(self, touches: Sequence[Touch]) -> None:
        self.workspace.inbox.accept(touches)
        mill.turn(self.workspace)


def groups(workspace: Workspace) -> list[list[str]]:
    """Return who is who, by name."""
    rows = workspace.engine.sql("SELECT code, kind || ':' || value AS name FROM identifiers ORDER BY name").to_pylist()
    person = people.clusters(workspace).person
    found: dict[int, list[str]] = {}
    for row in rows:
        if not row["name"].startswith(("user:imani", "erased:")):
            found.setdefault(int(person[row["code"]]), []).append(row["name"])
    return sorted(found.values())
