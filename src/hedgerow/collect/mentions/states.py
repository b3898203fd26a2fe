"""States: what is known of each source and target, and the touch that is owed to the ledger for it."""

import json
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

import msgspec
import sqlalchemy as sa

from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import microseconds, now
from hedgerow.ledger import Touch, Workspace
from hedgerow.ledger.record import METADATA

SOURCE = "webmention"
"""The source of touches that a webmention brought."""

MENTIONS = sa.Table(
    "mentions",
    METADATA,
    sa.Column("pair", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("owed", sa.Text, nullable=False),
    sa.Column("verified_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
)
"""A row a source and target: `state` is live or deleted, `digest` is of what was said in `version`, and `owed` is that
version's touch until the inbox has it. The touch is decided with the state and delivered after, so that a crash
between the two repeats the delivery and not the decision."""


@dataclass(frozen=True)
class State:
    """What is known of a pair; `version` counts the touches that say so, 0 for a pair never heard of."""

    pair: str
    source: str
    target: str
    state: str = ""
    digest: str = ""
    actor: str = ""
    version: int = 0
    owed: str = ""
    verified_at: int = 0


def pair_of(source: str, target: str) -> str:
    """Return what tells a source and target from all others: 32 hexadecimal digits."""
    return sha256(f"{source}\0{target}".encode()).hexdigest()[:32]


def known(workspace: Workspace, source: str, target: str) -> State:
    """Return what is known of a pair, its owed touch delivered."""
    pair = pair_of(source, target)
    with workspace.record.connect() as connection:
        row = connection.execute(sa.select(MENTIONS).where(MENTIONS.c.pair == pair)).first()
    state = State(**row._asdict()) if row else State(pair, source, target)
    if state.owed:
        deliver(workspace, state)
    return state


def decide(workspace: Workspace, before: State, after: State) -> None:
    """Write down a new state of a pair, then deliver the touch it owes.

    Raises `HedgerowError` where another worker has decided since `before` was read.
    """
    values = asdict(after)
    try:
        with workspace.record.begin() as connection:
            if not before.version:
                connection.execute(sa.insert(MENTIONS).values(**values))
            else:
                same = (MENTIONS.c.pair == before.pair) & (MENTIONS.c.version == before.version)
                if not connection.execute(sa.update(MENTIONS).where(same).values(**values)).rowcount:
                    raise _overtaken(before)
    except sa.exc.IntegrityError:
        raise _overtaken(before) from None
    if after.owed:
        deliver(workspace, after)


def deliver(workspace: Workspace, state: State) -> None:
    """Give the inbox the touch a state owes; it has one id and content, so the ledger takes it once."""
    workspace.inbox.accept([msgspec.json.decode(state.owed, type=Touch)])
    delivered = (MENTIONS.c.pair == state.pair) & (MENTIONS.c.version == state.version)
    with workspace.record.begin() as connection:
        connection.execute(sa.update(MENTIONS).where(delivered).values(owed=""))


def recall(workspace: Workspace) -> int:
    """Make the states again that the ledger tells of and the record lacks; return how many it lacked."""
    told = workspace.engine.sql(
        f"SELECT url AS source, object AS target, verb, actor, properties FROM touches WHERE source = '{SOURCE}' "
        "QUALIFY row_number() OVER (PARTITION BY url, object ORDER BY (properties ->> 'version')::BIGINT DESC) = 1"
    ).to_pylist()
    lacking = [row for row in told if not known(workspace, row["source"], row["target"]).version]
    for row in lacking:
        said, missing = (
            json.loads(row["properties"]),
            State(pair_of(row["source"], row["target"]), row["source"], row["target"]),
        )
        state = "deleted" if row["verb"] == "delete" else "live"
        found = {"state": state, "digest": said.get("digest", ""), "version": said["version"], "actor": row["actor"]}
        decide(workspace, missing, replace(missing, **found, verified_at=microseconds(now())))
    return len(lacking)


def _overtaken(state: State) -> HedgerowError:
    return HedgerowError(f"{state.source} was verified by another worker meanwhile: verify it again.")
