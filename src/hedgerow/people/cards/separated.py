"""Separated: contact books as spreadsheets: rows by column name, empty cells left out, formulas made harmless."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hedgerow.people.cards.card import COLUMN, Card
from hedgerow.people.cards.format import Rejected, decoded
from hedgerow.people.cards.line import Line, line

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[\d ().,/-]*")
"""Of such marks alone no formula can do harm, and telephone numbers are made of them."""
Take = Callable[["Row"], Iterable[Line]]


@dataclass
class Row:
    """A row by column name; a cell that is asked for counts as known, and what is left stands for nothing we know."""

    cells: dict[str, str]

    def take(self, *names: str) -> str:
        """Return the first cell that says something of the columns named, and count all of them as known."""
        said = [self.cells.pop(name, "") for name in names]
        return next((text for text in said if text), "")

    def numbered(self, stem: str, *names: str) -> Iterator[list[str]]:
        """Yield the cells of the columns `stem` 1, 2, … that go by `names`, for each number that says something."""
        found = (re.match(rf"{re.escape(stem)} (\d+) - ", cell) for cell in self.cells)
        for number in sorted({int(each[1]) for each in found if each}):
            yield [self.take(f"{stem} {number} - {name}") for name in names]


def header_of(data: bytes, skip: Callable[[list[str]], bool] = lambda _: False) -> list[str]:
    """Return the first record of a spreadsheet for which `skip` is false."""
    reader = csv.reader(io.StringIO(decoded(data[: 1 << 16]), newline=""))
    try:
        return next((record for record in reader if record and not skip(record)), [])
    except csv.Error:
        return []


def read(data: bytes, take: Take, skip: Callable[[list[str]], bool] = lambda _: False) -> Iterator[Card | Rejected]:
    """Yield a card for each row behind the header, or what is wrong with it; `skip` says what stands before that."""
    for number, record, names in records(data, skip):
        said = [plain(text.strip()) for text in record]
        if not any(said):
            continue
        payload = written_row(record)
        if len(record) > len(names):
            yield Rejected(number, f"it has {len(record)} fields where the header has {len(names)}", payload)
            continue
        row = Row({name: text for name, text in zip(names, said, strict=False) if text})
        found = list(take(row))
        found += [line(COLUMN, text, NAME=name) for name, text in row.cells.items()]
        card = Card(tuple(each for each in found if each.value.strip(";, ")))
        if not card.shown_name:
            yield Rejected(number, "it names nobody: give it a name, a mail address or a number", payload)
        else:
            yield card if card.text("FN") else card.but([line("FN", card.shown_name)])


def records(data: bytes, skip: Callable[[list[str]], bool]) -> Iterator[tuple[int, list[str], list[str]]]:
    """Yield each record behind the header with the line it begins at and the header's names."""
    csv.field_size_limit(1 << 30)
    reader = csv.reader(io.StringIO(decoded(data).replace("\0", ""), newline=""), strict=False)
    names: list[str] = []
    begins = 1
    for record in reader:
        if not names:
            names = [] if not record or skip(record) else [name.strip() for name in record]
        else:
            yield begins, record, names
        begins = reader.line_num + 1


def bare_records(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield each record of a file without a header, with its line; empty ones are left out."""
    for number, record in enumerate(csv.reader(io.StringIO(decoded(data), newline="")), 1):
        if any(text.strip() for text in record):
            yield number, [plain(text.strip()) for text in record]


def bare(rows: Iterable[Sequence[str]]) -> bytes:
    """Return a file without a header."""
    return "".join(f"{written_row([harmless(text) for text in row])}\r\n" for row in rows).encode()


def written(
    cards: Iterable[Card], columns: Sequence[str], cells: Callable[[Card], Mapping[str, str]], mark: bool = True
) -> bytes:
    """Return a spreadsheet: `columns`, then any others the rows turn out to have, in order of appearance.

    It begins with a byte-order `mark`, without which Excel takes it for Windows-1252.
    """
    rows = [{**_unknown(card), **cells(card)} for card in cards]
    used = dict.fromkeys(name for row in rows for name, text in row.items() if text)
    names = [*columns, *(name for name in used if name not in columns)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([[harmless(row.get(name, "")) for name in names] for row in rows])
    return out.getvalue().encode("utf-8-sig" if mark else "utf-8")


def written_row(record: Sequence[str]) -> str:
    """Return a record as a spreadsheet writes it."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="").writerow(record)
    return out.getvalue()


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; `plain` gives back what it was."""
    risky = text.startswith(_FORMULA) and not _NUMBER.fullmatch(text)
    return "'" + text if risky or plain(text) != text else text


def plain(text: str) -> str:
    """Return what a cell said before it was made harmless."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA) else text


def labelled(name: str, value: str, label: str, known: Mapping[str, str]) -> Iterator[Line]:
    """Yield a line for a value with a label, as a kind where the label is a known one; nothing for no value."""
    if value:
        bare = label.removeprefix("* ").strip()
        kind = known.get(bare.casefold())
        made = line(name, value, kind.split() if kind else (), PREF="1" if label.startswith("*") else "")
        yield made if kind is not None or not bare else made.but(X_ABLABEL=[bare])


def _unknown(card: Card) -> dict[str, str]:
    return {name: each.text for each in card.all(COLUMN) for name in each.param("NAME")}
