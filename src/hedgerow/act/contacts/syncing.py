"""Syncing: a contact book and our side brought to the same, card by card, so that stopping anywhere does no harm.

What is written on either side is what both will find again: a card is put under the etag it was read with, is merged
anew where that no longer holds, and is written down as agreed on last of all. Whatever was done before a stop is seen
by the next run as a change that both sides made alike, which is no change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from hedgerow.act.contacts.books import HELD, LEFT, Book, Conflict, Kept, keep, kept_cards, read_upto
from hedgerow.act.contacts.carddav import Changed, Fetched, Listing, Refused, Remote
from hedgerow.act.contacts.forgotten import remembered, silenced
from hedgerow.act.contacts.merging import merged, same
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Workspace, drop, tombstones
from hedgerow.people.cards import Card, Rejected, format_named, read_cards
from hedgerow.people.cards.stating import source_of

_TOGETHER = 200
_TRIES = 5
_NOTHING = Card(())


@dataclass(frozen=True)
class Change:
    """What became of a card: how our side had it before and has it now (None: not), and what was done to the book."""

    uid: str
    card: Card | None
    before: Card | None
    revision: int
    at: datetime
    wrote: str = ""
    """`add`, `update` or `remove` where the book was written to; `forget` where an erased person was taken out."""


class Local(Protocol):
    """Our side of a book."""

    def cards(self, kept: Mapping[str, Kept]) -> Mapping[str, Card | None]:
        """Return each card as we have it, None for one that is not to be in the book; what is left out is as kept."""

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in what the book changed, and leave a touch of what was done to the book; durable on return."""


