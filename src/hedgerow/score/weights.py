"""Weights: what a touch's company (its channel, its asset, its sociability) makes of a signal's points."""

from dataclasses import dataclass

from hedgerow.kit import HedgerowError, nearest
from hedgerow.kit.expression import to_duckdb
from hedgerow.ledger import Settings
from hedgerow.score.signal import SEEN


@dataclass(frozen=True)
class Weight:
    """Points of a touch for which `when` is true are taken times `percent` / 100; `kind` says what it looks at."""

    name: str
    kind: str
    says: str
    when: str
    percent: int


# Of each kind the first that holds counts; those of several kinds are multiplied.
WEIGHTS: tuple[Weight, ...] = (
    Weight("advocate", "channel", "Somebody who speaks for us sent them.", "channel_group = 'Advocate'", 150),
    Weight("trusted", "channel", "They came through peers: a community, a review or an assistant's answer.",
           "channel_group in ('Community', 'Review', 'AI Assistants')", 125),
    Weight("paid", "channel", "They came by an advertisement.",
           "channel_group like 'Paid %' or channel_group in ('Display', 'Cross-network', 'Affiliates')", 75),
    Weight("choosers", "asset", "Those who choose read it: a case study, a comparison, a guide to buying.",
           r"regexp_matches(asset, '\b(case[ _-]?stud|customer[ _-]?stor|stories|compar|buyers?[ _-]guide)')", 150),
    Weight("light", "asset", "It is read by anybody: the blog, the newsletter, the news.",
           r"regexp_matches(asset, '\b(blog|newsletter|news|press)\b')", 75),
    Weight("conversation", "sociability", "It answers somebody.", "relation = 'reply'", 125),
    Weight("spread", "sociability", "It passes somebody's words on to others.", "relation in ('share', 'quote')", 120),
)  # fmt: skip
KINDS = tuple(dict.fromkeys(weight.kind for weight in WEIGHTS))


def weights_of(settings: Settings) -> tuple[Weight, ...]:
    """Return the weights in force: `[score.weights]` may say another percentage for each, 100 to do without it.

    Raises `HedgerowError` for a name that is none, or a percentage outside 0 to 1,000.
    """
    said, known = settings.score.weights, {weight.name for weight in WEIGHTS}
    for name, percent in said.items():
        if name not in known:
            raise HedgerowError(f"[score.weights] names '{name}', which is no weight.{nearest(name, known)}")
        if not 0 <= percent <= 1_000:
            raise HedgerowError(f"[score.weights] {name} is {percent} percent: use 0 to 1,000.")
    return tuple(
        Weight(weight.name, weight.kind, weight.says, weight.when, said.get(weight.name, weight.percent))
        for weight in WEIGHTS
    )


def name_sql(weights: tuple[Weight, ...], kind: str) -> str:
    """Return the SQL for the name of the first weight of a kind that holds, or NULL."""
    held = " ".join(
        f"WHEN {to_duckdb(weight.when, SEEN, f'the weight {weight.name}')} THEN '{weight.name}'"
        for weight in weights
        if weight.kind == kind
    )
    return f"CASE {held} END"
