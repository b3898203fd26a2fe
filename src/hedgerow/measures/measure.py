"""A measure: a named number, once; its question, its columns with their units, its chart, its expression."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

if TYPE_CHECKING:
    from hedgerow.measures.scope import Scope

Unit = Literal["text", "day", "count", "number", "money", "share", "ratio", "days"]
"""`money` is integer minor units of the row's `currency`; `share` is 0 to 1; a null is none: never zero."""


@dataclass(frozen=True)
class Column:
    """One column of an answer: its name in every format, its unit, and a sentence for people."""

    name: str
    unit: Unit
    says: str


@dataclass(frozen=True)
class Chart:
    """How an answer is drawn: `y` over `x`, one series for each value of `split` or each name in `y`."""

    kind: Literal["line", "bar", "area"]
    x: str
    y: tuple[str, ...]
    split: str | None = None


@dataclass(frozen=True)
class Asked:
    """The parameters of a question; days are in the workspace's zone, `until` is the last day included."""

    since: date | None = None
    until: date | None = None
    by: str | None = None
    model: str | None = None


@dataclass(frozen=True)
class Measure:
    """A question with its answer's shape; `expression` computes the rows from what a `Scope` offers."""

    question: str
    says: str
    columns: tuple[Column, ...]
    chart: Chart
    expression: Callable[["Scope"], pa.Table]
    by: tuple[str, ...] = ()
    """What `--by` may name, the default first; empty where the measure has no such choice."""
    models: tuple[str, ...] | None = ()
    """Which attribution models it takes: none for (), every model on the shelf for None."""
    behind: tuple[str, ...] = ()
    """The columns whose values lead from a row to the touches behind it; empty where nothing is behind."""


@dataclass(frozen=True)
class Answer:
    """What a measure answered: rows with exactly the measure's columns, and what they hold for."""

    name: str
    measure: Measure
    asked: Asked
    rows: pa.Table
    ledger_version: int
