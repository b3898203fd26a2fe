"""hedgerow predict: how likely people convert and why, how well that is known, and what a table gives away."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from hedgerow.cli.verb import HERE, OUT, Folder, Verb, show_table
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import open_workspace
from hedgerow.score import prediction
from hedgerow.score.prediction import Kept, Suspect, Tried

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
        _say(prediction.retrain(opened, now, horizon))
    finally:
        opened.close()


def _show(workspace: Folder = HERE) -> None:
    """Show the model in use: its quality, its calibration and lift by tenths, and what has drifted since."""
    opened = open_workspace(workspace)
    try:
        kept = prediction.latest(opened)
        if not kept:
            raise HedgerowError("No model has been trained yet: run `hedgerow predict train`.")
        _say(kept)
        _tenths(kept.model.quality)
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
    _suspects(found.suspects)
    if not found.model:
        OUT.print(found.refused, markup=False, soft_wrap=True)
        raise typer.Exit(1)
    _tried(found.model.tried)
    _tenths(found.model.quality)


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


def _say(kept: Kept) -> None:
    training = kept.model.training
    OUT.print(
        f"Model {kept.number}: learned from {training.rows:,} examples, {training.outcomes:,} of which converted "
        f"within {kept.model.horizon_days} days.",
        soft_wrap=True,
    )
    _tried(kept.model.tried)
    _suspects(kept.model.suspects)


def _tried(tried: Sequence[Tried]) -> None:
    quality = tried[0].quality
    OUT.print(f"On the newest {quality.rows:,} rows, learned from the older ones alone:")
    names = ("AUC", "log loss", "Brier", "ECE")
    show_table(
        [("model", False), *((name, True) for name in names), ("older rows count", False), ("calibration", False)],
        [
            [
                each.name,
                *(f"{figure:.4f}" for figure in (each.quality.auc, each.quality.log_loss, each.quality.brier)),
                f"{each.quality.ece:.4f}",
                f"half by {each.half:.0%} of the span" if each.half else "the same",
                each.calibration,
            ]
            for each in tried
        ],
    )


def _tenths(quality: prediction.Quality) -> None:
    rows = [
        [str(place), f"{each.rows:,}", f"{each.said:.1%}", f"{each.came:.1%}", f"{each.lift:.2f}"]
        for place, each in enumerate(quality.tenths, 1)
    ]
    show_table([("tenth", True), ("rows", True), ("said", True), ("came", True), ("lift", True)], rows)


def _suspects(suspects: Sequence[Suspect]) -> None:
    if not suspects:
        OUT.print("No column gives the outcome away.")
        return
    OUT.print(f"{len(suspects)} columns may hold what came after the outcome, and are not learned from:")
    for suspect in suspects:
        OUT.print(f"  {suspect.column}", style="bold", markup=False)
        for reason in suspect.reasons:
            OUT.print(f"    {reason}", markup=False, soft_wrap=True)


VERB = Verb(
    says="Say how likely people convert and why, and how well that is known; or check a table for what gives it away.",
    example="hedgerow predict check leads.csv --outcome Converted --time 'Lead Number'",
    command={"train": _train, "show": _show, "check": _check, "why": _why},
)
