"""hedgerow charter: the ground rules, proved and read back."""

from pathlib import Path
from typing import Annotated

import typer

from hedgerow.charter import Charter, Verdict, documented, may_come_into_force, prove, read_file, show
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.ledger import open_workspace
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
    says="Prove that a charter keeps its laws, or read it back in plain sentences.",
    example="hedgerow charter check charter.yaml",
    command={"check": _check, "show": _show, "facts": _facts},
)
