"""Fetching a document or a program."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They fetched a document or a program.",
    group="content",
    verbs=("download",),
    points=8,
    half_life_days=30,
    cap_per_day=16,
    cap=40,
    example="Fetching three guides on one day gives 8, 8 and none: a day gives 16 at the most.",
)
