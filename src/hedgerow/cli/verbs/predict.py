"""hedgerow predict: how likely people convert and why, how well that is known, and what a table gives away."""

from pathlib import Path
from typing import Annotated

import typer

from hedgerow.cli.predicting import say_model, say_suspects, show_tenths, show_tried
from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import open_workspace
from hedgerow.score import prediction

Named = Annotated[list[str] | None, typer.Option("--trust", help="A column to learn from though it is suspect.")]


def _train(
    workspace: Folder = HERE,
    horizon: Annotated[int | None, typer.Option(help="Days within which the outcome is to come.", min=1)] = None,
    if_due: Annotated[
        bool, typer.Option("--if-due", help="Only where the model is old, has drifted, or is none.")
    ] = False,
) -> None:
    """Train a model on the workspace's own history, and keep it as the next version."""
    opened, now = open_workspace(workspace), clock.now()
    try:
        if if_due:
            because = prediction.due(opened, now)
            OUT.print(f"Due: {because}." if because else "No training is due.", markup=False, soft_wrap=True)
            if not because:
                return
        say_model(prediction.retrain(opened, now, horizon))
    finally:
        opened.close()


def _show(workspace: Folder = HERE) -> None:
    """Show the model in use: its quality, its calibration and lift by tenths, and what has drifted since."""
    opened = open_workspace(workspace)
    try:
        kept = prediction.latest(opened)
        if not kept:
            raise HedgerowError("No model has been trained yet: run `hedgerow predict train`.")
        say_model(kept)
        show_tenths(kept.model.quality)
        seen = prediction.watch(opened, clock.now())
        OUT.print(f"\nDrift among {seen.rows:,} people of today: stability index {seen.whole:.2f} by weight.")
        moved = [[each.column, f"{each.stability:.2f}"] for each in seen.columns[:5]]
        show_table([("column", False), ("stability", True)], moved)
        if seen.sentence:
            OUT.print(f"Train again: {seen.sentence}.", markup=False, soft_wrap=True)
    finally:
        opened.close()


def _check(
    file: Annotated[Path, typer.Argument(help="A table: CSV or Parquet, a row a lead.")],
    outcome: Annotated[str, typer.Option(help="The column that says whether it came: yes or no, 1 or 0.")],
    time: Annotated[str, typer.Option(help="The column of each row's time, or a number that ascends with it.")],
    trust: Named = None,
    outcome_time: Annotated[str | None, typer.Option(help="The column of when the outcome came.")] = None,
    stated: Annotated[list[str] | None, typer.Option(help="COLUMN=TIMECOLUMN: when a column was stated.")] = None,
) -> None:
    """Name the columns of a table that know the outcome, and how well the others predict it, on its newer rows."""
    pairs = dict(_pair(each) for each in stated or [])
    found = prediction.check(prediction.read(file), outcome, time, trust or (), outcome_time, pairs)
    say_suspects(found.suspects)
    if not found.model:
        OUT.print(found.refused, markup=False, soft_wrap=True)
        raise typer.Exit(1)
    show_tried(found.model.tried)
    show_tenths(found.model.quality)


def _why(
    identifier: Annotated[str, typer.Argument(help="Somebody, as kind:value, such as email:ann@example.org.")],
    workspace: Folder = HERE,
    most: Annotated[int, typer.Option(help="Reasons at the most.", min=1)] = 5,
) -> None:
    """Say how likely somebody converts, and the reasons for and against."""
    opened = open_workspace(workspace)
    try:
        found = prediction.why(opened, identifier, clock.now(), most)
        kept = prediction.latest(opened)
        days = kept.model.horizon_days if kept else 0
        OUT.print(
            f"{identifier} converts within {days} days with a probability of {found.probability:.1%}.", markup=False
        )
        for reason in found.reasons:
            OUT.print(f"  {'+' if reason.points > 0 else '-'} {reason.says}", markup=False, soft_wrap=True)
    finally:
        opened.close()


def _pair(text: str) -> tuple[str, str]:
    column, equals, when = text.partition("=")
    if not (column and equals and when):
        raise HedgerowError(f"'{text}' names no two columns: write COLUMN=TIMECOLUMN.")
    return column, when


VERB = Verb(
    says="Say how likely people convert and why, and how well that is known; or check a table for what gives it away.",
    example="hedgerow predict check leads.csv --outcome Converted --time 'Lead Number'",
    command={"train": _train, "show": _show, "check": _check, "why": _why},
)
