"""hedgerow import: files of touches, spend and deals into the ledger."""

from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

from hedgerow import mill
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.collect import Report, guess, import_file, imports, load_map, undo_import
from hedgerow.ledger import open_workspace

File = Annotated[Path, typer.Argument(help="CSV, TSV, JSON Lines, Parquet or lines; gzip and zstd are unpacked.")]
MapFile = Annotated[Path, typer.Option("--map", "-m", help="Which column is what: a TOML file.")]


def _import(kind: str, file: Path, map_file: Path, workspace: Path) -> None:
    opened = open_workspace(workspace)
    found = load_map(map_file)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=OUT, transient=True) as progress:
        task = progress.add_task(file.name, total=None)
        report = import_file(opened, kind, file, found, lambda size: progress.advance(task, size))
        progress.update(task, description="turning the mill")
        mill.turn(opened, wait=600)
    _show(report)
    opened.close()


def _show(report: Report) -> None:
    OUT.print(
        f"Import {report.batch}: {report.kept:,} rows kept, {report.repeated:,} were in the ledger already, "
        f"{report.dropped:,} could not be kept."
    )
    for reason, count in sorted(report.reasons.items(), key=lambda pair: -pair[1]):
        OUT.print(f"  {count:,} because {reason}", markup=False)
    if report.rejects:
        OUT.print(f"They are in {report.rejects}, with line and reason.", markup=False, soft_wrap=True)


def _touches(file: File, map_file: MapFile, workspace: Folder = HERE) -> None:
    """Import what people did or said."""
    _import("touch", file, map_file, workspace)


def _spend(file: File, map_file: MapFile, workspace: Folder = HERE) -> None:
    """Import what was spent, by day and campaign; a restated day supersedes the earlier row."""
    _import("spend", file, map_file, workspace)


def _deals(file: File, map_file: MapFile, workspace: Folder = HERE) -> None:
    """Import deals; a restated deal supersedes the earlier row."""
    _import("deal", file, map_file, workspace)


def _guess(file: File) -> None:
    """Propose a map from a file's header and a sample; save it, read it, correct it."""
    OUT.print(guess(file), markup=False, soft_wrap=True)


def _list(workspace: Folder = HERE) -> None:
    """Show every import with what became of its rows."""
    opened = open_workspace(workspace)
    names = ("number", "kind", "file", "state", "kept", "repeated", "dropped")
    rows = [
        [f"{row[name]:,}" if isinstance(row[name], int) else str(row[name]) for name in names]
        for row in imports(opened)
    ]
    show_table([(name, name in ("number", "kept", "repeated", "dropped")) for name in names], rows)
    opened.close()


def _undo(number: Annotated[int, typer.Argument(help="The import's number.")], workspace: Folder = HERE) -> None:
    """Take an import back as one batch; rows that another import stated too stay, as that one's."""
    opened = open_workspace(workspace)
    undo_import(opened, number, f"user:{getuser()}")
    mill.turn(opened)
    OUT.print(f"Import {number} is undone. Importing the file again brings it back.")
    opened.close()


VERB = Verb(
    says="Bring files of touches, spend and deals into the ledger, each row once.",
    example="hedgerow import touches journeys.csv.gz --map examples/maps/journeys_july2018.toml",
    command={
        "touches": _touches,
        "spend": _spend,
        "deals": _deals,
        "guess": _guess,
        "list": _list,
        "undo": _undo,
    },
)
