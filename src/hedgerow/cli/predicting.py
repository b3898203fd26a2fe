"""Predicting, as the command line prints it: a model, its quality, its tenths, and the suspects of a table."""

from collections.abc import Sequence

from hedgerow.cli.verb import OUT, show_table
from hedgerow.score.prediction import Kept, Quality, Suspect, Tried


def say_model(kept: Kept) -> None:
    """Print what a model learned from, its quality, and the columns it keeps away from."""
    training = kept.model.training
    OUT.print(
        f"Model {kept.number}: learned from {training.rows:,} examples, {training.outcomes:,} of which converted "
        f"within {kept.model.horizon_days} days.",
        soft_wrap=True,
    )
    show_tried(kept.model.tried)
    say_suspects(kept.model.suspects)


def show_tried(tried: Sequence[Tried]) -> None:
    """Print the quality of each learner on the newest rows, as a table."""
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


def show_tenths(quality: Quality) -> None:
    """Print what was said and what came, by tenths of the newest rows, the likeliest first."""
    rows = [
        [str(place), f"{each.rows:,}", f"{each.said:.1%}", f"{each.came:.1%}", f"{each.lift:.2f}"]
        for place, each in enumerate(quality.tenths, 1)
    ]
    show_table([("tenth", True), ("rows", True), ("said", True), ("came", True), ("lift", True)], rows)


def say_suspects(suspects: Sequence[Suspect]) -> None:
    """Print each suspect column with every reason."""
    if not suspects:
        OUT.print("No column gives the outcome away.")
        return
    OUT.print(f"{len(suspects)} columns may hold what came after the outcome, and are not learned from:")
    for suspect in suspects:
        OUT.print(f"  {suspect.column}", style="bold", markup=False)
        for reason in suspect.reasons:
            OUT.print(f"    {reason}", markup=False, soft_wrap=True)
