"""Erasing: a person is asked to be forgotten, and is, by the next turn of the mill; a crash is gone on from."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import sqlalchemy as sa

from hedgerow.kit import clock
from hedgerow.ledger.erasure.held import counts
from hedgerow.ledger.erasure.redaction import Redactor
from hedgerow.ledger.erasure.rewriting import Entry, codes_of_people, rewrite, spelled
from hedgerow.ledger.erasure.scouring import clear_files, clear_inbox, clear_record, scour_all
from hedgerow.ledger.erasure.tables import ERASURES, RESIDUES
from hedgerow.ledger.erasure.tombstones import keep_tombstones, settle_tombstones, tombstones
from hedgerow.ledger.intake.turn import finish, planned, row_of
from hedgerow.ledger.record import TURNS

if TYPE_CHECKING:
    from hedgerow.ledger.intake.writer import Writer
    from hedgerow.ledger.workspace import Workspace


@dataclass(frozen=True)
class Erasure:
    """An erasure: its state (asked, running, scouring, done), who asked and why, when, and how much there was."""

    number: int
    state: str
    asked_by: str
    reason: str
    asked_at: int
    done_at: int | None
    identifiers: tuple[str, ...]
    """Whom it is about; nobody once nothing is left of them."""
    counts: dict[str, int]


def ask_to_forget(workspace: "Workspace", identifiers: Iterable[str], by: str, reason: str = "") -> int:
    """Ask for a person to be forgotten by the next turn of the mill; return the number of the erasure.

    `identifiers` are the person's, `by` is who asks. They are taken out of `reason`, which stays.
    """
    known = sorted(set(identifiers))
    redactor = Redactor(known)
    row = {"state": "asked", "identifiers": _whom(known), "residues": "[]", "turn": 0, "counts": "{}"}
    said = {"asked_by": redactor.text(by), "reason": redactor.text(reason)}
    with workspace.record.begin() as connection:
        at = clock.microseconds(clock.now())
        made = connection.execute(sa.insert(ERASURES).values(**row, **said, asked_at=at))
    key = made.inserted_primary_key
    return int(key[0]) if key else 0


def erasures(workspace: "Workspace", state: str | None = None) -> list[Erasure]:
    """Return the erasures in order of their asking, all or those in one state."""
    query = sa.select(ERASURES).order_by(ERASURES.c.number)
    if state:
        query = query.where(ERASURES.c.state == state)
    with workspace.record.connect() as connection:
        return [_erasure(row) for row in connection.execute(query)]


def begin_erasing(writer: "Writer", asked: Mapping[int, Sequence[str]], residues: pa.Table) -> None:
    """Begin the erasures `asked`, each with all identifiers of its person, so that whatever comes now they are ended.

    From here on the tombstones keep them out. `residues`, as `RESIDUES` has them, is what is to stay of their
    touches. The next writer goes on with it; this one must not write any more.
    """
    workspace = writer.workspace
    asked = {number: spelled(workspace, identifiers) for number, identifiers in asked.items()}
    everyone = [each for identifiers in asked.values() for each in identifiers]
    keep_tombstones(workspace, tombstones(workspace).digested(everyone))
    codes = {number: codes_of_people(workspace, identifiers) for number, identifiers in asked.items()}
    found = {number: counts(workspace, identifiers) for number, identifiers in asked.items()}
    turn = writer.plan("forget", 0, 0)
    left = json.dumps(residues.to_pylist())
    with workspace.record.begin() as connection:
        for place, (number, identifiers) in enumerate(asked.items()):
            begun = {"state": "running", "turn": turn.number, "residues": "[]" if place else left}
            begun |= {"identifiers": _whom(identifiers, codes[number]), "counts": json.dumps(found[number])}
            connection.execute(sa.update(ERASURES).where(ERASURES.c.number == number).values(**begun))


def resume(workspace: "Workspace") -> None:
    """Go on with the erasures that were begun, to their end; whoever calls it holds the mill and has no writer yet."""
    with workspace.record.connect() as connection:
        open_ = sa.select(ERASURES).where(ERASURES.c.state.in_(("running", "scouring"))).order_by(ERASURES.c.number)
        rows = connection.execute(open_).all()
    if running := [row for row in rows if row.state == "running"]:
        _erase(workspace, running)
    else:
        _void_unbegun(workspace)
    if rows and scour_all(workspace):
        at = clock.microseconds(clock.now())
        with workspace.record.begin() as connection:
            scouring = sa.update(ERASURES).where(ERASURES.c.state == "scouring")
            connection.execute(scouring.values(state="done", done_at=at))


def _erase(workspace: "Workspace", running: Sequence[sa.Row[tuple[object, ...]]]) -> None:
    whom = [json.loads(row.identifiers) for row in running]
    identifiers = sorted({each for row in whom for each in row["said"]})
    residues = [each for row in running for each in json.loads(row.residues)]
    entries = [Entry(row.asked_by, row.reason) for row in running]
    number = running[0].turn
    rewrite(workspace, number, identifiers, pa.Table.from_pylist(residues, schema=RESIDUES.schema), entries)
    turn = next((turn for turn in planned(workspace.record) if turn.number == number), None)
    if turn:
        turn.kept = len(entries)
        with workspace.record.begin() as connection:
            finish(connection, turn)
    clear_files(workspace, Redactor(identifiers))
    clear_inbox(workspace)
    erased = tombstones(workspace).digested(identifiers)
    with workspace.record.begin() as connection:
        clear_record(connection, identifiers, sorted({code for row in whom for code in row["codes"]}))
        settle_tombstones(connection, erased.digests, clock.microseconds(clock.now()))
        emptied = {"state": "scouring", "identifiers": _whom([]), "residues": "[]"}
        connection.execute(sa.update(ERASURES).where(ERASURES.c.turn == number).values(**emptied))


def _whom(identifiers: Iterable[str], codes: Iterable[int] = ()) -> str:
    return json.dumps({"said": sorted(identifiers), "codes": sorted(codes)})


def _void_unbegun(workspace: "Workspace") -> None:
    # A crash between the planning of an erasure's turn and its beginning leaves a turn of nobody's.
    for turn in planned(workspace.record):
        if turn.kind == "forget":
            with workspace.record.begin() as connection:
                void = sa.update(TURNS).where(TURNS.c.number == turn.number)
                connection.execute(void.values(state="void", **row_of(turn)))


def _erasure(row: sa.Row[tuple[object, ...]]) -> Erasure:
    said = dict(row._mapping)
    known = {name: said[name] for name in ("number", "state", "asked_by", "reason", "asked_at", "done_at")}
    return Erasure(
        **known, identifiers=tuple(json.loads(said["identifiers"])["said"]), counts=json.loads(said["counts"])
    )
