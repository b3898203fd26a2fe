"""The truth of a book that two sides change at random: what each contact has to be after the next sync."""

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hedgerow.act.contacts.carddav import AddressBook
from hedgerow.people.cards import Card, Line, line
from hedgerow.people.cards.card import revision
from tests.act.contacts.radicale import Ours, held

START = datetime(2026, 1, 1, tzinfo=UTC)
PHOTO = b"PHOTO;ENCODING=b;TYPE=JPEG:" + b"/9j/4AAQSkZJ" * 20
ODD = b"X-SHOE-SIZE;X-REGION=eu:42\\,5"


def card_of(uid: str) -> bytes:
    """Return a card as another program writes it."""
    text = f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:Bö {uid}\r\nN:{uid};Bö;;;\r\nTITLE:new\r\n"
    text += f"EMAIL:{uid}@x.example\r\n{PHOTO.decode()}\r\n{ODD.decode()}\r\nEND:VCARD\r\n"
    return text.encode()


@dataclass
class Contact:
    """What is known of a contact."""

    title: str
    mails: set[str] = field(default_factory=set)
    opted_out: bool = False


class World:
    """Two sides of a book, changed by chance, and what has to come of it."""

    def __init__(self, seed: int, ours: Ours, book: AddressBook) -> None:
        self.chance, self.ours, self.book = random.Random(seed), ours, book
        self.truth: dict[str, Contact] = {}
        self.ticks = 0

    def begin(self, count: int) -> None:
        """Make `count` contacts, half of them on either side."""
        for number in range(count):
            self._new_here(f"here-{number}") if number % 2 else self._new_there(f"there-{number}")

    def begun_there(self, count: int) -> None:
        """Know of `count` contacts that are on the server already, as `card_of` made them."""
        for number in range(count):
            self.truth[f"there-{number}"] = Contact("new", {f"there-{number}@x.example"})

    def change(self, share: float) -> None:
        """Change about a share of the contacts on each side, some on both, remove and make some."""
        there = {_uid(data): (href, data) for href, data in held(self.book).items()}
        etags = self.book.listing("").etags
        uids = sorted(self.truth)
        for uid in uids:
            here, over = self.chance.random() < share, self.chance.random() < share
            if not here and not over:
                continue
            mine = self._act_here(uid) if here else None
            href, data = there[uid]
            theirs = self._act_there(href, data, etags[href], uid) if over else None
            self._expect(uid, mine, theirs)
        for _ in range(max(1, int(len(uids) * share / 4))):
            self.ticks += 1
            self._new_here(f"here-new-{self.ticks}")
            self._new_there(f"there-new-{self.ticks}")

    def check(self) -> None:
        """Both sides are as they have to be, and nothing but that; what we know nothing of is still there."""
        ours = {uid: _seen(card) for uid, card in self.ours.held.items()}
        wrong = sorted(uid for uid in ours.keys() | self.truth.keys() if ours.get(uid) != self.truth.get(uid))
        assert not wrong, [(uid, ours.get(uid), self.truth.get(uid)) for uid in wrong[:3]]
        books = held(self.book)
        uids = sorted(_uid(data) for data in books.values())
        assert uids == sorted(self.truth), f"{sorted(set(uids) ^ set(self.truth))[:5]} on one side only"
        for data in books.values():
            text = data.replace(b"\r\n ", b"")
            uid = _uid(text)
            assert _seen_in(text) == self.truth[uid], uid
            if uid.startswith("there"):
                assert PHOTO in text
                assert ODD in text

    def _expect(self, uid: str, mine: "_Act | None", theirs: "_Act | None") -> None:
        was = self.truth[uid]
        acts = [act for act in (mine, theirs) if act]
        if not acts:
            return
        edits = [act for act in acts if not act.removes]
        if not edits:
            del self.truth[uid]
            return
        titles = sorted((act.at, act.title) for act in edits if act.title)
        mails = was.mails | {act.mail for act in edits if act.mail}
        gone = {act.without for act in edits if act.without}
        opted = was.opted_out or any(act.opts_out for act in edits)
        self.truth[uid] = Contact(titles[-1][1] if titles else was.title, mails - gone, opted)

    def _draw(self, uid: str, side: str) -> "_Act":
        self.ticks += 1
        at, said = START + timedelta(minutes=self.ticks), f"{side} {self.ticks}"
        what = self.chance.choice(("title", "title", "mail", "without", "both", "opt out", "remove"))
        known = sorted(self.truth[uid].mails)
        return _Act(
            at=at,
            removes=what == "remove",
            title=said if what in ("title", "both") else "",
            mail=f"m{self.ticks}@{side}.example" if what in ("mail", "both") else "",
            without=known[0] if what == "without" and len(known) > 1 else "",
            opts_out=what == "opt out" and not self.truth[uid].opted_out,  # who is opted out is not edited by it
        )

    def _act_here(self, uid: str) -> "_Act | None":
        act = self._draw(uid, "here")
        if act.removes:
            del self.ours.held[uid]
            return act
        if not act.edits:
            return None
        card = self.ours.held[uid]
        if act.title:
            card = card.but([line("TITLE", act.title)], "TITLE")
        if act.mail:
            card = card.but([line("EMAIL", act.mail)])
        if act.without:
            card = Card(tuple(each for each in card.lines if each.text != act.without), card.version)
        card = card.marked_opted_out() if act.opts_out else card
        self.ours.held[uid] = card.but([revision(act.at)], "REV")
        return act

    def _act_there(self, href: str, data: bytes, etag: str, uid: str) -> "_Act | None":
        act = self._draw(uid, "there")
        if act.removes:
            self.book.delete(href, etag)
            return act
        if not act.edits:
            return None
        text = data.replace(b"\r\n ", b"").decode()
        end = "END:VCARD"
        if act.title:
            text = re.sub(r"TITLE:[^\r]*", f"TITLE:{act.title}", text)
        if act.mail:
            text = text.replace(end, f"EMAIL;TYPE=HOME:{act.mail}\r\n{end}")
        if act.without:
            text = re.sub(rf"EMAIL[^\r]*:{re.escape(act.without)}\r\n", "", text)
        if act.opts_out and "Opted out" not in text:
            text = text.replace(end, f"CATEGORIES:Opted out\r\n{end}")
        text = re.sub(r"REV:[^\r]*\r\n", "", text).replace(end, f"REV:{act.at:%Y-%m-%dT%H:%M:%SZ}\r\n{end}")
        self.book.put(href, text.encode(), etag)
        return act

    def _new_here(self, uid: str) -> None:
        lines: tuple[Line, ...] = (line("UID", uid), line("FN", f"Ann {uid}"), line("TITLE", "new"))
        self.ours.held[uid] = Card((*lines, line("EMAIL", f"{uid}@x.example", ["work"])))
        self.truth[uid] = Contact("new", {f"{uid}@x.example"})

    def _new_there(self, uid: str) -> None:
        self.book.put(self.book.place(uid), card_of(uid), None)
        self.truth[uid] = Contact("new", {f"{uid}@x.example"})


@dataclass(frozen=True)
class _Act:
    at: datetime
    removes: bool
    title: str
    mail: str
    without: str
    opts_out: bool

    @property
    def edits(self) -> bool:
        return bool(self.title or self.mail or self.without or self.opts_out)


def _uid(data: bytes) -> str:
    found = re.search(rb"UID:([^\r]*)", data)
    assert found
    return found[1].decode()


def _seen(card: Card) -> Contact:
    return Contact(card.title, set(card.mails), card.opted_out)


def _seen_in(text: bytes) -> Contact:
    title = re.search(rb"TITLE:([^\r]*)", text)
    mails = {mail.decode() for mail in re.findall(rb"EMAIL[^\r]*:([^\r:]*)\r", text)}
    assert title
    return Contact(title[1].decode(), mails, b"Opted out" in text)
