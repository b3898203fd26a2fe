"""Looking at the price."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They looked at what it costs.",
    group="intent",
    verbs=("view", "read", "arrive"),
    when=r"regexp_matches(asset, '\b(pricing|prices|price[ _-]list|plans|preise)\b')",
    points=8,
    half_life_days=14,
    cap_per_day=12,
    cap=32,
    example="Two views of /pricing on one day give 8 and 4: a day gives 12 at the most.",
)
