"""Tombstones: keyed hashes of erased identifiers, by which they are known again and by which nobody is found out."""

import json
import os
import secrets
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from hedgerow.kit import HedgerowError, clock
from hedgerow.kit.index import sync_folder
from hedgerow.ledger.erasure.redaction import telling
from hedgerow.ledger.erasure.tables import TOMBSTONES

if TYPE_CHECKING:
    from hedgerow.ledger.workspace import Workspace

INSIDE = "tombstones.json"
"""The copy in the workspace's folder; a backup leaves it out, since it holds the keys."""

_BLOCK = 64
_ADDRESS = r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"


class Tombstones:
    """The keys of a workspace, each with the digests of what was erased; HMAC-SHA256 (RFC 2104) of small letters."""

    def __init__(self, keys: dict[str, frozenset[str]]) -> None:
        self.keys = keys

    def __bool__(self) -> bool:
        return any(self.keys.values())

    @property
    def digests(self) -> frozenset[str]:
        """Every digest, whatever its key."""
        return frozenset().union(*self.keys.values())

    def digested(self, identifiers: Iterable[str]) -> "Tombstones":
        """Return the tombstones that keep these identifiers out, by the latest of the keys or a new one."""
        key = next(reversed(self.keys), None) or secrets.token_hex(32)
        said = {form.lower() for whole in identifiers for form in (whole, whole.partition(":")[2])}
        wholes = {whole.lower() for whole in identifiers}
        return Tombstones({key: _digests(key, [form for form in said if form in wholes or telling(form)])})

    def united(self, other: "Tombstones") -> "Tombstones":
        """Return what is in one or the other."""
        both = {key: digests | other.keys.get(key, frozenset()) for key, digests in self.keys.items()}
        return Tombstones(both | {key: digests for key, digests in other.keys.items() if key not in both})

    def erased(self, con: duckdb.DuckDBPyConnection, query: str) -> list[str]:
        """Return what of the texts that a query gives (one column, `said`) was erased, each once, in order."""
        found: set[str] = set()
        for key, digests in self.keys.items():
            con.register("tombs", pa.table({"digest": sorted(digests)}))
            rows = con.sql(
                f"SELECT said FROM (SELECT DISTINCT said FROM ({query}) WHERE said IS NOT NULL) "
                f"SEMI JOIN tombs ON digest = {_hmac(key, 'lower(said)')}"
            ).fetchall()
            con.unregister("tombs")
            found |= {said for (said,) in rows}
        return sorted(found)


def addresses_in(table: str, columns: Iterable[str]) -> str:
    """Return the query for the mail addresses that stand in some columns of a table, as `said`."""
    plain = "lower(replace(replace(replace({0}, '%40', '@'), '\\u0040', '@'), '&#64;', '@'))"
    parts = [
        f"SELECT unnest(regexp_extract_all({plain.format(column)}, '{_ADDRESS}')) AS said FROM {table} "
        f"WHERE contains({column}, '@') OR contains({column}, '%40') OR contains({column}, '\\u0040') "
        f"OR contains({column}, '&#64;')"
        for column in columns
    ]
    return " UNION ALL ".join(parts) or "SELECT NULL::VARCHAR AS said"


def tombstones(workspace: "Workspace") -> Tombstones:
    """Return the tombstones in force: those of the copy in the folder and of the one beside it."""
    known = Tombstones({})
    for file in _files(workspace):
        known = known.united(read_tombstones(file, of=workspace.lake.identity("touches")))
    return known


def keep_tombstones(workspace: "Workspace", more: Tombstones) -> Tombstones:
    """Add tombstones to both copies, durably, and return all there are.

    Raises `HedgerowError` where one can't be written, so that nothing is erased that could come back.
    """
    whole = tombstones(workspace).united(more)
    said = {"workspace": workspace.lake.identity("touches")}
    keys = {key: sorted(digests) for key, digests in whole.keys.items()}
    for file in _files(workspace):
        try:
            _store(file, json.dumps(said | {"keys": keys}, indent=0))
        except OSError as error:
            raise HedgerowError(
                f"The tombstones can't be kept in {file} ({error.strerror}): make its folder writable, or name another "
                "one as tombstones under [erasure]."
            ) from None
    return whole


def adopt_tombstones(workspace: "Workspace", *others: Path) -> int:
    """Take over the tombstones that lie beside a restored workspace, and `others`; return how many there are.

    A file that is of another workspace is left alone; raises `HedgerowError` where one of `others` is none.
    """
    mine, found = workspace.lake.identity("touches"), Tombstones({})
    for file in [*sorted(_beside(workspace).parent.glob("*.tombstones.json")), *others]:
        found = found.united(read_tombstones(file, of=mine))
    for file in others:
        if not read_tombstones(file, of=mine):
            raise HedgerowError(f"{file} holds no tombstones of this workspace: name the file that does.")
    if found:
        keep_tombstones(workspace, found)
    return len(found.digests)


def read_tombstones(file: Path, of: str) -> Tombstones:
    """Return the tombstones in a file, none where it is missing or of another workspace than `of`."""
    try:
        said = json.loads(file.read_text("utf-8"))
        keys = {key: frozenset(digests) for key, digests in said["keys"].items()}
    except FileNotFoundError:
        return Tombstones({})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise HedgerowError(f"The tombstones in {file} can't be read ({error}): put back a copy that can.") from None
    return Tombstones(keys if said.get("workspace") == of else {})


def owed(workspace: "Workspace") -> bool:
    """Return whether there are tombstones that this ledger was not cleared of yet: an older one was put back."""
    digests = tombstones(workspace).digests
    if not digests:
        return False
    with workspace.record.connect() as connection:
        return not digests <= set(connection.scalars(sa.select(TOMBSTONES.c.digest)))


def settle_owed(workspace: "Workspace") -> None:
    """Write down that whoever is kept out by a tombstone now was looked for."""
    if not owed(workspace):
        return
    with workspace.record.begin() as connection:
        settle_tombstones(connection, tombstones(workspace).digests, clock.microseconds(clock.now()))


def settle_tombstones(connection: sa.Connection, digests: Iterable[str], erased_at: int) -> None:
    """Write down that the ledger is cleared of what these tombstones keep out."""
    known = set(connection.scalars(sa.select(TOMBSTONES.c.digest)))
    rows = [{"digest": digest, "erased_at": erased_at} for digest in sorted(set(digests) - known)]
    if rows:
        connection.execute(sa.insert(TOMBSTONES), rows)


def _files(workspace: "Workspace") -> tuple[Path, Path]:
    return workspace.folder / INSIDE, _beside(workspace)


def _beside(workspace: "Workspace") -> Path:
    named = workspace.settings.erasure.tombstones
    place = Path(named) if named else workspace.folder.parent
    return place / f"{workspace.folder.name}.tombstones.json"


def _store(file: Path, text: str) -> None:
    unfinished = file.with_suffix(".unfinished")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(file)
    sync_folder(file.parent)


def _digests(key: str, texts: list[str]) -> frozenset[str]:
    # By the database that arriving ones are digested by, whose small letters are not always Python's.
    with closing(duckdb.connect()) as con:
        con.register("texts", pa.table({"said": pa.array(texts, pa.string())}))
        return frozenset(digest for (digest,) in con.sql(f"SELECT {_hmac(key, 'lower(said)')} FROM texts").fetchall())


def _hmac(key: str, text: str) -> str:
    """Return the SQL for the HMAC-SHA256 of a text, in hex."""
    padded = bytes.fromhex(key).ljust(_BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in padded).hex() for pad in (0x36, 0x5C))
    return f"sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode({text}))))"
