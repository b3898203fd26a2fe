"""Refusing further contact."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They refused contact or reported us.",
    group="against",
    verbs=("block", "flag"),
    points=-40,
    half_life_days=180,
    cap_per_day=40,
    cap=80,
    example="Marking a mail as spam takes 40.",
)
