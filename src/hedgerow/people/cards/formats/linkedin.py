"""LinkedIn's Connections.csv: who is connected to the owner of the archive, with the notes that stand before them."""

from collections.abc import Iterable, Iterator

from hedgerow.people.cards import separated
from hedgerow.people.cards.card import Card
from hedgerow.people.cards.format import Format, Rejected
from hedgerow.people.cards.line import Line, line
from hedgerow.people.cards.networks import account_of
from hedgerow.people.cards.separated import Row

COLUMNS = ("First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On")


def _before(record: list[str]) -> bool:
    return "First Name" not in [text.strip() for text in record]


def _read(data: bytes) -> Iterator[Card | Rejected]:
    return separated.read(data, _lines, _before)


def _lines(row: Row) -> Iterator[Line]:
    given, surname = row.take("First Name"), row.take("Last Name")
    yield line("N", (surname, given, "", "", ""))
    yield line("FN", f"{given} {surname}".strip())
    yield line("SOCIALPROFILE", row.take("URL"), SERVICE_TYPE="linkedin")
    yield line("EMAIL", row.take("Email Address"))
    yield line("ORG", (row.take("Company"),))
    yield line("TITLE", row.take("Position"))
    groups = [text.strip() for text in row.take("Labels").split(";")]
    yield line("CATEGORIES", groups)


def _write(cards: Iterable[Card]) -> bytes:
    return separated.written(cards, COLUMNS, _cells)


def _cells(card: Card) -> dict[str, str]:
    pages = [each.text for name in ("SOCIALPROFILE", "URL") for each in card.all(name) if _is_here(each)]
    return {
        "First Name": card.given_name or ("" if card.surname else card.full_name),
        "Last Name": card.surname,
        "URL": next(iter(pages), ""),
        "Email Address": next(iter(card.mails), ""),
        "Company": card.employer,
        "Position": card.title,
        "Labels": ";".join(card.lists),
    }


def _is_here(found: Line) -> bool:
    return (account_of(found) or "").startswith("linkedin:")


FORMAT = Format(
    says="LinkedIn's Connections.csv, out of the archive of one's own data.",
    ending=".csv",
    fits=lambda data: {"First Name", "Last Name", "Connected On"} <= {*separated.header_of(data, _before)},
    read=_read,
    write=_write,
)
