"""Mapping: the SQL that makes a file's rows of text what the ledger takes, each with the fault it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hedgerow.collect.importing.formats.texts import LINE
from hedgerow.collect.map import Map, Reading
from hedgerow.kit import HedgerowError, money
from hedgerow.kit.expression import to_duckdb
from hedgerow.ledger.touch import FIELD_TYPES

_OFFSET = r"\d{2}:\d{2}.*(Z|z|[+-]\d{2}(:?\d{2})?)$"


@dataclass(frozen=True)
class Column:
    """A column of the statement: what it selects, its type, and the reasons its value may be a fault."""

    name: str
    sql: str
    faults: tuple[tuple[str, str], ...] = ()


def statement(found: Map, kind: str, columns: Sequence[str], fields: dict[str, str]) -> str:
    """Return the query over `rows` that yields what the ledger takes of a kind, with `line` and `fault`.

    Raises `HedgerowError` for an expression that reads a column the file does not have.
    """
    parts = []
    for number, section in enumerate(found.sections(kind), 1):
        where = f"[[{kind}]] {number}, " if len(found.sections(kind)) > 1 else f"[[{kind}]] "
        parts.append(_section(section, _Builder(found, kind, columns, where, fields)))
    return " UNION ALL BY NAME ".join(parts)


def _section(section: dict[str, Any], build: "_Builder") -> str:
    made = build.columns_of(section)
    faults = " ".join(f"WHEN {condition} THEN '{reason}'" for column in made for reason, condition in column.faults)
    fault = f"CASE {faults} END" if faults else "NULL::VARCHAR"
    selected = ", ".join(f'{column.sql} AS "{column.name}"' for column in made)
    when = f" WHERE {build.sql(section['when'], 'when')}" if "when" in section else ""
    return f"SELECT {selected}, {LINE} AS line, {fault} AS fault FROM rows{when}"


class _Builder:
    """Makes columns of one section."""

    def __init__(self, found: Map, kind: str, columns: Sequence[str], where: str, fields: dict[str, str]) -> None:
        self.found, self.kind, self.names, self.where, self.fields = found, kind, columns, where, fields
        self.read: Reading = found.read

    def sql(self, text: str, name: str) -> str:
        return f"({to_duckdb(text, self.names, self.where + name)})"

    def columns_of(self, section: dict[str, Any]) -> list[Column]:
        currency = section.get("currency") or (f"'{self.read.currency}'" if self.read.currency else "")
        made = [Column("source", f"'{self.found.source}'")]
        if self.kind == "spend":
            made.append(Column("zone", f"'{self.read.zone or 'UTC'}'"))
        for name, value in section.items():
            if name in ("when", "currency"):
                continue
            if name == "fields":
                made += [self._field(field, text) for field, text in value.items()]
            else:
                made.append(self._column(name, value, currency))
        if currency:
            made.append(Column("currency", self._currency(currency, section)))
        return made

    def _column(self, name: str, value: Any, currency: str) -> Column:
        if name in ("claims", "people"):
            return self._identifiers(name, value)
        if name == "properties":
            return self._properties(value)
        sql = self.sql(value, name)
        if name in ("actor", "account"):
            return Column(name, _text(sql))
        if name.endswith("_at"):
            return self._time(name, sql)
        if name == "spent_on":
            return self._day(name, sql)
        if name in ("value", "cost", "amount", "reported_revenue"):
            return self._money(name, sql, currency)
        if name in ("impressions", "clicks", "reported_leads", "reported_orders"):
            return _count(name, sql)
        if name == "won":
            return Column(name, f"TRY_CAST({sql} AS BOOLEAN)")
        if name in ("verb", "relation"):
            return Column(name, f"nullif(lower(trim({_text(sql)})), '')")
        plain = "sender_id" if name == "id" and self.kind == "touch" else name
        return Column(plain, f"nullif(trim({_text(sql)}), '')")

    def _identifiers(self, name: str, texts: list[str]) -> Column:
        listed = ", ".join(_text(self.sql(text, name)) for text in texts)
        return Column(name, f"list_filter([{listed}]::VARCHAR[], lambda x: x IS NOT NULL)")

    def _properties(self, texts: dict[str, str]) -> Column:
        pairs = ", ".join(
            f"'{key.replace(chr(39), chr(39) * 2)}', {_text(self.sql(text, 'properties'))}"
            for key, text in texts.items()
        )
        return Column("properties", f"json_merge_patch('{{}}', json_object({pairs}))::VARCHAR")

    def _field(self, name: str, text: str) -> Column:
        if name not in self.fields:
            raise HedgerowError(
                f"{self.where}fields names '{name}', which hedgerow.toml does not declare: add it under [fields]."
            )
        sql = self.sql(text, name)
        cast = f"TRY_CAST({sql} AS {FIELD_TYPES[self.fields[name]][0]})"
        return Column(name, cast, ((f"its {name} is no {self.fields[name]}", f"{sql} IS NOT NULL AND {cast} IS NULL"),))

    def _currency(self, text: str, section: dict[str, Any]) -> str:
        named = self.sql(text, "currency")
        amount = {"touch": "value", "deal": "amount"}.get(self.kind)
        sql = f"upper(trim({_text(named)}))"
        if amount is None:
            return sql
        return (
            f"CASE WHEN {self.sql(section[amount], amount)} IS NOT NULL THEN {sql} END" if amount in section else "NULL"
        )

    def _time(self, name: str, sql: str) -> Column:
        text = _text(sql)
        parsed, zoned = self._parsed(text)
        word = name.removesuffix("_at")
        return Column(
            name,
            parsed,
            (
                (
                    f"its time ({word}) states no zone: say zone under [read]",
                    f"{sql} IS NOT NULL AND NOT ({zoned})",
                ),
                (f"its time ({word}) can''t be read", f"{sql} IS NOT NULL AND {parsed} IS NULL"),
            ),
        )

    def _parsed(self, text: str) -> tuple[str, str]:
        """Return the SQL for an instant and the SQL that is false where only its zone is missing."""
        how, zone = self.read.time, self.read.zone
        if how in ("unix", "unix_ms"):
            scale = 1_000_000 if how == "unix" else 1_000
            number = f"TRY_CAST({text} AS DECIMAL(30, 6))"
            inside = f"CASE WHEN abs({number}) * {scale} < 1e16 THEN {number} * {scale} END"
            return f"make_timestamptz(TRY_CAST({inside} AS BIGINT))", "true"
        there = f"timezone('{zone}', {{0}})" if zone else "NULL::TIMESTAMPTZ"
        if how == "iso":
            has = f"regexp_matches({text}, '{_OFFSET}')"
            local = there.format(f"TRY_CAST({text} AS TIMESTAMP)")
            whole = f"regexp_replace({text}, '\\s*([+-]\\d{{2}})(\\d{{2}})$', '\\1:\\2')"
            zoned = f"coalesce(TRY_CAST({text} AS TIMESTAMPTZ), TRY_CAST({whole} AS TIMESTAMPTZ))"
            sql = f"CASE WHEN {has} THEN {zoned} ELSE {local} END"
            return sql, "true" if zone else f"{has} OR TRY_CAST({text} AS TIMESTAMP) IS NULL"
        literal = "'" + how.replace("'", "''") + "'"
        if "%z" in how.lower():
            return f"try_strptime({text}, {literal})::TIMESTAMPTZ", "true"
        local = f"try_strptime({text}, {literal})"
        return there.format(local), "true" if zone else f"{local} IS NULL"

    def _day(self, name: str, sql: str) -> Column:
        how = self.read.time
        text = _text(sql)
        if how == "iso":
            parsed = f"coalesce(TRY_CAST({text} AS DATE), TRY_CAST(left({text}, 10) AS DATE))"
        elif how in ("unix", "unix_ms"):
            parsed = f"CAST(timezone('{self.read.zone or 'UTC'}', {self._parsed(text)[0]}) AS DATE)"
        else:
            literal = "'" + how.replace("'", "''") + "'"
            parsed = f"CAST(try_strptime({text}, {literal}) AS DATE)"
        return Column(name, parsed, (("its day can''t be read", f"{sql} IS NOT NULL AND {parsed} IS NULL"),))

    def _money(self, name: str, sql: str, currency: str) -> Column:
        text = f"regexp_replace({_text(sql)}, '[\\s\\x{{A0}}$€£¥]', '', 'g')"
        if self.read.thousands:
            text = f"replace({text}, '{self.read.thousands.replace(chr(39), chr(39) * 2)}', '')"
        if self.read.decimal != ".":
            text = f"replace({text}, '{self.read.decimal.replace(chr(39), chr(39) * 2)}', '.')"
        amount = f"CASE WHEN regexp_full_match({text}, '[+-]?[0-9]*\\.?[0-9]+|[+-]?[0-9]+\\.') THEN {text} END"
        scale = _scale(f"upper(trim({_text(self.sql(currency, 'currency'))}))") if currency else "100"
        minor = f"TRY_CAST(round(TRY_CAST({amount} AS DECIMAL(24, 8)) * CAST({scale} AS DECIMAL(4, 0))) AS BIGINT)"
        return Column(name, minor, ((f"its {name} is no amount of money", f"{sql} IS NOT NULL AND {minor} IS NULL"),))


def _text(sql: str) -> str:
    return f"CAST({sql} AS VARCHAR)"


def _count(name: str, sql: str) -> Column:
    text = f"trim({_text(sql)})"
    number = f"CASE WHEN regexp_full_match({text}, '[0-9]+(\\.0+)?') THEN TRY_CAST({text} AS BIGINT) END"
    return Column(name, number, ((f"its {name} is no whole number", f"{sql} IS NOT NULL AND {number} IS NULL"),))


def _scale(currency: str) -> str:
    """Return the SQL for how many minor units make one of the currency."""
    of = {digits: ", ".join(repr(c) for c, d in money.EXPONENTS.items() if d == digits) for digits in (0, 3)}
    return f"CASE WHEN {currency} IN ({of[0]}) THEN 1 WHEN {currency} IN ({of[3]}) THEN 1000 ELSE 100 END"
