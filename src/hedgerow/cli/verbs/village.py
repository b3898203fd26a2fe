"""hedgerow village: a market with known truth, as ordinary import files."""

from pathlib import Path
from typing import Annotated

import typer

from hedgerow import village
from hedgerow.cli.verb import OUT, Verb


def _village(
    folder: Annotated[Path, typer.Argument(help="Where to write the files.")],
    people: Annotated[int, typer.Option(min=12, help="How many people live there.")] = 200,
    days: Annotated[int, typer.Option(min=7, help="How many days pass.")] = 180,
    seed: Annotated[int, typer.Option(help="The same seed makes the same village.")] = 1,
) -> None:
    built = village.build(folder, people, days, seed)
    OUT.print(str(built))
    OUT.print(f"The files are in {folder}, their maps in {folder / 'maps'}, the truth in {folder / 'truth'}.")


VERB = Verb(
    says="Write a made-up market with known truth as import files, to try things on.",
    example="hedgerow village market --people 200 --days 180 --seed 1",
    command=_village,
)
