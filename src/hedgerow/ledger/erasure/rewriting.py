"""Rewriting: an erased person's rows taken out of the lake, and the person out of others' rows."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from hedgerow.kit import clock
from hedgerow.ledger.engine import Engine
from hedgerow.ledger.erasure.redaction import Redactor
from hedgerow.ledger.erasure.tables import REDACTIONS
from hedgerow.ledger.touch import OWN

if TYPE_CHECKING:
    from hedgerow.ledger.workspace import Workspace

_UNREDACTED = {"touch_id", "source", "verb", "parent", "relation", "currency", "month", "row_id", "content", "actor"}
_TOGETHER = 1_000


@dataclass(frozen=True)
class Entry:
    """What the ledger keeps of an erasure: who asked, and why; it names nobody."""

    asked_by: str
    reason: str


@dataclass(frozen=True)
class Whom:
    """Whom a rewriting is about: their codes in the lake, and what takes them out of texts."""

    codes: frozenset[int]
    redactor: Redactor

    @property
    def listed(self) -> str:
        """The codes as SQL lists them; -1, which nobody has, where there are none."""
        return ", ".join(map(str, sorted(self.codes))) or "-1"


def rewrite(
    workspace: "Workspace", turn: int, identifiers: Sequence[str], residues: pa.Table, entries: Sequence[Entry]
) -> None:
    """Take the person who has these identifiers out of the lake, as the turn that was planned for it.

    Rows that take the place of others are written first and those others deleted then, so that whatever a crash
    leaves, doing it again ends it. Nobody else may write meanwhile.
    """
    with closing(everything(workspace)) as engine:
        whom = Whom(codes_of(engine, identifiers), Redactor(identifiers))
        _leave(workspace, engine, residues, turn)
        _rewrite_deals(workspace, engine, whom, turn)
        _rewrite_touches(workspace, engine, whom, turn, entries)


def everything(workspace: "Workspace") -> Engine:
    """Return an engine that shows undone imports too; close it."""
    return Engine(workspace.lake, workspace.derived, workspace.record, masking=False)


def codes_of(engine: Engine, identifiers: Iterable[str]) -> frozenset[int]:
    """Return the codes that the lake has for identifiers, however they are written."""
    asked = pa.table({"said": pa.array(sorted({whole.lower() for whole in identifiers}), pa.string())})
    query = f"SELECT DISTINCT code FROM ({STATED}) SEMI JOIN asked ON said = lower(identifier)"
    return frozenset(engine.sql(query, asked=asked)["code"].to_pylist())


def codes_of_people(workspace: "Workspace", identifiers: Sequence[str]) -> frozenset[int]:
    """Return the codes that the lake has for identifiers."""
    with closing(everything(workspace)) as engine:
        return codes_of(engine, identifiers)


STATED = (
    "SELECT actor AS identifier, actor_code AS code FROM touches "
    "UNION ALL SELECT account, account_code FROM touches WHERE account IS NOT NULL "
    "UNION ALL SELECT unnest(claims), unnest(claim_codes) FROM touches "
    "UNION ALL SELECT account, account_code FROM deals_history WHERE account IS NOT NULL "
    "UNION ALL SELECT unnest(people), unnest(people_codes) FROM deals_history"
)
"""Every identifier that the lake states, with its code."""


def spelled(workspace: "Workspace", identifiers: Sequence[str]) -> list[str]:
    """Return identifiers of a person and those others of the lake that spell one of them out."""
    redactor = Redactor(identifiers)
    with closing(everything(workspace)) as engine:
        found = f"SELECT DISTINCT identifier FROM ({STATED}) WHERE {redactor.found_in(['identifier'])}"
        others = engine.sql(found)["identifier"].to_pylist()
    told = {each for each in others if redactor.names(each) and each.partition(":")[0] not in NOT_OF_PEOPLE}
    return sorted({*identifiers, *told})


NOT_OF_PEOPLE = ("erased", "link", "batch", "period")
"""Kinds of identifiers that are of no person at all."""


def own(whom: Whom) -> str:
    """Return the SQL that is true of the touches that are the person's.

    What they decided here is not theirs, nor what was decided of them and others at once: those others keep it.
    """
    others = f"len(list_filter(coalesce(claim_codes, []), lambda code: code NOT IN ({whom.listed}))) > 0"
    decided = f"source = '{OWN}' AND (starts_with(actor, 'user:') OR (verb IN {_OF_SEVERAL} AND {others}))"
    return f"(actor_code IN ({whom.listed}) AND NOT ({decided}))"


_OF_SEVERAL = "('merge', 'match', 'split', 'doubt', 'cut', 'edit', 'undo')"
"""What is decided of who is who: what both sides of a split keep stands in it."""


def naming_touches(columns: pa.Schema, whom: Whom) -> str:
    """Return the SQL that is true of the touches of others that name the person."""
    listed = f"list_has_any(coalesce(claim_codes, []), [{whom.listed}]) OR account_code IN ({whom.listed})"
    listed += f" OR actor_code IN ({whom.listed})"
    answers = f"parent IN (SELECT touch_id FROM touches WHERE {own(whom)})"
    named = f"coalesce({listed}, false) OR {whom.redactor.found_in(texts_of(columns))} OR coalesce({answers}, false)"
    return f"NOT {own(whom)} AND ({named})"


def naming_deals(columns: pa.Schema, whom: Whom) -> str:
    """Return the SQL that is true of the rows of deals that name the person."""
    listed = f"list_has_any(coalesce(people_codes, []), [{whom.listed}]) OR account_code IN ({whom.listed})"
    return f"(coalesce({listed}, false) OR {whom.redactor.found_in(texts_of(columns))})"


def texts_of(columns: pa.Schema) -> list[str]:
    """Return the columns in which people write, or are written about."""
    return [f'"{field.name}"' for field in columns if field.type == pa.string() and field.name not in _UNREDACTED]


def _leave(workspace: "Workspace", engine: Engine, residues: pa.Table, turn: int) -> None:
    kept = engine.sql("SELECT * FROM residues").cast(residues.schema)
    together = pa.concat_tables([kept, residues])
    order = [(name, "ascending") for name in together.column_names]
    workspace.lake.replace("residues", together.sort_by(order), turn)


def _rewrite_deals(workspace: "Workspace", engine: Engine, whom: Whom, turn: int) -> None:
    lake = workspace.lake
    columns = lake.columns("deals")
    if lake.turn("deals") < turn:
        named = f"SELECT row_id FROM deals_history WHERE {naming_deals(columns, whom)}"
        rows = _all(engine, columns, f"deals_history WHERE row_id IN ({named})")
        lake.append("deals", _cleared(rows, whom, "people", turn), turn)
    written = engine.sql(f"SELECT DISTINCT row_id FROM deals_history WHERE turn = {turn}")["row_id"]
    _delete(workspace, "deals", "row_id", written.to_pylist(), turn)


def _rewrite_touches(workspace: "Workspace", engine: Engine, whom: Whom, turn: int, entries: Sequence[Entry]) -> None:
    lake = workspace.lake
    columns = lake.columns("touches")
    theirs = engine.sql(f"SELECT DISTINCT touch_id FROM touches WHERE {own(whom)}")["touch_id"].to_pylist()
    for some in _some(theirs):
        lake.delete("repeats", f"said IN ({some})")
    if lake.turn("touches") < turn:
        rows = _all(engine, columns, f"touches WHERE {naming_touches(columns, whom)}")
        rows = _orphaned(_cleared(rows, whom, "claims", turn), set(theirs))
        said = rows["touch_id"].unique()
        lake.append("redactions", pa.table([said, pa.array([turn] * len(said))], schema=REDACTIONS.schema), turn)
        code = engine.sql(f"SELECT coalesce(max(code), -1) + 1 AS code FROM ({STATED})")["code"][0].as_py()
        entered = _entries(columns, code, turn, entries)
        rows = _unsigned(rows, whom, code + len(entered))
        lake.append("touches", pa.concat_tables([rows, entered]), turn)
    written = engine.sql(f"SELECT said FROM redactions WHERE turn = {turn}")["said"]
    _delete(workspace, "touches", "touch_id", written.to_pylist(), turn)
    lake.delete("touches", f"turn < {turn} AND actor_code IN ({whom.listed})")


def _all(engine: Engine, columns: pa.Schema, which: str) -> pa.Table:
    listed = ", ".join(f'"{name}"' for name in columns.names)
    return engine.sql(f"SELECT {listed} FROM {which}").cast(columns)


def _cleared(rows: pa.Table, whom: Whom, several: str, turn: int) -> pa.Table:
    """Return rows without the person; `several` is the column that names many, its codes stand in another."""
    for name in [column.strip('"') for column in texts_of(rows.schema) if column != '"account"']:
        rows = _with(rows, name, whom.redactor.column(rows[name]))
    coded = {"claims": "claim_codes", "people": "people_codes"}[several]
    pairs = zip(rows[several].to_pylist(), rows[coded].to_pylist(), strict=True)
    left = [_left(said or [], codes or [], whom.codes) for said, codes in pairs]
    rows = _with(rows, several, pa.array([said for said, _ in left], rows.schema.field(several).type))
    rows = _with(rows, coded, pa.array([codes for _, codes in left], rows.schema.field(coded).type))
    hers = [code in whom.codes for code in rows["account_code"].to_pylist()]
    for name in ("account", "account_code"):
        rows = _with(rows, name, pa.compute.if_else(pa.array(hers, pa.bool_()), None, rows[name]))
    return _with(rows, "turn", pa.array([turn] * len(rows), pa.int64()))


def _left(said: list[str], codes: list[int], gone: frozenset[int]) -> tuple[list[str] | None, list[int] | None]:
    kept = [(each, code) for each, code in zip(said, codes, strict=True) if code not in gone]
    return ([each for each, _ in kept], [code for _, code in kept]) if kept else (None, None)


def _orphaned(rows: pa.Table, gone: set[str]) -> pa.Table:
    parents = [None if parent in gone else parent for parent in rows["parent"].to_pylist()]
    return _with(rows, "parent", pa.array(parents, pa.string()))


def _unsigned(rows: pa.Table, whom: Whom, first: int) -> pa.Table:
    """Return rows with what the person decided here signed by nobody, and what was decided of them and others about
    the first of those others; codes are given from `first` on."""
    said = {name: rows[name].to_pylist() for name in ("actor", "actor_code", "claims", "claim_codes")}
    for place in [place for place, code in enumerate(said["actor_code"]) if code in whom.codes]:
        names, codes = said["claims"][place], said["claim_codes"][place]
        if names:
            said["actor"][place], said["actor_code"][place] = names[0], codes[0]
            said["claims"][place], said["claim_codes"][place] = names[1:] or None, codes[1:] or None
        else:
            said["actor"][place], said["actor_code"][place], first = _nobody(), first, first + 1
    for name, values in said.items():
        rows = _with(rows, name, pa.array(values, rows.schema.field(name).type))
    return rows


def _nobody() -> str:
    return f"erased:{secrets.token_hex(8)}"


def _entries(columns: pa.Schema, first: int, turn: int, entries: Sequence[Entry]) -> pa.Table:
    """Return the touches that say of each erasure that it was.

    Their codes are given from `first` on, which lies behind all that were ever given: so none is given again.
    """
    at = clock.now()
    rows = [
        {
            "touch_id": secrets.token_hex(16),
            "received_at": at,
            "occurred_at": at,
            "source": OWN,
            "verb": "forget",
            "actor": _nobody(),
            "actor_code": first + place,
            "object": entry.asked_by,
            "text": entry.reason or None,
            "batch": 0,
            "turn": turn,
            "month": f"{at:%Y-%m}",
        }
        for place, entry in enumerate(entries)
    ]
    return pa.Table.from_pylist(rows, schema=columns)


def _with(rows: pa.Table, name: str, column: pa.Array | pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), column)


def _delete(workspace: "Workspace", table: str, column: str, values: Sequence[str], turn: int) -> None:
    for some in _some(values):
        workspace.lake.delete(table, f"turn < {turn} AND {column} IN ({some})")


def _some(values: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(values), _TOGETHER):
        yield ", ".join(f"'{value}'" for value in values[start : start + _TOGETHER])
