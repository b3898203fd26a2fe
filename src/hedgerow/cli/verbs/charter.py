"""hedgerow charter: the ground rules, proved and read back."""

from datetime import datetime, time, timedelta
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer

from hedgerow import leads, mill
from hedgerow.charter import Charter, Verdict, documented, may_come_into_force, prove, read_file, show
from hedgerow.charter.reading import read_text
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.ledger import open_workspace, zone_of
from hedgerow.ledger.workspace import FILE

File = Annotated[Path, typer.Argument(help="The charter, a YAML file.")]
_MARKS = {"kept": "[green]kept[/]", "broken": "[red]broken[/]", "unknown": "[red]unknown[/]"}


def _check(file: File, workspace: Folder = HERE) -> None:
    """Prove every law of a charter for all leads there could be; exit code 1 where one is broken or undecided."""
    charter = _read(file, workspace)
    verdicts = prove(charter)
    for verdict in verdicts:
        _say(verdict)
    refused = [verdict for verdict in verdicts if verdict.state != "kept"]
    if refused:
        OUT.print(
            f"{file.name} breaks or leaves open {len(refused)} of {len(verdicts)} laws: it can't come into force."
        )
        raise typer.Exit(1)
    if may_come_into_force(charter, verdicts):
        OUT.print(f"{file.name} keeps all {len(verdicts)} laws, and both sides signed it: it can come into force.")
    else:
        waits = " and ".join(charter.unsigned)
        OUT.print(f"{file.name} keeps all {len(verdicts)} laws: it can come into force when {waits} signed it.")


def _show(file: File, workspace: Folder = HERE) -> None:
    """Read a charter back in plain sentences."""
    for heading, sentences in show(_read(file, workspace)):
        OUT.print(f"\n{heading}", style="bold", markup=False)
        for said in sentences:
            OUT.print(f"  {said}", markup=False, soft_wrap=True)


def _sign(file: File, workspace: Folder = HERE) -> None:
    """Put a charter in force that both sides signed and that keeps every law."""
    opened = open_workspace(workspace)
    try:
        text = read_text(file)
        charter = leads.sign(opened, text, f"user:{getuser()}", file.name)
        mill.turn(opened)
    finally:
        opened.close()
    OUT.print(f"{charter.charter}, version {charter.version}, is in force.", markup=False)


def _try(
    file: File,
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day from which history is replayed.")],
    workspace: Folder = HERE,
    hours: Annotated[int, typer.Option(min=1, help="How often the charter decides in the replay.")] = 24,
) -> None:
    """Replay history under another charter: who would have been handed to sales, when, and what became of them."""
    opened = open_workspace(workspace)
    mill.turn(opened)
    charter = read_file(file, opened.settings.fields)
    start = datetime.combine(since.date(), time(), zone_of(opened))
    with OUT.status("Replaying") as status:
        every, said = timedelta(hours=hours), lambda at: status.update(f"Replaying {at:%Y-%m-%d}")
        rows = leads.replay(opened, charter, start, every, said).to_pylist()
    opened.close()
    was = [row for row in rows if row["was_handed_at"]]
    would = [row for row in rows if row["would_be_handed_at"]]
    parts = (("was", was), ("would be", would))
    counts = [[name, str(len(part)), str(sum(row["won"] for row in part))] for name, part in parts]
    show_table([("", False), ("handed to sales", True), ("won", True)], counts)
    names = ("identifier", "was_handed_at", "was_stage", "would_be_handed_at", "would_be_stage")
    shown = [[_cell(row[name]) for name in names] + ["won" if row["won"] else ""] for row in rows]
    show_table([(name.replace("_", " "), False) for name in (*names, "became")], shown)


def _cell(value: object) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value or "")


def _facts() -> None:
    """List what the conditions of a charter can ask for."""
    listed = [
        [fact.name, fact.type, "may be" if fact.nullable else "never", fact.says] for fact in documented().values()
    ]
    show_table([("fact", False), ("type", False), ("unknown", False), ("what it is", False)], listed)


def _read(file: Path, workspace: Path) -> Charter:
    if not (workspace / FILE).exists():
        return read_file(file)
    opened = open_workspace(workspace)
    try:
        return read_file(file, opened.settings.fields)
    finally:
        opened.close()


def _say(verdict: Verdict) -> None:
    OUT.print(f"{_MARKS[verdict.state]}  {verdict.law.says}", soft_wrap=True)
    for broken in verdict.broken:
        OUT.print(f"  {broken.sentence[0].upper()}{broken.sentence[1:]}.", markup=False, soft_wrap=True)
    if verdict.undecided:
        OUT.print(f"  It can't be decided for {verdict.undecided}: write that rule more simply.", markup=False)


VERB = Verb(
    says="Prove that a charter keeps its laws, read it back in plain sentences, and put it in force.",
    example="hedgerow charter check charter.yaml",
    command={"check": _check, "show": _show, "facts": _facts, "sign": _sign, "try": _try},
)
