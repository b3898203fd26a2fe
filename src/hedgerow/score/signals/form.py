"""Filling in a form."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They filled in a form.",
    group="content",
    verbs=("submit",),
    points=10,
    half_life_days=30,
    cap_per_day=20,
    cap=40,
    example="A form for a guide gives 10; one that asks for a demo is that signal instead.",
)
