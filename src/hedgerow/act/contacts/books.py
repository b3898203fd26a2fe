"""Books: the contact books there are, each card as both sides last agreed on it, and what they disagreed on."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from hedgerow.kit import HedgerowError, clock, nearest
from hedgerow.ledger import Workspace
from hedgerow.ledger.record import METADATA
from hedgerow.people.cards import Card
from hedgerow.people.cards.stating import identifier_of

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

BOOKS = sa.Table(
    "books",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("url", "user", "secret_file", "pushes", "token")),
    sa.Column("made_at", _BIG, nullable=False),
    sa.Column("read_at", _BIG, nullable=True),
    sa.Column("erased", _BIG, nullable=False),
)
"""A row a book: `url` is empty for one that comes as files, `pushes` says who is written into it, `token` is where
the server's own list of changes goes on, `read_at` when both sides last agreed, and `erased` how many tombstones there
were then: where there are others now, the book is read whole."""

CARDS = sa.Table(
    "book_cards",
    METADATA,
    sa.Column("book", sa.Text, primary_key=True),
    sa.Column("uid", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("href", "etag", "state", "base", "identifier")),
    sa.Column("revision", _BIG, nullable=False),
)
"""A row a card: `base` is the card as both sides last agreed on it, `state` whether the book holds it, and
`identifier` by what its touches go, so that it is erased with its person."""

CONFLICTS = sa.Table(
    "book_conflicts",
    METADATA,
    sa.Column("id", _BIG, primary_key=True, autoincrement=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("book", "uid", "field", "kept", "lost", "identifier")),
    sa.Column("at", _BIG, nullable=False),
    sqlite_autoincrement=True,
)
"""A row for each field that both sides changed: what was kept, and what was not."""

HELD, LEFT = "held", "left"
"""What a card may be: in the book, or gone from it."""

EVERYONE, NOBODY = "everyone", "nobody"
_NAME = r"[a-z0-9][a-z0-9_-]{0,39}"
_ROWS = 500


@dataclass(frozen=True)
class Book:
    """A contact book: `pushes` is "nobody", "everyone", or the list whose people are written into it."""

    name: str
    url: str
    user: str
    pushes: str
    token: str
    read_at: datetime | None
    erased: int = 0


@dataclass(frozen=True)
class Kept:
    """A card as both sides last agreed on it; each change that was stated counted its `revision` up."""

    uid: str
    base: Card
    revision: int
    href: str = ""
    etag: str = ""
    state: str = HELD


@dataclass(frozen=True)
class Conflict:
    """A field of a card that both sides changed: what was kept, and what was not."""

    uid: str
    field: str
    kept: str
    lost: str


def add_book(
    workspace: Workspace, name: str, url: str = "", user: str = "", secret: str = "", pushes: str = NOBODY
) -> Book:
    """Make a book and return it; its secret goes to a file of the workspace that only its owner may read.

    Raises `HedgerowError` for a name that is taken or can't be one.
    """
    if not re.fullmatch(_NAME, name):
        raise HedgerowError(f"'{name}' can't name a book: use at most 40 small letters, digits, - and _ only.")
    file = _secret_file(workspace, name)
    row = {"name": name, "url": url, "user": user, "secret_file": file.name if secret else "", "pushes": pushes}
    try:
        with workspace.record.begin() as connection:
            made = {"token": "", "made_at": clock.microseconds(clock.now()), "erased": 0}
            connection.execute(sa.insert(BOOKS).values(**row, **made))
            if secret:
                _write_secret(file, secret)
    except sa.exc.IntegrityError:
        raise HedgerowError(f"A book is called '{name}' already: choose another name, or drop that one.") from None
    return find_book(workspace, name)


def drop_book(workspace: Workspace, name: str) -> None:
    """Forget a book and how its cards stood; what they stated stays in the ledger, and the server keeps its cards."""
    find_book(workspace, name)
    with workspace.record.begin() as connection:
        for table, column in ((CARDS, CARDS.c.book), (CONFLICTS, CONFLICTS.c.book), (BOOKS, BOOKS.c.name)):
            connection.execute(sa.delete(table).where(column == name))
    _secret_file(workspace, name).unlink(missing_ok=True)


def books(workspace: Workspace) -> list[Book]:
    """Return every book, by name."""
    with workspace.record.connect() as connection:
        rows = connection.execute(sa.select(BOOKS).order_by(BOOKS.c.name)).all()
    return [Book(row.name, row.url, row.user, row.pushes, row.token, _time(row.read_at), row.erased) for row in rows]


def find_book(workspace: Workspace, name: str) -> Book:
    """Return a book; raises `HedgerowError` with the nearest name where there is none."""
    known = {book.name: book for book in books(workspace)}
    if name not in known:
        raise HedgerowError(f"No book is called '{name}'.{nearest(name, known)}")
    return known[name]


def secret_of(workspace: Workspace, name: str) -> str:
    """Return a book's secret, "" where it has none; raises `HedgerowError` where its file can't be read."""
    with workspace.record.connect() as connection:
        file = connection.scalar(sa.select(BOOKS.c.secret_file).where(BOOKS.c.name == name))
    try:
        return _secret_file(workspace, name).read_text("utf-8") if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise HedgerowError(
            f"The secret of the book '{name}' can't be read ({error}): drop and add the book."
        ) from None


def kept_cards(workspace: Workspace, book: str) -> dict[str, Kept]:
    """Return the cards of a book by their ids, as both sides last agreed on them."""
    with workspace.record.connect() as connection:
        rows = connection.execute(sa.select(CARDS).where(CARDS.c.book == book).order_by(CARDS.c.uid)).all()
    return {row.uid: Kept(row.uid, _card(row.base), row.revision, row.href, row.etag, row.state) for row in rows}


def keep(workspace: Workspace, book: str, cards: Iterable[Kept], lost: Sequence[Conflict] = ()) -> None:
    """Write down, in one transaction, how cards stand now, and what was lost in conflicts."""
    rows = [_row(book, card) for card in cards]
    whose = {row["uid"]: row["identifier"] for row in rows}
    more = {"book": book, "at": clock.microseconds(clock.now())}
    listed = [{**asdict(each), **more, "identifier": whose[each.uid]} for each in lost]
    with workspace.record.begin() as connection:
        for start in range(0, len(rows), _ROWS):
            some = rows[start : start + _ROWS]
            there = CARDS.c.uid.in_([row["uid"] for row in some])
            connection.execute(sa.delete(CARDS).where(CARDS.c.book == book, there))
            connection.execute(sa.insert(CARDS), some)
        if listed:
            connection.execute(sa.insert(CONFLICTS), listed)


def read_upto(workspace: Workspace, book: str, token: str, erased: int) -> None:
    """Write down that both sides of a book agree, up to the place in the server's list of changes, and nobody who was
    `erased` by then is in it."""
    agreed = {"token": token, "read_at": clock.microseconds(clock.now()), "erased": erased}
    with workspace.record.begin() as connection:
        connection.execute(sa.update(BOOKS).where(BOOKS.c.name == book).values(**agreed))


def conflicts(workspace: Workspace, book: str, most: int = 1_000) -> list[Conflict]:
    """Return the latest conflicts of a book, `most` at the most, the newest first."""
    query = sa.select(CONFLICTS).where(CONFLICTS.c.book == book).order_by(CONFLICTS.c.id.desc()).limit(most)
    with workspace.record.connect() as connection:
        return [Conflict(row.uid, row.field, row.kept, row.lost) for row in connection.execute(query)]


def _secret_file(workspace: Workspace, name: str) -> Path:
    return workspace.folder / "secrets" / f"book-{name}"


def _write_secret(file: Path, secret: str) -> None:
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(secret, "utf-8")


def _row(book: str, card: Kept) -> dict[str, Any]:
    base = msgspec.json.encode(card.base).decode()
    plain = {"uid": card.uid, "href": card.href, "etag": card.etag, "state": card.state, "revision": card.revision}
    return {"book": book, "base": base, "identifier": identifier_of(book, card.uid, card.base), **plain}


def _card(base: str) -> Card:
    return msgspec.json.decode(base, type=Card)


def _time(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at / 1_000_000, UTC)
