"""A verb of the command line: what it says, an example, and the function Typer makes a command of."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

OUT = Console(highlight=False)
Folder = Annotated[Path, typer.Option("--workspace", "-w", help="The folder of the workspace.")]
HERE = Path()


@dataclass(frozen=True)
class Verb:
    """A command, or several under one name where `command` has more than one entry."""

    says: str
    example: str
    command: Callable[..., None] | dict[str, Callable[..., None]]


def show_table(columns: list[tuple[str, bool]], rows: list[list[str]]) -> None:
    """Print rows under column names; a column that is True is of numbers, and stands to the right."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, numeric in columns:
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_escaped(cell) for cell in row))
    OUT.print(table)


def _escaped(cell: Any) -> str:
    return str(cell).replace("[", "\\[")