@dataclass
class Outcome:
    """What a sync did: how many cards it took in, wrote and removed on either side, and what it could not take."""

    read: int = 0
    written: int = 0
    gone: int = 0
    removed: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    rejected: list[tuple[str, str]] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How much was changed on both sides together."""
        return self.read + self.written + self.gone + self.removed


def sync(workspace: Workspace, book: Book, local: Local, remote: Remote) -> Outcome:
    """Bring a book and our side to the same and return what was done; run again, it changes nothing.

    Cards that can't be taken are faults too. Raises `HedgerowError` where the server can't be reached; what was done by
    then stays done.
    """
    run = _Run(workspace, book, local, remote)
    erased = len(tombstones(workspace).digests)
    # Nothing is kept of an erased person's card: where somebody was erased since, all that is unknown is looked at.
    listing = remote.listing(book.token if erased == book.erased else "")
    run.look(listing)
    run.forget()
    run.settle()
    # A card that was not taken has to be looked at again, so the place in the list stays where it was.
    upto = (book.token, book.erased) if run.outcome.rejected else (listing.token, erased)
    read_upto(workspace, book.name, *upto)
    named = silenced(workspace, (Rejected(0, reason, where) for where, reason in run.outcome.rejected))
    drop(workspace, source_of(book.name), [(each.line, each.reason, each.payload) for each in named])
    return run.outcome


@dataclass
class _Settled:
    """What came of a card: the row to keep, and what to tell our side."""

    kept: Kept
    change: Change | None
    lost: tuple[Conflict, ...] = ()


class _Run:
    """One sync: what both sides have, and what is done about it."""

    def __init__(self, workspace: Workspace, book: Book, local: Local, remote: Remote) -> None:
        self._workspace, self._book, self._local, self._remote = workspace, book, local, remote
        self._kept = kept_cards(workspace, book.name)
        self._there: dict[str, tuple[Fetched, Card]] = {}
        self._gone: set[str] = set()
        self._erased: list[Fetched] = []
        self._here: Mapping[str, Card | None] = {}
        self._at = clock.now()
        self.outcome = Outcome()

    def look(self, listing: Listing) -> None:
        """Read what is new on both sides."""
        known = {kept.href: kept for kept in self._kept.values() if kept.href and kept.state != LEFT}
        fresh = [href for href, etag in listing.etags.items() if href not in known or known[href].etag != etag]
        self._read(self._remote.fetch(sorted(fresh)))
        gone = set(known) - set(listing.etags) if listing.whole else set(known) & listing.gone
        self._gone = {known[href].uid for href in gone} - set(self._there)
        self._here = self._local.cards(self._kept)

    def forget(self) -> None:
        """Take the cards of erased people out of the book; nothing is kept of them."""
        for fetched in self._erased:
            try:
                self._remote.delete(fetched.href, fetched.etag)
            except HedgerowError as refusal:
                self.outcome.rejected.append(("a card of somebody who was erased", refusal.sentence))
            else:
                self.outcome.removed += 1
                self._local.apply([Change("", None, None, 0, self._at, "forget")])

    def settle(self) -> None:
        """Settle every card that either side changed, some at a time."""
        ours = {uid for uid, card in self._here.items() if not self._as_kept(uid, card)}
        uids = sorted(ours | self._gone | set(self._there))
        for start in range(0, len(uids), _TOGETHER):
            settled = [done for uid in uids[start : start + _TOGETHER] if (done := self._settled(uid))]
            self._local.apply([done.change for done in settled if done.change])
            lost = [each for done in settled for each in done.lost]
            keep(self._workspace, self._book.name, [done.kept for done in settled], lost)
            self.outcome.conflicts += lost

    def _as_kept(self, uid: str, card: Card | None) -> bool:
        kept = self._kept.get(uid)
        if kept is None or kept.state != HELD:
            return kept is not None or card is None
        return card is not None and (card is kept.base or same(card, kept.base))

    def _read(self, fetched: Iterable[Fetched]) -> None:
        """Take in cards of the server; one that can't be read is named and left alone."""
        read: dict[str, tuple[Fetched, Card]] = {}
        for each in fetched:
            try:
                card = _card(each)
            except Refused as refusal:
                self.outcome.rejected.append((each.href, refusal.sentence))
                continue
            uid = card.uid or f"href:{each.href}"
            if uid in read:
                said = f"it has the same UID as {read[uid][0].href}: give one of them another"
                self.outcome.rejected.append((each.href, said))
            else:
                read[uid] = (each, card)
        known = remembered(self._workspace, self._book.name, {uid: card for uid, (_, card) in read.items()})
        self._there |= {uid: (read[uid][0], card) for uid, card in known.items()}
        self._erased += [each for uid, (each, _) in read.items() if uid not in known]

    def _settled(self, uid: str) -> _Settled | None:
        for _ in range(_TRIES):
            try:
                return self._one(uid)
            except Changed:
                self._read_again(uid)
            except Refused as refusal:
                self.outcome.rejected.append((uid, refusal.sentence))
                return None
        self.outcome.rejected.append((uid, "it changed on the server each time it was written: sync again"))
        return None

    def _read_again(self, uid: str) -> None:
        href = self._there[uid][0].href if uid in self._there else self._href(uid)
        self._there.pop(uid, None)
        found = list(self._remote.fetch([href]))
        self._read(found)
        if not found:
            self._gone.add(uid)
        elif uid not in self._there:
            raise Refused("it was changed on the server to what can't be read: correct it there")

    def _href(self, uid: str) -> str:
        kept = self._kept.get(uid)
        return kept.href if kept and kept.href else self._remote.place(uid)

    def _one(self, uid: str) -> _Settled | None:
        kept = self._kept.get(uid)
        base = kept.base if kept and kept.state == HELD else None
        there = self._there[uid][1] if uid in self._there else None if uid in self._gone else base
        here = self._here.get(uid, base)
        if there is None and kept is not None:
            return self._left(uid, here, base)
        if uid in self._here and here is None:
            return self._unwanted_here(uid, base, there)
        if there is None:
            return self._bring(uid, here, None, here, ()) if here else None
        if here is None:
            return self._bring(uid, there, there, None, ())
        made = merged(base or _NOTHING, here, there)
        return self._bring(uid, made.card, there, here, tuple(Conflict(uid, *each) for each in made.lost))

    def _left(self, uid: str, here: Card | None, base: Card | None) -> _Settled | None:
        """Settle a card that is gone from the book: an edit of ours brings it back, else it is gone."""
        if base is None or here is None:
            return self._row_left(uid, None)
        if not same(here, base):
            return self._bring(uid, here, None, here, (Conflict(uid, "card", "changed here", "removed there"),))
        self.outcome.gone += 1
        return self._row_left(uid, self._change(uid, None, base))

    def _unwanted_here(self, uid: str, base: Card | None, there: Card | None) -> _Settled | None:
        if there is not None and (base is None or not same(there, base)) and uid in self._there:
            return self._bring(uid, there, there, None, (Conflict(uid, "card", "changed there", "removed here"),))
        return self._take_out(uid, base)

    def _take_out(self, uid: str, base: Card | None) -> _Settled:
        if uid not in self._gone:
            etag = self._there[uid][0].etag if uid in self._there else self._kept[uid].etag
            self._remote.delete(self._there[uid][0].href if uid in self._there else self._href(uid), etag)
            self.outcome.removed += 1
        return self._row_left(uid, self._change(uid, None, base, "remove"))

    def _bring(
        self, uid: str, card: Card, there: Card | None, here: Card | None, lost: tuple[Conflict, ...]
    ) -> _Settled | None:
        """Bring both sides to `card`: write it where the book has it otherwise, and tell our side where we have."""
        kept = self._kept.get(uid)
        fetched = self._there[uid][0] if uid in self._there else None
        href = fetched.href if fetched else self._href(uid)
        etag = fetched.etag if fetched else kept.etag if kept and uid not in self._gone else ""
        wrote = ""
        if there is None or not same(card, there):
            etag = self._remote.put(href, _data(card), (etag or "*") if there is not None else None)
            self.outcome.written += 1
            wrote = "add" if there is None else "update"
        if here is None or not same(card, here):
            self.outcome.read += 1
        elif not wrote and kept and kept.state == HELD and same(card, kept.base):
            return _Settled(Kept(uid, card, kept.revision, href, etag), None)
        change = self._change(uid, card, here, wrote)
        return _Settled(Kept(uid, card, change.revision, href, etag), change, lost)

    def _row_left(self, uid: str, change: Change | None) -> _Settled:
        kept = self._kept.get(uid, Kept(uid, _NOTHING, 0))
        return _Settled(Kept(uid, _NOTHING, change.revision if change else kept.revision, state=LEFT), change)

    def _change(self, uid: str, card: Card | None, before: Card | None, wrote: str = "") -> Change:
        kept = self._kept.get(uid)
        return Change(uid, card, before, kept.revision + 1 if kept else 1, self._stated_at(kept, card), wrote)

    def _stated_at(self, kept: Kept | None, card: Card | None) -> datetime:
        """Return when a card was changed: as its REV says where that can be, else the time of this sync."""
        stated, since = card.revised_at if card else None, self._book.read_at
        if stated is None or stated > self._at or (kept and since and stated <= since):
            return self._at
        return stated


def _card(fetched: Fetched) -> Card:
    cards, rejected = read_cards(fetched.data, "vcard4" if b"VERSION:4.0" in fetched.data[:4096] else "vcard3")
    if rejected or len(cards) != 1:
        raise Refused(rejected[0].reason if rejected else f"it holds {len(cards)} cards: put one card in a file")
    return cards[0]


def _data(card: Card) -> bytes:
    write = format_named("vcard4" if card.version == "4.0" else "vcard3").write
    if write is None:
        raise HedgerowError("vCards can't be written by this program: install it anew.")
    return write([card])
