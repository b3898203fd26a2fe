"""Traits: what touches and deals say of who a lead is and what it wishes, kept narrow beside the ledger."""

import pyarrow as pa

from hedgerow.ledger import TableKind, Workspace, verbs
from hedgerow.ledger.touch import INSTANT

TRAITS = TableKind(
    "traits",
    pa.schema(
        [
            ("code", pa.int64()),
            ("name", pa.string()),
            ("value", pa.string()),
            ("said_at", INSTANT),
            ("touch_id", pa.string()),
            ("batch", pa.int64()),
            ("turn", pa.int64()),
        ]
    ),
    unstated=("value",),
)
"""A row: a touch said at some instant that of the person of identifier `code` the trait `name` is `value`."""

ASKS = "asks for contact"
"""A name with spaces, which no custom field can have."""

_FORM = "lower(coalesce(object, json_extract_string(properties, '$.form')))"
_FORMS = "verb IN ('submit', 'register')"
_DOMAIN = "CASE WHEN account LIKE 'domain:%' THEN substr(account, 8) END"
_SAID = {
    "role": ("role", "job", "job_title", "title"),
    "country": ("country", "country_code"),
    "industry": ("industry",),
    "employees": ("employees", "company_size", "number_of_employees"),
}
"""The properties of a touch that say each fact, the first that is there."""


def rules_of_traits(workspace: Workspace) -> str:
    """Return what traits rest on beside the touches: which forms ask for contact, and the custom fields."""
    settings = workspace.settings
    return f"traits 2, asks {' '.join(settings.leads.asks)}, fields {sorted(settings.fields.items())}"


def fold_traits(workspace: Workspace, after: int, upto: int) -> None:
    """Take what the touches and deals of the turns behind `after`, up to `upto`, say of people."""
    workspace.derived.ensure(TRAITS)
    said = " UNION ALL ".join((_of_touches(workspace, after, upto), _of_deals(after, upto)))
    rows = workspace.engine.sql(
        f"SELECT code, name, value, said_at, touch_id, batch, turn FROM ({said}) "
        f"WHERE value IS NOT NULL AND value <> '' ORDER BY code, name, said_at, touch_id"
    )
    workspace.derived.append("traits", rows.cast(TRAITS.schema), upto)


def _of_touches(workspace: Workspace, after: int, upto: int) -> str:
    listed = ", ".join(quote(form.lower()) for form in workspace.settings.leads.asks) or "''"
    parts = {name: f"coalesce({', '.join(map(_property, names))})" for name, names in _SAID.items()}
    parts |= {"language": "language", "account": _DOMAIN}
    parts |= {field: f'"{field}"::VARCHAR' for field in workspace.settings.fields}
    parts |= {ASKS: f"CASE WHEN {_FORMS} AND {_FORM} IN ({listed}) THEN {_FORM} END"}
    listing = ", ".join(f"{{name: '{name}', value: {sql}}}" for name, sql in parts.items())
    new = " AND ".join(f"{table}.turn > {after} AND {table}.turn <= {upto}" for table in ("t", "m"))
    decisions = ", ".join(map(quote, verbs()["decision"]))
    return (
        f"SELECT code, said.name AS name, said.value AS value, said_at, touch_id, batch, turn FROM ("
        f"SELECT actor_code AS code, unnest([{listing}]) AS said, occurred_at AS said_at, touch_id, batch, turn FROM "
        f"(SELECT t.* FROM touches t JOIN marks m USING (touch_id) WHERE {new} AND NOT m.automaton "
        f"AND t.verb NOT IN ({decisions})))"
    )


def _of_deals(after: int, upto: int) -> str:
    return (
        f"SELECT unnest(people_codes), 'account', {_DOMAIN}, coalesce(changed_at, opened_at, received_at), row_id, "
        f"batch, turn FROM deals_history WHERE turn > {after} AND turn <= {upto}"
    )


def quote(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _property(name: str) -> str:
    return f"nullif(trim(json_extract_string(properties, '$.{name}')), '')"
