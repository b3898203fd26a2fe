"""Link codes: the tracked links made here, each with what it is for and the link it was shared on from."""

import secrets
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import msgspec
import sqlalchemy as sa

from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger.record import METADATA
from hedgerow.ledger.touch import Touch
from hedgerow.ledger.workspace import Workspace

SOURCE = "links"
"""The source of touches about links; the touch of a link's making has the link's code for an id."""

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 9
_LONGEST = 4096

LINKS = sa.Table(
    "links",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("parent", sa.Text),
    sa.Column("root", sa.Text),
    sa.Column("channel", sa.Text),
    sa.Column("medium", sa.Text),
    sa.Column("campaign", sa.Text),
    sa.Column("content", sa.Text),
    sa.Column("message", sa.Text),
    sa.Column("sharer", sa.Text),
    sa.Column("recipient", sa.Text),
    sa.Column("generation", _BIG, nullable=False),
    sa.Column("made_at", _BIG, nullable=False),
)
"""A row a tracked link."""


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What a link is for: where it stands, who shares it, who it is sent to; `sharer` and `recipient` are identifiers.

    `content` is the post, or the component of the message, that it stands in; `message` the message.
    """

    channel: str | None = None
    medium: str | None = None
    campaign: str | None = None
    content: str | None = None
    message: str | None = None
    sharer: str | None = None
    recipient: str | None = None


@dataclass(frozen=True)
class Link:
    """A tracked link. One that was not shared on from another is of generation 0 and its own `root`."""

    code: str
    url: str
    made_by: str
    parent: str | None
    root: str
    generation: int
    purpose: Purpose
    made_at: int


def make_link(
    workspace: Workspace, url: str, made_by: str, purpose: Purpose = Purpose(), parent: str | None = None
) -> Link:
    """Make a link to `url` and return it; `parent` is the code of the link it is shared on from.

    `made_by` is who or what makes it, an identifier. Its making is a touch. Raises `HedgerowError` for an address
    that is none, or a parent that does not exist.
    """
    _check_url(url)
    source = find_link(workspace, parent) if parent else None
    if parent and not source:
        raise HedgerowError(f"There is no link {parent} to share on: make one without a parent.")
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    root, generation = (source.root, source.generation + 1) if source else (code, 0)
    now = clock.now()
    link = Link(code, url, made_by, parent, root, generation, purpose, clock.microseconds(now))
    workspace.inbox.accept([_making(link)])
    row = {**asdict(link), **asdict(purpose)}
    del row["purpose"]
    with workspace.record.begin() as connection:
        connection.execute(sa.insert(LINKS).values(**row))
    return link


def find_link(workspace: Workspace, code: str) -> Link | None:
    """Return the link with this code, or None."""
    with workspace.record.connect() as connection:
        row = connection.execute(sa.select(LINKS).where(LINKS.c.code == code)).first()
    return _link(row) if row else None


def links(workspace: Workspace, most: int = 500) -> list[Link]:
    """Return the links made last, `most` of them."""
    query = sa.select(LINKS).order_by(LINKS.c.made_at.desc(), LINKS.c.code).limit(most)
    with workspace.record.connect() as connection:
        return [_link(row) for row in connection.execute(query)]


def _link(row: sa.Row[tuple[object, ...]]) -> Link:
    said = dict(row._mapping)
    purpose = Purpose(**{name: said.pop(name) for name in Purpose.__dataclass_fields__})
    return Link(**said, purpose=purpose)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        good = None
    if not good or len(url) > _LONGEST or not url.isprintable() or " " in url or "\\" in url or not url.isascii():
        raise HedgerowError(
            f"'{url[:100]}' is no address to link to: write it in full, with https:// and what is not ASCII encoded."
        )


def _making(link: Link) -> Touch:
    purpose = link.purpose
    said = {"link": link.code, "root": link.root, "generation": link.generation, "content": purpose.content}
    said |= {"message": purpose.message, "recipient": purpose.recipient, "made_by": link.made_by}
    return Touch(
        occurred_at=clock.now(),
        source=SOURCE,
        sender_id=link.code,
        verb="announce" if purpose.sharer else "add",
        actor=purpose.sharer or link.made_by,
        channel=purpose.channel,
        medium=purpose.medium,
        campaign=purpose.campaign,
        url=link.url,
        object=f"link:{link.code}",
        parent=link.parent,
        relation="share" if link.parent else None,
        properties=msgspec.json.encode({name: value for name, value in said.items() if value is not None}).decode(),
    )
