"""The archive: everything held on a person in one zip, as lines of JSON and as a page to read."""

import hashlib
import html
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa

from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Workspace, codes_of_people, held
from hedgerow.people.holding.person import person_with

_CODED = ("person", "code", "actor_code", "a", "b")
_OTHERS = ("actor", "actor_code", "claims", "claim_codes", "account", "account_code", "user_agent")
"""What is left out of touches of others that name the person: it is those others'."""

_SAYS = {
    "identifiers": "What you are known by here.",
    "evidence": "What says that these identifiers are one person's.",
    "marks": "What was concluded of each touch: by which channel it came, and whether a person made it.",
    "touches": "What you did or said, as it was told to us.",
    "named_in": "What others did or said that names you; who they are is left out.",
    "deals": "Deals that name you, each as often as it was restated.",
    "drops": "What arrived and could not be kept.",
    "links": "Tracked links that you shared, or that were made for you.",
    "mentions": "Pages that were reported to us and name you.",
    "jobs": "Work still to be done that names you.",
}
Rows = list[dict[str, Any]]


def write_archive(workspace: Workspace, identifier: str, file: Path) -> dict[str, int]:
    """Write everything held on the person who has an identifier to `file`, a zip; return the rows of each part.

    Each part is a file of lines of JSON; `index.html` shows them all, `manifest.json` says what there is with SHA-256
    digests. Raises `HedgerowError` where the file exists already, or nobody or more than one has the identifier.
    """
    if file.exists():
        raise HedgerowError(f"{file} exists already: name a file that doesn't.")
    identifiers = person_with(workspace, identifier)
    parts = {name: rows for name, rows in _parts(workspace, identifiers) if rows}
    texts = {f"{name}.jsonl": "".join(f"{_line(row)}\n" for row in rows) for name, rows in parts.items()}
    texts["index.html"] = _page(workspace, identifiers, parts)
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    counts = {name: len(rows) for name, rows in parts.items()}
    manifest: dict[str, object] = {"workspace": workspace.settings.workspace.name, "made_at": clock.now().isoformat()}
    manifest |= {"identifiers": identifiers, "rows": counts, "sha256": digests}
    unfinished = file.with_name(file.name + ".unfinished")
    handle = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w+b") as out, ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, text in [("manifest.json", json.dumps(manifest, indent=2)), *texts.items()]:
            archive.writestr(name, text)
    unfinished.rename(file)
    return counts


def _parts(workspace: Workspace, identifiers: Sequence[str]) -> Iterator[tuple[str, Rows]]:
    codes = pa.table({"whose": pa.array(sorted(codes_of_people(workspace, identifiers)), pa.int64())})
    for name in workspace.derived.names():
        by = [column for column in _CODED if column in workspace.derived.columns(name).names]
        if by:
            said = " OR ".join(f"{column} IN (SELECT whose FROM codes)" for column in by)
            yield name, workspace.engine.sql(f"SELECT * FROM {name} WHERE {said} ORDER BY ALL", codes=codes).to_pylist()
    for name, rows in held(workspace, identifiers):
        if name == "named_in":
            rows = [{column: value for column, value in row.items() if column not in _OTHERS} for row in rows]
        yield name, rows


def _line(row: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in row.items() if value is not None}, default=str)


def _page(workspace: Workspace, identifiers: Sequence[str], parts: dict[str, Rows]) -> str:
    about = html.escape(f"What {workspace.settings.workspace.name} holds on {', '.join(identifiers)}")
    listed = "".join(
        f'<li><a href="#{name}">{html.escape(name)}</a>: {len(rows):,}</li>' for name, rows in parts.items()
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{about}</title><style>{_STYLE}</style>'
        f"<h1>{about}</h1><p>As of {clock.now():%Y-%m-%d %H:%M} UTC.</p><ul>{listed}</ul>"
        f"{''.join(_section(name, rows) for name, rows in parts.items())}</html>"
    )


def _section(name: str, rows: Rows) -> str:
    columns = [column for column in rows[0] if any(row.get(column) is not None for row in rows)]
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{''.join(_cell(row.get(column)) for column in columns)}</tr>" for row in rows)
    says = html.escape(_SAYS.get(name, ""))
    return f'<h2 id="{name}">{html.escape(name)}</h2><p>{says}</p><table><tr>{head}</tr>{body}</table>'


def _cell(value: Any) -> str:
    said = "" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"<td>{html.escape(said)}</td>"


_STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color-scheme:light dark}table{border-collapse:collapse}"
    "td,th{border-bottom:1px solid #8886;padding:.2rem .6rem;text-align:left;vertical-align:top;"
    "max-width:40rem;overflow-wrap:anywhere}"
)
