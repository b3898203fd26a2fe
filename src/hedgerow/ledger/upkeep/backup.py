"""A backup: a workspace as one archive, taken while it is in use, and put back into an empty folder."""

import sqlite3
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from hedgerow.kit import HedgerowError
from hedgerow.ledger.erasure.tombstones import adopt_tombstones
from hedgerow.ledger.workspace import FILE, Workspace, open_workspace

_KEPT = ("lake", "index", "rejects")
_DATABASES = ("record.db", "inbox.db")


def backup(workspace: Workspace, archive: Path) -> None:
    """Write settings, record, inbox, lake and indexes to `archive` (.tar.gz); what is derived stays out.

    So do the tombstones, which hold the keys to their digests: they are kept beside the workspace.

    Requests go on being accepted meanwhile; those accepted after it began may not be in it. Raises
    `HedgerowError` where the archive exists already, or the record is not in the workspace.
    """
    if archive.exists():
        raise HedgerowError(f"{archive} exists already: name a file that doesn't.")
    if workspace.settings.record.url:
        raise HedgerowError(
            "The record of this workspace is a database of its own: back it up with that database's tools, and the "
            "folder with it, while no mill is turning."
        )
    unfinished = archive.with_name(archive.name + ".unfinished")
    with workspace.held(), tempfile.TemporaryDirectory(dir=workspace.folder) as copies:
        with tarfile.open(unfinished, "w:gz", compresslevel=1) as out:
            out.add(workspace.folder / FILE, FILE)
            for name in _DATABASES:
                if (workspace.folder / name).exists():
                    out.add(_copied(workspace.folder / name, Path(copies) / name), name)
            for name in _KEPT:
                if (workspace.folder / name).exists():
                    out.add(workspace.folder / name, name)
        unfinished.rename(archive)


def restore(archive: Path, folder: Path, tombstones: Sequence[Path] = ()) -> Workspace:
    """Put a backup back into `folder`, which must be empty or missing, and return the workspace.

    Whoever was erased since stays erased: the tombstones that lie beside `folder` and those in the files
    `tombstones` are taken over, and the next turn of the mill applies them. Raises `HedgerowError` where the folder
    is not empty or the archive is no backup.
    """
    if folder.exists() and any(folder.iterdir()):
        raise HedgerowError(f"{folder} is not empty: name a folder that is empty or not there yet.")
    try:
        with tarfile.open(archive) as kept:
            if FILE not in kept.getnames():
                raise HedgerowError(f"{archive} is no backup of a workspace: name one that `hedgerow backup` made.")
            folder.mkdir(parents=True, exist_ok=True)
            kept.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise HedgerowError(f"{archive} can't be read as a backup ({error}): name one that can.") from None
    workspace = open_workspace(folder)
    adopt_tombstones(workspace, *tombstones)
    return workspace


def _copied(database: Path, copy: Path) -> Path:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy
