"""Asking to try the product."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They began or asked for a trial.",
    group="intent",
    verbs=("submit", "register", "track", "convert"),
    when=r"regexp_matches(asset, '\b(free[ _-])?trial\b')",
    points=30,
    half_life_days=30,
    cap_per_day=30,
    cap=60,
    example="Signing up for a trial gives 30, on whatever page.",
)
