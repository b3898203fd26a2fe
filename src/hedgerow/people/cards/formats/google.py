"""Google Contacts CSV: the export of contacts.google.com, in its columns of today and of before 2024."""

from collections.abc import Iterable, Iterator

from hedgerow.people.cards import separated
from hedgerow.people.cards.card import Card, labelled
from hedgerow.people.cards.format import Format, Rejected
from hedgerow.people.cards.line import Line, line
from hedgerow.people.cards.separated import Row

COLUMNS = (
    "First Name", "Middle Name", "Last Name", "Phonetic First Name", "Phonetic Middle Name", "Phonetic Last Name",
    "Name Prefix", "Name Suffix", "Nickname", "File As", "Organization Name", "Organization Title",
    "Organization Department", "Birthday", "Notes", "Photo", "Labels",
)  # fmt: skip
_MANY = " ::: "
_KINDS = {"": "", "home": "home", "work": "work", "mobile": "cell", "home fax": "home fax", "work fax": "work fax",
          "pager": "pager", "main": "main"}  # fmt: skip
_LABELS = {" ".join(sorted(kind.split())): label.title() for label, kind in _KINDS.items()}
_SERVICES = {"mastodon": "mastodon", "linkedin": "linkedin", "twitter": "x", "x": "x", "bluesky": "bluesky",
             "github": "github", "instagram": "instagram", "facebook": "facebook"}  # fmt: skip
_SYSTEM = ("myContacts", "starred", "friends", "family", "coworkers")
"""Groups that Google makes itself, and marks with an asterisk."""
_PLACE = ("PO Box", "Extended Address", "Street", "City", "Region", "Postal Code", "Country")


def _read(data: bytes) -> Iterator[Card | Rejected]:
    return separated.read(data, _lines)


def _lines(row: Row) -> Iterator[Line]:
    name = (row.take("Last Name", "Family Name"), row.take("First Name", "Given Name"))
    more = (row.take("Middle Name", "Additional Name"), row.take("Name Prefix"), row.take("Name Suffix"))
    shown = row.take("Name")
    yield line("N", (*name, *more))
    yield line("FN", shown or " ".join(part for part in (more[1], name[1], more[0], name[0], more[2]) if part))
    yield line("NICKNAME", row.take("Nickname").split(_MANY))
    company = (row.take("Organization Name", "Organization 1 - Name"), *_department(row))
    yield line("ORG", company)
    yield line("TITLE", row.take("Organization Title", "Organization 1 - Title"))
    yield line("BDAY", row.take("Birthday"))
    yield line("NOTE", row.take("Notes"))
    yield line("PHOTO", row.take("Photo"))
    groups = row.take("Labels", "Group Membership").split(_MANY)
    yield line("CATEGORIES", [group.removeprefix("* ").strip() for group in groups])
    yield from _repeated(row)


def _department(row: Row) -> list[str]:
    said = row.take("Organization Department", "Organization 1 - Department")
    return [said] if said else []


def _repeated(row: Row) -> Iterator[Line]:
    for stem, property in (("E-mail", "EMAIL"), ("Phone", "TEL")):
        for label, before, values in row.numbered(stem, "Label", "Type", "Value"):
            for value in values.split(_MANY):
                yield from separated.labelled(property, value, label or before, _KINDS)
    for label, before, values in row.numbered("Website", "Label", "Type", "Value"):
        service = _SERVICES.get((label or before).casefold())
        for value in values.split(_MANY):
            if service and value:
                yield line("SOCIALPROFILE", value, SERVICE_TYPE=service)
            else:
                yield from separated.labelled("URL", value, label or before, _KINDS)
    for label, before, formatted, *parts in row.numbered("Address", "Label", "Type", "Formatted", *_PLACE):
        parts = parts if any(parts) else ["", "", formatted]
        place = line("ADR", parts).value if any(parts) else ""
        for found in separated.labelled("ADR", place, label or before, _KINDS):
            yield Line(found.name, place, found.params)


def _write(cards: Iterable[Card]) -> bytes:
    return separated.written(cards, COLUMNS, _cells)


def _cells(card: Card) -> dict[str, str]:
    cells = {
        "First Name": card.given_name or ("" if card.surname else card.full_name),
        "Middle Name": card.additional_name,
        "Last Name": card.surname,
        "Name Prefix": card.prefix,
        "Name Suffix": card.suffix,
        "Nickname": _MANY.join(card.nicknames),
        "Organization Name": card.employer,
        "Organization Title": card.title,
        "Organization Department": next(iter(card.units), ""),
        "Birthday": card.birth_date,
        "Notes": card.note,
        "Photo": card.photo if "://" in card.photo else "",
        "Labels": _MANY.join(f"* {name}" if name in _SYSTEM else name for name in card.lists),
    }
    for stem, names in (("E-mail", ("EMAIL",)), ("Phone", ("TEL",)), ("Website", ("URL", "SOCIALPROFILE"))):
        found = [each for name in names for each in card.all(name)]
        for number, each in enumerate(found, 1):
            cells |= {f"{stem} {number} - Label": _label(each), f"{stem} {number} - Value": each.text}
    for number, each in enumerate(card.all("ADR"), 1):
        cells[f"Address {number} - Label"] = _label(each)
        cells |= {f"Address {number} - {name}": part for name, part in zip(_PLACE, each.parts, strict=False)}
    return cells


def _label(found: Line) -> str:
    service = next(iter(found.param("SERVICE-TYPE")), "")
    kinds = " ".join(kind for kind in found.kinds if kind not in ("internet", "voice"))
    own = found.param("X-ABLABEL")
    said = service or (own[0] if own else _LABELS.get(kinds, labelled(found).title()))
    return f"* {said}" if found.preferred else said


FORMAT = Format(
    says="Google Contacts CSV, as contacts.google.com exports and imports it.",
    ending=".csv",
    fits=lambda data: bool(
        {"E-mail 1 - Value", "Phone 1 - Value", "Labels", "Group Membership"} & {*separated.header_of(data)}
    ),
    read=_read,
    write=_write,
)
