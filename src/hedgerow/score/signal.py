"""A signal: what somebody does that says they are interested, or not; its points, half-life and caps, as in force."""

from dataclasses import dataclass, replace

from hedgerow.kit import HedgerowError, load_shelf, nearest
from hedgerow.kit.expression import to_duckdb
from hedgerow.ledger import Settings, verbs

SEEN = (
    "verb", "source", "channel", "channel_group", "medium", "campaign", "relation", "page", "asset", "value",
    "currency",
)  # fmt: skip
"""What a condition may ask of a touch: its columns, its channel and group as journeys concluded them, `page` (the path
of its address) and `asset` (page, title and object), both in small letters; what there is none of is NULL."""


@dataclass(frozen=True)
class Group:
    """Signals of one kind, with what they may give together: on one day, and at one time; None is any amount."""

    says: str
    cap_per_day: float | None = None
    cap: float | None = None


GROUPS = {
    "intent": Group("They look at what it costs and ask for it."),
    "content": Group("They leave an address for something to read or hear.", 40, 80),
    "web": Group("They come to the site.", 12, 40),
    "mail": Group("They react to messages.", 6, 20),
    "social": Group("They speak, share and follow on social networks.", 12, 40),
    "community": Group("They ask, answer and take part in communities.", 24, 60),
    "event": Group("They come to events.", 30, 60),
    "product": Group("They use the product.", 10, 40),
    "sales": Group("They talk with sales.", 30, 60),
    "against": Group("They turn away, or want something else than to buy."),
}
"""The groups by name. A community's activity is what the group community holds."""


@dataclass(frozen=True)
class Signal:
    """A rule that gives points to a touch of one of its verbs for which `when`, SQL over `SEEN`, is true.

    Points lose half their worth every `half_life_days`. `cap_per_day` is what the signal gives a person on one day,
    `cap` what of it is alive at one time, both in points.
    """

    says: str
    group: str
    verbs: tuple[str, ...]
    points: float
    half_life_days: float
    example: str
    when: str = "true"
    cap_per_day: float | None = None
    cap: float | None = None


def signal_shelf() -> dict[str, Signal]:
    """Return every signal there is, by name."""
    return load_shelf("hedgerow.score.signals", Signal)


def signals_of(settings: Settings) -> dict[str, Signal]:
    """Return the signals in force by name: the shelf's and the workspace's own, as `[score.signals.NAME]` has them.

    Raises `HedgerowError` for a name that is neither on the shelf nor a whole signal, and for a bad verb, group,
    condition or number.
    """
    known = signal_shelf()
    for name, said in settings.score.signals.items():
        stated = {field: value for field in said.__struct_fields__ if (value := getattr(said, field)) is not None}
        if name not in known and not {"says", "group", "verbs", "points"} <= set(stated):
            raise HedgerowError(
                f"[score.signals.{name}] changes no signal there is.{nearest(name, known)} "
                f"One of your own says its says, group, verbs and points."
            )
        new = Signal(says="", group="", verbs=(), points=0, half_life_days=30, example="")
        known[name] = replace(known.get(name, new), **stated)
    for name, signal in known.items():
        _check(name, signal)
    return dict(sorted(known.items()))


def strongest_first(signals: dict[str, Signal]) -> list[tuple[str, Signal]]:
    """Return the signals that give or take points, the most first: a touch is the first's that holds."""
    worth = [item for item in signals.items() if round(item[1].points * 1000)]
    return sorted(worth, key=lambda item: (-abs(item[1].points), item[0]))


def _check(name: str, signal: Signal) -> None:
    where = f"[score.signals.{name}]"
    if signal.group not in GROUPS:
        raise HedgerowError(f"{where} is of no group '{signal.group}'.{nearest(signal.group, GROUPS)}")
    known = [verb for group in verbs().values() for verb in group]
    for verb in signal.verbs:
        if verb not in known:
            raise HedgerowError(f"{where} names the verb '{verb}', which is unknown.{nearest(verb, known)}")
    to_duckdb(signal.when, SEEN, f"{where} when")
    if not signal.half_life_days > 0:
        raise HedgerowError(f"{where} has a half-life of {signal.half_life_days:g} days: make it more than 0.")
    for cap in ("cap_per_day", "cap"):
        if (most := getattr(signal, cap)) is not None and most < 0:
            raise HedgerowError(f"{where} has a {cap} of {most:g}: make it 0 or more; it holds for points taken too.")
    if abs(signal.points) > 1_000:
        raise HedgerowError(f"{where} gives {signal.points:g} points: stay within 1,000.")
