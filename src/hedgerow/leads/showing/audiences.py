"""Audiences: who is in a list by its rule, and who is left out by which; nobody approves one, the fences are in it."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hedgerow.charter import Charter, sentence
from hedgerow.charter.condition.sql import literal
from hedgerow.kit import HedgerowError, clock, nearest
from hedgerow.kit.spreadsheet import to_csv
from hedgerow.leads.current import ACTIVE
from hedgerow.leads.force import in_force
from hedgerow.ledger import Workspace
from hedgerow.people import clusters

CAP = "frequency cap"
"""The rule by which whoever was sent enough already is left out."""

MEMBERS = ("email", "identifier", "stage", "grade", "segment", "owner", "account", "country")
_DAY = 86_400_000_000


@dataclass(frozen=True)
class Listed:
    """An audience as it stands: `members` (lead, person, MEMBERS) and `left_out` (lead, identifier, rules, why)."""

    name: str
    says: str
    members: pa.Table
    left_out: pa.Table

    def to_csv(self) -> bytes:
        """Return the members as CSV, a row each; those without a mail address have none."""
        return to_csv(MEMBERS, (row.values() for row in self.members.select(MEMBERS).to_pylist()))


def audience(workspace: Workspace, name: str) -> Listed:
    """Return the audience of a name as of the mill's last turn, messages counted up to now.

    It costs the reading of a list: who is in it was decided when something about them changed. Raises
    `HedgerowError` for a name the charter in force does not have.
    """
    force = in_force(workspace)
    if force is None:
        raise HedgerowError("No charter is in force, so there is no audience: sign one with `hedgerow charter sign`.")
    charter = force.charter
    if name not in charter.audiences:
        raise HedgerowError(f"The charter has no audience '{name}'.{nearest(name, charter.audiences)}")
    rows = workspace.engine.sql(
        f"SELECT lead, person, identifier, stage, grade, segment, owner, account, country, suppressed, "
        f"list_contains(audiences, {literal(name)}) AS inside FROM {ACTIVE} "
        f"WHERE list_contains(meant, {literal(name)}) ORDER BY lead"
    )
    capped = _sent_enough(workspace, rows["person"].to_numpy())
    inside = rows["inside"].to_numpy(zero_copy_only=False).astype(bool)
    members = _with_mail(workspace, rows.filter(pa.array(inside & ~capped)))
    left_out = _left_out(workspace, charter, name, rows.filter(pa.array(~inside | capped)), capped[~inside | capped])
    return Listed(name, sentence(charter.audiences[name].when), members, left_out)


def audiences(workspace: Workspace) -> pa.Table:
    """Return each audience of the charter in force with how many it means and how many are in it (name, meant, inside).

    Raises `HedgerowError` where no charter is in force.
    """
    force = in_force(workspace)
    if force is None:
        raise HedgerowError("No charter is in force, so there is no audience: sign one with `hedgerow charter sign`.")
    listed = [audience(workspace, name) for name in force.charter.audiences]
    counts = {"meant": [len(each.members) + len(each.left_out) for each in listed]}
    return pa.table(
        {"name": [each.name for each in listed], **counts, "inside": [len(each.members) for each in listed]}
    )


def _sent_enough(workspace: Workspace, persons: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which persons were sent as many messages as the settings allow, within their days."""
    cap = workspace.settings.audiences
    if not cap.most or not len(persons):
        return np.zeros(len(persons), bool)
    since = clock.microseconds(clock.now()) - cap.days * _DAY
    sent = workspace.engine.sql(
        f"SELECT actor_code AS code, count(*) AS count FROM touches WHERE verb = 'send' "
        f"AND epoch_us(occurred_at) > {since} GROUP BY actor_code"
    )
    person = clusters(workspace).person
    counts = np.zeros(len(person), np.int64)
    np.add.at(counts, person[sent["code"].to_numpy()], sent["count"].to_numpy())
    enough: NDArray[np.bool_] = counts[person[persons]] >= cap.most
    return enough


def _with_mail(workspace: Workspace, rows: pa.Table) -> pa.Table:
    """Return rows with the first mail address of each person that the ledger heard of."""
    mails = workspace.engine.sql("SELECT code, value FROM identifiers WHERE kind = 'email' ORDER BY code")
    person = clusters(workspace).person
    place = np.full(len(person), -1, np.int64)
    whose = person[mails["code"].to_numpy()]
    place[whose[::-1]] = np.arange(len(whose))[::-1]
    found = place[person[rows["person"].to_numpy()]] if len(rows) else np.zeros(0, np.int64)
    email = mails["value"].take(pa.array(found, pa.int64(), mask=found < 0))
    return rows.append_column("email", email).select(["lead", "person", *MEMBERS])


def _left_out(workspace: Workspace, charter: Charter, name: str, rows: pa.Table, capped: NDArray[np.bool_]) -> pa.Table:
    cap = workspace.settings.audiences
    says = {rule: f"{sentence(each.when)}" for rule, each in charter.suppression.items()}
    says[CAP] = f"it was sent {cap.most} messages or more within {cap.days} days"
    rules = [
        [rule for rule in suppressed if name in charter.suppression[rule].from_] + ([CAP] if full else [])
        for suppressed, full in zip(rows["suppressed"].to_pylist(), capped.tolist(), strict=True)
    ]
    why = ["; ".join(says[rule] for rule in each) for each in rules]
    columns = {"lead": rows["lead"], "identifier": rows["identifier"]}
    return pa.table({**columns, "rules": pa.array(rules, pa.list_(pa.string())), "why": pa.array(why, pa.string())})
