"""Seeing a page of ours."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They saw a page.",
    group="web",
    verbs=("view", "read", "arrive"),
    points=1,
    half_life_days=7,
    cap_per_day=5,
    cap=20,
    example="Eight pages on one day give 5; coming again on another day gives as much again.",
)
