"""A card: how the world writes a person down, as lines that lose nothing, and what is read from them."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from hedgerow.people.cards.line import LABEL, Line, line
from hedgerow.people.cards.networks import account_of

OPTED_OUT = "X-HEDGEROW-OPTED-OUT"
"""The property that says a person wants no messages; the category beside it is for programs that drop properties."""
OPTED_OUT_LIST = "Opted out"

COLUMN = "X-HEDGEROW-COLUMN"
"""A column of a spreadsheet that stands for nothing we know, kept by its name."""

_MAILTO = re.compile("^mailto:", re.IGNORECASE)
_REVISED = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:[.,](\d{1,6})\d*)?(Z|[+-]\d\d:?\d\d)?")


class Address(msgspec.Struct, frozen=True):
    """A postal address, by the names of a profile."""

    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    box: str = ""
    extended: str = ""
    kinds: tuple[str, ...] = ()


class Card(msgspec.Struct, frozen=True):
    """A card as its lines, which hold everything; its attributes are read from them. `version` is how it came."""

    lines: tuple[Line, ...]
    version: str = "3.0"

    def all(self, name: str) -> tuple[Line, ...]:
        """Return the lines of a property, the preferred ones first."""
        found = [each for each in self.lines if each.name == name]
        return tuple(sorted(found, key=lambda each: not each.preferred))

    def text(self, name: str) -> str:
        """Return the text of a property's first line, "" where there is none."""
        return next((each.text for each in self.all(name)), "")

    def part(self, name: str, place: int) -> str:
        """Return a part of a structured property, "" where it has none."""
        return next((each.parts[place] for each in self.all(name) if len(each.parts) > place), "")

    @property
    def uid(self) -> str:
        """The book's own id of the card."""
        return self.text("UID")

    @property
    def full_name(self) -> str:
        """The name as it is shown, made of its parts where it is not stated."""
        shown = (self.prefix, self.given_name, self.additional_name, self.surname, self.suffix)
        return self.text("FN") or " ".join(part for part in shown if part)

    @property
    def surname(self) -> str:
        """The family name."""
        return self.part("N", 0)

    @property
    def given_name(self) -> str:
        """The name given at birth."""
        return self.part("N", 1)

    @property
    def additional_name(self) -> str:
        """The names in between."""
        return self.part("N", 2)

    @property
    def prefix(self) -> str:
        """What stands before the name."""
        return self.part("N", 3)

    @property
    def suffix(self) -> str:
        """What stands behind the name."""
        return self.part("N", 4)

    @property
    def nicknames(self) -> tuple[str, ...]:
        """Other names the person goes by."""
        return _once(text for each in self.all("NICKNAME") for text in each.texts)

    @property
    def mails(self) -> tuple[str, ...]:
        """Mail addresses, the preferred one first; a link to one is that one."""
        return _once(_MAILTO.sub("", each.text.strip()) for each in self.all("EMAIL"))

    @property
    def phones(self) -> tuple[str, ...]:
        """Telephone numbers as they are written, the preferred one first."""
        return _once(each.text.strip() for each in self.all("TEL"))

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Postal addresses, the preferred one first."""
        names = ("box", "extended", "street", "city", "region", "postcode", "country")
        return tuple(
            Address(kinds=each.kinds, **dict(zip(names, each.parts, strict=False))) for each in self.all("ADR")
        )

    @property
    def employer(self) -> str:
        """The company."""
        return self.part("ORG", 0)

    @property
    def units(self) -> tuple[str, ...]:
        """The departments of the company, the largest first."""
        return next((each.parts[1:] for each in self.all("ORG")), ())

    @property
    def title(self) -> str:
        """The position."""
        return self.text("TITLE")

    @property
    def role(self) -> str:
        """The part played there."""
        return self.text("ROLE")

    @property
    def sites(self) -> tuple[str, ...]:
        """Web pages, network profiles included."""
        return _once(each.text for name in ("URL", "SOCIALPROFILE") for each in self.all(name) if "://" in each.text)

    @property
    def accounts(self) -> tuple[str, ...]:
        """Accounts on networks as identifiers, such as `mastodon:ann@social.example`."""
        found = (account_of(each) for name in ("SOCIALPROFILE", "IMPP", "URL") for each in self.all(name))
        return _once(account for account in found if account)

    @property
    def birth_date(self) -> str:
        """The day of birth as YYYY-MM-DD; as it is written where its year is not stated."""
        return self.text("BDAY")

    @property
    def language(self) -> str:
        """The language preferred."""
        return self.text("LANG")

    @property
    def note(self) -> str:
        """What the owner of the book wrote about the person."""
        return "\n".join(each.text for each in self.all("NOTE"))

    @property
    def lists(self) -> tuple[str, ...]:
        """The lists and groups the card is in."""
        return _once(text for each in self.all("CATEGORIES") for text in each.texts)

    @property
    def photo(self) -> str:
        """The address of the photo, or the photo itself as a data: URI."""
        return self.text("PHOTO")

    @property
    def opted_out(self) -> bool:
        """Whether the person is marked as wanting no messages."""
        return bool(self.all(OPTED_OUT)) or OPTED_OUT_LIST.casefold() in (name.casefold() for name in self.lists)

    @property
    def revised_at(self) -> datetime | None:
        """When the card was last changed, by its REV; None where it doesn't say."""
        return instant(self.text("REV"))

    @property
    def shown_name(self) -> str:
        """The best there is to show the person by, "" where there is nothing to know them by."""
        known = (self.full_name, *self.nicknames, self.employer, *self.mails, *self.phones, *self.accounts)
        return next((name for name in known if name.strip()), "")

    @property
    def content(self) -> frozenset[Line]:
        """The lines by which two cards mean the same: all but those that say when and by what it was written."""
        return frozenset(each for each in self.lines if each.name not in ("REV", "PRODID"))

    def but(self, lines: Iterable[Line], *without: str) -> "Card":
        """Return the card with more lines, and without those of the properties named."""
        return Card((*(each for each in self.lines if each.name not in without), *lines), self.version)

    def marked_opted_out(self) -> "Card":
        """Return the card with the marks of somebody who wants no messages."""
        if self.all(OPTED_OUT) and OPTED_OUT_LIST in self.lists:
            return self
        listed = line("CATEGORIES", _once((*self.lists, OPTED_OUT_LIST)))
        return self.but([listed, line(OPTED_OUT, "true")], "CATEGORIES", OPTED_OUT)


def labelled(found: Line) -> str:
    """Return the label of a line: the user's own, or else its first kind."""
    return next(iter((*found.param(LABEL), *found.kinds)), "")


def instant(text: str) -> datetime | None:
    """Return a time as vCards write it (in UTC where no zone is stated), None for what is none."""
    found = _REVISED.fullmatch(text.strip())
    if not found:
        return None
    zone = {None: "+00:00", "Z": "+00:00"}.get(found[8], found[8])
    date, time = "-".join(found.groups()[:3]), ":".join(found.groups()[3:6])
    try:
        return datetime.fromisoformat(f"{date}T{time}.{(found[7] or '').ljust(6, '0')}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def revision(at: datetime) -> Line:
    """Return the line that says when a card was changed."""
    return Line("REV", f"{at.astimezone(UTC):%Y%m%dT%H%M%S}Z")


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
