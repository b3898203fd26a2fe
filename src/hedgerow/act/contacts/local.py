"""People: our side of a contact book, read from the ledger and written to it as touches."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from hedgerow.act.contacts.books import EVERYONE, HELD, NOBODY, Book, Kept, books, kept_cards
from hedgerow.act.contacts.filling import filled
from hedgerow.act.contacts.syncing import Change
from hedgerow.ledger import Touch, Workspace
from hedgerow.people import clusters, consents, fields, values
from hedgerow.people.cards import Card, line
from hedgerow.people.cards.card import revision
from hedgerow.people.cards.stating import MANY, ONE, own_identifier, source_of, touches, written_out
from hedgerow.people.consents import EVERYTHING, MAIL

_MADE = "hedgerow-"
"""What the id of a card begins with that was written into a book by us."""


@dataclass(frozen=True)
class _Said:
    """A field as one identifier stated it last; `value` is None where it said that there is none any more."""

    actor: str
    field: str
    at: datetime
    touch_id: str
    value: Any


@dataclass
class _Person:
    """What is known of a person: their cards here, by what to name them, each field as stated last by each, and what
    their profile shows (the actor is its source), which goes before what others state."""

    uids: set[str] = field(default_factory=set)
    names: list[str] = field(default_factory=list)
    named: str = ""
    said: list[_Said] = field(default_factory=list)
    shown: list[_Said] = field(default_factory=list)
    opted_out: bool = False

    @property
    def known(self) -> list[_Said]:
        """What a card of theirs is to say."""
        return [*(each for each in self.said if each.field not in _SHOWN), *self.shown]


class People:
    """The people of a workspace as cards of a book; `turn` turns the mill, so that what was stated is known."""

    def __init__(self, workspace: Workspace, book: Book, turn: Callable[[], object]) -> None:
        self._workspace, self._book, self._turn = workspace, book, turn
        self._named: dict[str, str] = {}

    def cards(self, kept: Mapping[str, Kept]) -> dict[str, Card | None]:
        """Return the book's cards filled with what others stated later, and those of people to be written into it."""
        self._turn()
        uid_of = {own_identifier(self._book.name, uid): uid for uid in kept}
        made: dict[str, Card | None] = {}
        for person in self._people(uid_of):
            for uid in person.uids & set(kept):
                if kept[uid].state == HELD:
                    made[uid] = self._card(person, uid, kept[uid].base)
            if person.named and not person.uids and self._is_pushed(person):
                uid = self._uid(person)
                self._named[uid] = person.named
                new = filled(Card((line("UID", uid),)), _newest(person.known))
                made[uid] = _named(_opted(new, person), person)
        return made

    def apply(self, changes: Sequence[Change]) -> None:
        """State what the book changed, and leave a touch of each card that was written to it or taken out."""
        stated = [touch for change in changes for touch in self._touches(change)]
        self._workspace.inbox.accept(stated)

    def everybody(self, kept: Mapping[str, Card]) -> Iterator[Card]:
        """Yield a card for each person to be written into the book, begun with one of `kept`, cards by identifier."""
        for person in self._people({}):
            if self._is_pushed(person):
                base = next((kept[name] for name in person.names if name in kept), None)
                uid = base.uid if base and base.uid else self._uid(person)
                begun = base if base and base.uid else (base or Card(())).but([line("UID", uid)])
                yield _named(_opted(filled(begun, _newest(person.known)), person), person)

    def _uid(self, person: _Person) -> str:
        return _MADE + hashlib.sha256(f"{self._book.name}\n{person.named or person.names[0]}".encode()).hexdigest()[:32]

    def _touches(self, change: Change) -> Iterator[Touch]:
        book, uid = self._book.name, change.uid
        if change.wrote not in ("remove", "forget"):
            yield from touches(book, uid, change.card, change.before, change.revision, change.at)
        if change.wrote:
            named = self._named.get(uid, "") if change.wrote == "add" else ""
            yield from written_out(book, uid, change.wrote, change.revision, change.at, named)

    def _is_pushed(self, person: _Person) -> bool:
        pushes = self._book.pushes
        if pushes == NOBODY or not person.known:
            return False
        return pushes == EVERYONE or pushes in _newest(person.said).get("lists", [])

    def _card(self, person: _Person, uid: str, base: Card) -> Card | None:
        listed = self._book.pushes not in (EVERYONE, NOBODY)
        if uid.startswith(_MADE) and listed and self._book.pushes not in {*_newest(person.said).get("lists", [])}:
            return None
        own = own_identifier(self._book.name, uid)
        since = {each.field: each.at for each in person.said if each.actor == own}
        kind, source = f"card.{self._book.name}:", source_of(self._book.name)
        others = [each for each in person.known if not each.actor.startswith(kind) and each.actor != source]
        later = [each for each in others if each.field not in since or each.at > since[each.field]]
        card = _opted(filled(base, _newest(later)), person)
        if card is base:
            return base
        return card.but([revision(max(each.at for each in later))], "REV") if later else card

    def _people(self, uid_of: Mapping[str, str]) -> Iterable[_Person]:
        """Return the people with a card in the book and, where some are to be written into it, everybody stated."""
        if "evidence" not in self._workspace.derived.names():
            return []
        known = clusters(self._workspace).person
        who = pa.table({"code": pa.array(range(len(known)), pa.int64()), "person": known})
        kind = pa.table({"kind": [f"card.{self._book.name}"], "every": [self._book.pushes != NOBODY]})
        people: dict[int, _Person] = {}
        ask = self._workspace.engine.sql
        for row in ask(_NAMES, who=who, asked=kind).to_pylist():
            person = people.setdefault(row["person"], _Person())
            person.names.append(row["name"])
            if row["kind"] == f"card.{self._book.name}":
                person.uids.add(uid_of.get(row["name"], row["name"]))
            elif not person.named and row["kind"] in ("email", "phone", *_networks(row["kind"])):
                person.named = row["name"]
        for row in ask(_SAID, who=who, asked=kind).to_pylist():
            value = json.loads(row["value"])
            stated = _Said(row["actor"], row["field"], row["occurred_at"], row["touch_id"], value)
            people[row["person"]].said.append(stated)
        these = pa.array(list(people), pa.int64())
        for row in ask(_FIRST, shown=values(self._workspace, these)).to_pylist():
            shown = _Said(row["source"], row["field"], row["stated_at"], row["touch_id"], row["value"])
            people[row["person"]].shown.append(shown)
        for row in consents(self._workspace, these).to_pylist():
            people[row["person"]].opted_out |= row["purpose"] in (MAIL, EVERYTHING) and not row["given"]
        return people.values()


