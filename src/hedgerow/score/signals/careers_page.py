"""Looking for work."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They looked for a job with us.",
    group="against",
    verbs=("view", "read", "arrive", "submit"),
    when=r"regexp_matches(asset, '\b(careers?|jobs?|vacanc(y|ies)|hiring|karriere)\b')",
    points=-10,
    half_life_days=30,
    cap_per_day=20,
    cap=40,
    example="A view of /careers takes 10; a day takes 20 at the most.",
)
