"""Plain expressions: SQL scalar expressions, parsed against an allow-list and written again for DuckDB.

What a user typed never reaches a database as text: it is parsed by sqlglot, every node, function and column
is looked up in what is allowed, and the statement is generated from the tree.
"""

import re
from collections.abc import Collection
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from hedgerow.kit.errors import HedgerowError, nearest

_NODES: tuple[type[exp.Expression], ...] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Neg, exp.Not, exp.And, exp.Or,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE,
    exp.Is, exp.In, exp.Between, exp.Like, exp.ILike, exp.Case, exp.If, exp.Cast, exp.TryCast, exp.DataType,
    exp.DataTypeParam, exp.Interval, exp.Var, exp.Tuple,
)  # fmt: skip

FUNCTIONS = (
    "abs", "ceil", "coalesce", "concat", "contains", "ends_with", "floor", "greatest", "if", "least", "left",
    "length", "lower", "lpad", "ltrim", "nullif", "regexp_extract", "regexp_matches", "regexp_replace", "replace",
    "right", "round", "rtrim", "split_part", "starts_with", "strpos", "substr", "substring", "trim", "upper",
    "url_decode",
)  # fmt: skip

_TYPES = {"TEXT", "VARCHAR", "INT", "BIGINT", "DOUBLE", "DECIMAL", "BOOLEAN"}


def columns_of(text: str) -> list[str]:
    """Return the names of the columns an expression reads, in order of appearance, each once."""
    return list(_columns_of(text))


@lru_cache(4096)
def _columns_of(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column.name for column in _parse(text, "expression").find_all(exp.Column, bfs=False)))


def to_duckdb(text: str, columns: Collection[str], where: str) -> str:
    """Return `text` as a DuckDB expression over `columns`; `where` names its place in messages.

    Raises `HedgerowError` with line and column for what does not parse, and with the nearest name for a
    column or function that isn't known.
    """
    return _generated(text, tuple(columns), where)


@lru_cache(4096)
def _generated(text: str, columns: tuple[str, ...], where: str) -> str:
    tree = _parse(text, where)
    for node in tree.walk():
        if isinstance(node, exp.Column):
            _column(node, columns, where)
        elif isinstance(node, exp.Func) and not isinstance(node, _NODES):
            _function(node, where)
        elif not isinstance(node, _NODES) and not isinstance(node, exp.Func):
            raise HedgerowError(
                f"{where} uses {node.key.upper()}, which an expression may not: use columns, literals, "
                f"operators, CASE and functions only."
            )
        if isinstance(node, exp.DataType) and node.this.value not in _TYPES:
            raise HedgerowError(f"{where} casts to {node.this.value}: use one of {', '.join(sorted(_TYPES))}.")
    for node in list(tree.find_all(exp.Cast)):
        if type(node) is exp.Cast:  # one value that can't be cast must not end an import
            tried = exp.TryCast(this=node.this, to=node.to)
            if node is tree:
                return tried.sql("duckdb", identify=True)
            node.replace(tried)
    return tree.sql("duckdb", identify=True)


def _parse(text: str, where: str) -> exp.Condition:
    # A column may be called what SQL keeps for itself: order, group, when.
    if re.fullmatch(r"[A-Za-z_]\w*", text.strip()) and text.strip().lower() not in ("null", "true", "false"):
        return exp.column(text.strip(), quoted=True)
    try:
        tree: exp.Condition = sqlglot.parse_one(text, read="duckdb", into=exp.Condition)
    except SqlglotError as error:
        first = (getattr(error, "errors", None) or [{}])[0]
        place = f" at line {first['line']}, column {first['col']}" if first.get("line") else ""
        reason = first.get("description") or str(error).splitlines()[0]
        raise HedgerowError(f"{where} can't be read{place} ({reason}): correct the expression {text!r}.") from None
    return tree


def _column(node: exp.Column, columns: Collection[str], where: str) -> None:
    if node.table:
        raise HedgerowError(f"{where} says {node.sql()!r}: write a name with a dot in double quotes.")
    if node.name not in columns:
        raise HedgerowError(f"{where} reads the column '{node.name}', which isn't there.{nearest(node.name, columns)}")
    node.this.set("quoted", True)


def _function(node: exp.Func, where: str) -> None:
    names = {name.lower() for name in node.sql_names()} if not isinstance(node, exp.Anonymous) else {node.name.lower()}
    written = node.sql("duckdb").split("(")[0].lower()
    if not (names | {written}) & set(FUNCTIONS):
        raise HedgerowError(f"{where} calls {written}(), which isn't allowed.{nearest(written, FUNCTIONS)}")