def exported(workspace: Workspace, list_name: str = "") -> list[Card]:
    """Return everybody of whom something was stated, or those in a list, as one card each.

    A person with cards in books has the first of those, with all that it holds, filled with what is known.
    """
    kept = {
        own_identifier(book.name, uid): card.base
        for book in books(workspace)
        for uid, card in kept_cards(workspace, book.name).items()
        if card.state == HELD
    }
    people = People(workspace, Book("-", "", "", list_name or EVERYONE, "", None), lambda: None)
    return list(people.everybody(kept))


def _named(card: Card, person: _Person) -> Card:
    return card if card.text("FN") else card.but([line("FN", card.shown_name or person.names[0])])


def _networks(kind: str) -> tuple[str, ...]:
    return () if kind.startswith(("card.", "crm", "book")) else (kind,)


def _opted(card: Card, person: _Person) -> Card:
    return card.marked_opted_out() if person.opted_out else card


def _newest(said: Sequence[_Said]) -> dict[str, str | list[str]]:
    """Return each field as it was stated last; of those with many values all that anybody states."""
    known: dict[str, str | list[str]] = {}
    for each in sorted(said, key=lambda each: (each.at, each.touch_id)):
        name, value = each.field, each.value
        if name in ONE:
            known[name] = value if isinstance(value, str) else ""
        else:
            texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
            known[name] = [*known.get(name, []), *(text for text in texts if isinstance(text, str))]
    return known


_SHOWN = tuple(name for name in ONE if name in fields())
"""The fields that go by their precedence in the profile."""
_FIELDS = ", ".join(f"'{name}'" for name in (*ONE, *MANY))
_THEM = (
    "SELECT DISTINCT w.person FROM who w JOIN identifiers i ON i.code = w.code, asked "
    "WHERE asked.every OR i.kind = asked.kind"
)
_NAMES = (
    "SELECT w.person, i.kind, i.kind || ':' || i.value AS name FROM who w JOIN identifiers i ON i.code = w.code "
    f"WHERE w.person IN ({_THEM}) ORDER BY i.code"
)
_SAID = (
    # Materialized, because DuckDB 2.0 loses its way where a dictionary of strings goes through unnest and a join.
    f"WITH stated AS MATERIALIZED (SELECT actor_code, actor, occurred_at, received_at, touch_id, properties "
    f"FROM touches WHERE verb = 'identify' AND properties IS NOT NULL), named AS MATERIALIZED (SELECT *, "
    f"unnest(json_keys(properties)) AS field FROM stated) "
    f"SELECT w.person, actor, field, occurred_at, touch_id, json_extract(properties, '$.' || field)::VARCHAR AS value "
    f"FROM named JOIN who w ON w.code = actor_code WHERE field IN ({_FIELDS}) AND w.person IN ({_THEM}) "
    f"QUALIFY row_number() OVER (PARTITION BY actor, field "
    f"ORDER BY occurred_at DESC, received_at DESC, touch_id DESC) = 1"
)
_FIRST = (
    "SELECT person, field, value, source, stated_at, touch_id FROM shown "
    f"WHERE place = 1 AND value <> '' AND field IN {_SHOWN}"
)
