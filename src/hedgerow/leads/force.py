"""The charter in force: one that keeps every law, put in force by a touch, so that each past day has its own."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

import msgspec
import pyarrow as pa

from hedgerow.charter import Charter, Verdict, may_come_into_force, prove, read_charter
from hedgerow.charter.law import Law
from hedgerow.kit import HedgerowError, clock
from hedgerow.leads.current import LEADS
from hedgerow.ledger import OWN, TableKind, Touch, Workspace
from hedgerow.ledger.touch import INSTANT

CHARTERS = TableKind(
    "charters",
    pa.schema(
        [
            ("touch_id", pa.string()),
            ("enacted_at", INSTANT),
            ("by", pa.string()),
            ("text", pa.string()),
            ("batch", pa.int64()),
            ("turn", pa.int64()),
        ]
    ),
)
"""A row for each time a charter was put in force: the last one holds until the next."""


@dataclass(frozen=True)
class InForce:
    """A charter that was put in force: its text, when, and by whom."""

    charter: Charter
    text: str
    enacted_at: datetime
    by: str

    @property
    def digest(self) -> str:
        """What tells its text from any other."""
        return digest(self.text)


def digest(text: str) -> str:
    """Return what tells a charter's text from any other."""
    return sha256(text.encode()).hexdigest()[:16]


def sign(workspace: Workspace, text: str, by: str, name: str = "charter.yaml") -> Charter:
    """Put the charter that `text` holds in force at the mill's next turn, and return it.

    Raises `Unreadable` for one with faults, `HedgerowError` for one that is not signed by both sides, that breaks a
    law, or whose keeping one can't be decided.
    """
    charter = read_charter(text, workspace.settings.fields, name)
    if charter.unsigned:
        raise HedgerowError(f"{name} waits for {' and '.join(charter.unsigned)}: let them sign under 'signed'.")
    verdicts = prove(charter)
    if not may_come_into_force(charter, verdicts):
        refused = " ".join(_refusal(verdict) for verdict in verdicts if verdict.state != "kept")
        raise HedgerowError(f"{name} can't come into force. {refused} Correct it, and prove it with `charter check`.")
    at = clock.now()
    said = {"text": text, "version": charter.version, "digest": digest(text)}
    entry = Touch(
        occurred_at=at,
        source=OWN,
        verb="enact",
        actor=by,
        object=f"charter:{digest(text)}",
        sender_id=f"enact:{clock.microseconds(at)}:{digest(text)}",
        properties=msgspec.json.encode(said).decode(),
    )
    workspace.inbox.accept([entry])
    return charter


def in_force(workspace: Workspace, at: datetime | None = None) -> InForce | None:
    """Return the charter in force at an instant (None: now), as the mill has taken it in; None where there is none."""
    if "charters" not in workspace.derived.names():
        return None
    instant = clock.microseconds(at or clock.now())
    rows = workspace.engine.sql(
        f"SELECT * FROM charters WHERE epoch_us(enacted_at) <= {instant} "
        f"ORDER BY enacted_at DESC, touch_id DESC LIMIT 1"
    ).to_pylist()
    if not rows:
        return None
    fields = tuple(sorted(workspace.settings.fields.items()))
    return InForce(_read(rows[0]["text"], fields), rows[0]["text"], rows[0]["enacted_at"], rows[0]["by"])


def force_of(workspace: Workspace) -> InForce:
    """Return the charter in force now, with when and by whom; raises `HedgerowError` where there is none."""
    force = in_force(workspace)
    if force is None:
        raise HedgerowError("No charter is in force, so there are no leads: sign one with `hedgerow charter sign`.")
    return force


def charter_of(workspace: Workspace) -> Charter:
    """Return the charter in force now; raises `HedgerowError` where there is none."""
    return force_of(workspace).charter


def fold_charters(workspace: Workspace, after: int, upto: int) -> None:
    """Take the charters that the turns behind `after`, up to `upto`, put in force."""
    workspace.derived.ensure(CHARTERS)
    workspace.derived.ensure(LEADS)  # there are none yet, but who asks can
    rows = workspace.engine.sql(
        f"SELECT touch_id, occurred_at AS enacted_at, actor AS by, json_extract_string(properties, '$.text') AS text, "
        f"batch, turn FROM touches WHERE verb = 'enact' AND turn > {after} AND turn <= {upto} "
        f"ORDER BY enacted_at, touch_id"
    )
    workspace.derived.append("charters", rows.cast(CHARTERS.schema), upto)


@lru_cache(8)
def _read(text: str, fields: tuple[tuple[str, str], ...]) -> Charter:
    return read_charter(text, dict(fields))


def _refusal(verdict: Verdict) -> str:
    law: Law = verdict.law
    if verdict.undecided:
        return f"It can't be decided for '{verdict.undecided}' whether it keeps the law: {law.says}"
    return f"It breaks the law: {law.says} " + " ".join(_sentence(broken.sentence) for broken in verdict.broken)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
