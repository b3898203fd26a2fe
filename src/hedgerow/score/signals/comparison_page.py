"""Comparing us with others."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They compared us with others.",
    group="intent",
    verbs=("view", "read", "arrive"),
    when=r"regexp_matches(asset, '\b(compare|compared|comparison|alternatives?|versus|vs)\b')",
    points=6,
    half_life_days=14,
    cap_per_day=12,
    cap=24,
    example="A view of /compare/pager-alternatives gives 6, and half as much again: choosers read it.",
)
