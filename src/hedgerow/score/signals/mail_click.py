"""Following a link in a mail."""

from hedgerow.score.signal import Signal

SIGNAL = Signal(
    says="They followed a link in a mail.",
    group="mail",
    verbs=("click",),
    when="channel_group = 'Email'",
    points=3,
    half_life_days=14,
    cap_per_day=6,
    cap=18,
    example="A click in the newsletter gives 3; a scanner that follows every link gives nothing.",
)
