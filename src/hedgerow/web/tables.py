"""Tables: an answer's rows, a page of them at a time, in the order the address asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.kit import HedgerowError, nearest
from hedgerow.measures import Answer, in_words
from hedgerow.web.asking import behind_row, query_of

ROWS = 100
"""Rows on one page of a table."""
_ORDERS = {"ascending": "descending", "descending": "ascending"}


@dataclass(frozen=True)
class Heading:
    """One column's head: its name and sentence, how it is sorted now, and the address that sorts by it."""

    name: str
    says: str
    numeric: bool
    sorted: str
    address: str


@dataclass(frozen=True)
class Row:
    """One row in words, and the address of the touches behind it where there are any."""

    cells: list[str]
    behind: str | None


@dataclass(frozen=True)
class Table:
    """A page of an answer's rows: from row `first` to row `last` of `whole`, and where to go from there."""

    headings: list[Heading]
    rows: list[Row]
    first: int
    last: int
    whole: int
    earlier: str
    later: str


def table_of(answer: Answer, query: Mapping[str, str]) -> Table:
    """Return the rows that `sort`, `order` and `page` of an address ask for; what there is none of comes last.

    Raises `HedgerowError` for a column, an order or a page that isn't there.
    """
    sort, order, page = query.get("sort") or "", query.get("order") or "ascending", query.get("page") or "1"
    whole = answer.rows.num_rows
    if not page.isdecimal() or not 1 <= int(page) <= max(1, -(-whole // ROWS)):
        raise HedgerowError(f"There is no page '{page}': use 1 to {max(1, -(-whole // ROWS))}.")
    start = (int(page) - 1) * ROWS
    part = replace(answer, rows=_sorted(answer, sort, order).slice(start, ROWS))
    heads, cells = in_words.table(part)
    rows = zip(cells, part.rows.to_pylist(), strict=True)
    return Table(
        headings=[_heading(answer, name, numeric, sort, order) for name, numeric in heads],
        rows=[Row(said, behind_row(answer, row)) for said, row in rows],
        first=start + 1,
        last=start + part.rows.num_rows,
        whole=whole,
        earlier=_address(answer, sort, order, int(page) - 1) if start else "",
        later=_address(answer, sort, order, int(page) + 1) if start + ROWS < whole else "",
    )


def _sorted(answer: Answer, sort: str, order: str) -> pa.Table:
    if not sort:
        return answer.rows
    if sort not in answer.rows.column_names:
        raise HedgerowError(f"{answer.name} has no column '{sort}'.{nearest(sort, answer.rows.column_names)}")
    if order not in _ORDERS:
        raise HedgerowError(f"No order is called '{order}'.{nearest(order, _ORDERS)}")
    return answer.rows.take(pc.sort_indices(answer.rows, [(sort, order)]))


def _heading(answer: Answer, name: str, numeric: bool, sort: str, order: str) -> Heading:
    says = next(column.says for column in answer.measure.columns if column.name == name)
    now = order if name == sort else ""
    # What is counted is asked for from the top, names from A.
    then = _ORDERS[now] if now else "descending" if numeric else "ascending"
    return Heading(name, says, numeric, now, _address(answer, name, then, 1))


def _address(answer: Answer, sort: str, order: str, page: int) -> str:
    more = {"sort": sort, "order": order if sort else "", "page": str(page) if page > 1 else ""}
    return f"/measures/{answer.name}?{query_of(answer.asked, **more)}"
