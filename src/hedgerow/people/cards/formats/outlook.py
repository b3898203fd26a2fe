"""Outlook CSV: the comma separated values that Outlook exports and imports, in its English columns."""

import re
from collections.abc import Iterable, Iterator

from hedgerow.people.cards import separated
from hedgerow.people.cards.card import Card
from hedgerow.people.cards.format import Format, Rejected
from hedgerow.people.cards.line import Line, line
from hedgerow.people.cards.separated import Row

COLUMNS = (
    "Title", "First Name", "Middle Name", "Last Name", "Suffix", "Nickname", "Company", "Department", "Job Title",
    "Business Street", "Business City", "Business State", "Business Postal Code", "Business Country/Region",
    "Home Street", "Home City", "Home State", "Home Postal Code", "Home Country/Region",
    "Business Phone", "Home Phone", "Mobile Phone", "Other Phone",
    "E-mail Address", "E-mail 2 Address", "E-mail 3 Address", "Birthday", "Categories", "Notes", "Web Page",
)  # fmt: skip
_PHONES = {
    "Business Phone": ("work",), "Home Phone": ("home",), "Mobile Phone": ("cell",), "Business Fax": ("fax", "work"),
    "Home Fax": ("fax", "home"), "Other Fax": ("fax",), "Pager": ("pager",), "Car Phone": ("car",),
    "Company Main Phone": ("main", "work"), "Primary Phone": ("main",), "ISDN": ("isdn",), "Other Phone": (),
}  # fmt: skip
_PLACES = {"Business": ("work",), "Home": ("home",), "Other": ()}
_PARTS = ("Address PO Box", "", "Street", "City", "State", "Postal Code", "Country/Region")
_NOT_KINDS = ("internet", "voice", "pref", "iphone")


def _read(data: bytes) -> Iterator[Card | Rejected]:
    return separated.read(data, _lines)


def _lines(row: Row) -> Iterator[Line]:
    name = [row.take(column) for column in ("Last Name", "First Name", "Middle Name", "Title", "Suffix")]
    yield line("N", name)
    yield line("FN", " ".join(name[place] for place in (3, 1, 2, 0, 4) if name[place]))
    yield line("NICKNAME", row.take("Nickname").split(";"))
    department = row.take("Department")
    yield line("ORG", [row.take("Company"), *([department] if department else [])])
    yield line("TITLE", row.take("Job Title"))
    yield line("BDAY", _date(row.take("Birthday")))
    yield line("NOTE", row.take("Notes"))
    yield line("CATEGORIES", [text.strip() for text in row.take("Categories").split(";")])
    yield line("URL", row.take("Web Page", "Personal Web Page", "Business Web Page"))
    for column in _numbered(row, r"E-mail(?: (\d+))? Address"):
        yield line("EMAIL", row.take(column))
    for stem, kinds in _PHONES.items():
        for column in _numbered(row, rf"{stem}(?: (\d+))?"):
            yield line("TEL", row.take(column), kinds)
    for stem, kinds in _PLACES.items():
        yield from _place(row, stem, kinds)


def _numbered(row: Row, pattern: str) -> list[str]:
    """Return the columns that match a pattern in order of the number in it, the one without it first."""
    found = {column: re.fullmatch(pattern, column) for column in row.cells}
    return sorted((column for column, match in found.items() if match), key=lambda each: int(found[each][1] or 1))  # type: ignore[index]


def _place(row: Row, stem: str, kinds: tuple[str, ...]) -> Iterator[Line]:
    streets = [row.take(f"{stem} {name}") for name in ("Street", "Street 2", "Street 3")]
    country = row.take(f"{stem} Country/Region", f"{stem} Country")
    parts = [row.take(f"{stem} {name}") for name in ("Address PO Box", "City", "State", "Postal Code")]
    street = "\n".join(text for text in streets if text)
    yield line("ADR", (parts[0], "", street, *parts[1:], country), kinds)


def _date(text: str) -> str:
    """Return a date in the order of its mark: 12/31/1970 is American, 31.12.1970 is not; 0/0/00 is none."""
    found = re.fullmatch(r"(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4})", text)
    if not found:
        return "" if re.fullmatch(r"0/0/0+", text) else text
    first, mark, second, year = found.groups()
    month, day = (first, second) if mark == "/" and int(first) <= 12 else (second, first)
    return f"{year}-{int(month):02}-{int(day):02}"


def _write(cards: Iterable[Card]) -> bytes:
    return separated.written(cards, COLUMNS, _cells)


def _cells(card: Card) -> dict[str, str]:
    cells = {
        "Title": card.prefix,
        "First Name": card.given_name or ("" if card.surname else card.full_name),
        "Middle Name": card.additional_name,
        "Last Name": card.surname,
        "Suffix": card.suffix,
        "Nickname": ";".join(card.nicknames),
        "Company": card.employer,
        "Department": next(iter(card.units), ""),
        "Job Title": card.title,
        "Birthday": _american(card.birth_date),
        "Categories": ";".join(card.lists),
        "Notes": card.note,
    }
    stems = {tuple(sorted(kinds)): stem for stem, kinds in _PHONES.items()}
    _fill(cells, "E-mail Address", (each.text for each in card.all("EMAIL")))
    _fill(cells, "Web Page", card.sites)
    for each in card.all("TEL"):
        kinds = tuple(sorted(kind for kind in each.kinds if kind not in _NOT_KINDS))
        _fill(cells, stems.get(kinds, stems.get(kinds[:1], "Other Phone")), [each.text])
    places = {kinds: stem for stem, kinds in _PLACES.items()}
    for each in card.all("ADR"):
        stem = places.get(tuple(kind for kind in each.kinds if kind in ("home", "work")), "Other")
        for name, part in zip(_PARTS, each.parts, strict=False):
            _fill(cells, f"{stem} {name}", [part] if name and part else [])
    return cells


def _fill(cells: dict[str, str], column: str, texts: Iterable[str]) -> None:
    """Put texts in a column, and what it can't take in columns of the same name with a number."""
    for text in texts:
        number, name = 1, column
        while cells.get(name):
            number += 1
            name = f"E-mail {number} Address" if column == "E-mail Address" else f"{column} {number}"
        cells[name] = text


def _american(date: str) -> str:
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", date)
    return f"{int(found[2])}/{int(found[3])}/{found[1]}" if found else date


FORMAT = Format(
    says="Outlook CSV, as Outlook exports and imports it.",
    ending=".csv",
    fits=lambda data: {"First Name", "E-mail Address"} <= {*separated.header_of(data)},
    read=_read,
    write=_write,
)
