"""Asking to be shown or contacted."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They asked for a demo, a quote or a call.",
    group="intent",
    verbs=("submit", "register", "track", "convert"),
    when=r"regexp_matches(asset, '\b(demo|quote|contact[ _-]sales|talk[ _-]to[ _-]sales|book[ _-]a[ _-]call)\b')",
    points=40,
    half_life_days=30,
    cap_per_day=40,
    cap=80,
    example="A form whose title is “See a demo” gives 40; after 30 days 20 are left.",
)
