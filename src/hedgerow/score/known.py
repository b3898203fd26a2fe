"""What is known of people: their role, employer, size, industry, country and mail, as touches last stated them."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.ledger import TableKind, Workspace
from hedgerow.ledger.touch import INSTANT
from hedgerow.people import clusters, edits

KNOWN = (
    "given_name", "surname", "role", "employer", "employees", "industry", "country", "mail_domain", "free_mail",
    "has_account", "target_industry", "target_country", "competitor", "answers",
)  # fmt: skip
"""What a fit's condition may ask of a person: text in small letters, `employees` a number; `free_mail`, `has_account`,
`target_industry`, `target_country` and `competitor` are true or false, NULL where nothing is known or the workspace
names none; `answers` counts what is known of name, role, employer and country."""

_VERBS = ("identify", "register", "submit", "meet", "call")
_STATED = {
    "given_name": "given_name first_name firstName",
    "surname": "surname last_name lastName family_name",
    "role": "role job_title jobTitle job position",
    "employer": "company.name employer company company_name companyName organization",
    "employees": "company.employees company.employee_count employees employee_count employeeCount company_size",
    "industry": "company.industry industry",
    "country": "address.country country country_code",
}
"""Each column and the names its sources give it in a touch's properties; the first that is there counts."""

STATEMENTS = TableKind(
    "statements",
    pa.schema(
        [
            ("touch_id", pa.string()),
            ("occurred_at", INSTANT),
            ("received_at", INSTANT),
            ("actor_code", pa.int64()),
            *((name, pa.string()) for name in _STATED),
            ("has_account", pa.bool_()),
            ("batch", pa.int64()),
            ("turn", pa.int64()),
        ]
    ),
    unstated=tuple(_STATED),
)
"""A row a touch by which somebody said something of themselves, or was said to: what of it a fit may ask for."""

_FREE = (
    "163.com aol.com fastmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.de gmx.net googlemail.com hey.com "
    "hotmail.com icloud.com laposte.net libero.it live.com mac.com mail.com mail.ru mailbox.org me.com msn.com "
    "orange.fr outlook.com pm.me posteo.de proton.me protonmail.com qq.com t-online.de wanadoo.fr web.de yahoo.com "
    "yandex.ru ymail.com zoho.com"
)


def known_of(workspace: Workspace, at: int, people: pa.Array | None = None) -> pa.Table:
    """Return a row for each person something is known of: person and the columns of `KNOWN`.

    Of what was stated up to `at` (microseconds since 1970 UTC) more than once what was set by hand counts, else the
    latest, by (occurred_at, touch_id). With `people` (int64) only those.
    """
    person = clusters(workspace).person
    members = pa.table({"code": np.arange(len(person)), "person": person.astype(np.int64)})
    if people is not None:
        members = members.filter(pc.is_in(members["person"], people))
    return known_by(workspace, members.append_column("until", pa.repeat(at, len(members))))


def known_by(workspace: Workspace, members: pa.Table) -> pa.Table:
    """Return the same of `members`: code (an identifier), person (any number that holds some together), and until
    (microseconds), up to when what was stated of it counts."""
    own = workspace.settings.score
    answers = " + ".join(f"({name} IS NOT NULL)::INT" for name in ("given_name", "role", "employer", "country"))
    return workspace.engine.sql(
        f"WITH said AS ({_STATED_BY}), by_hand AS ({_BY_HAND}), stated AS ({_WITH_HAND}), mails AS ({_MAILS}) "
        f"SELECT person, given_name, surname, role, employer, industry, country, mail_domain, free_mail, has_account, "
        f"try_cast(replace(regexp_extract(employees, '[0-9][0-9,]*'), ',', '') AS DOUBLE) AS employees, "
        f"{_among('industry', own.industries)} AS target_industry, "
        f"{_among('country', own.countries)} AS target_country, "
        f"{_among('mail_domain', own.competitors)} AS competitor, {answers} AS answers "
        f"FROM stated FULL JOIN mails USING (person) ORDER BY person",
        members=members,
        edits=edits(workspace),
    )


def note(workspace: Workspace, after: int, upto: int) -> None:
    """Note what the touches of the turns behind `after`, up to `upto`, state of those who acted."""
    workspace.derived.ensure(STATEMENTS)
    said = " OR ".join(f"{column} IS NOT NULL" for column in (*_STATED, "account_code"))
    rows = workspace.engine.sql(
        f"SELECT touch_id, occurred_at, received_at, actor_code, {', '.join(_STATED)}, "
        f"account_code IS NOT NULL AS has_account, batch, turn FROM ({_read(f'turn > {after} AND turn <= {upto}')}) "
        f"WHERE {said} ORDER BY actor_code, occurred_at, touch_id"
    )
    workspace.derived.append("statements", rows.cast(STATEMENTS.schema), upto)


def _read(new: str) -> str:
    places = [name for names in _STATED.values() for name in names.split()] + ["title"]
    paths = ", ".join(f"'$.{name}'" for name in places)
    columns = ", ".join(f"{_first(column, places)} AS {column}" for column in _STATED)
    listed = ", ".join(f"'{verb}'" for verb in _VERBS)
    return (
        f"SELECT *, {columns} FROM (SELECT *, json_extract_string(properties, [{paths}]) AS found FROM touches "
        f"WHERE {new} AND verb IN ({listed}) AND (properties IS NOT NULL OR account_code IS NOT NULL))"
    )


def _first(column: str, places: Sequence[str]) -> str:
    """Return the SQL for the first of a column's names that says something; a nested object says nothing itself."""
    said = [f"found[{places.index(name) + 1}]" for name in _STATED[column].split()]
    if column == "role":  # who identifies says with it what they are; elsewhere it is a page's
        said.append(f"CASE WHEN verb = 'identify' THEN found[{len(places)}] END")
    return f"coalesce({', '.join(f'nullif(regexp_extract(lower(trim({each})), $$^[^{{].*$$), $$$$)' for each in said)})"


def _among(column: str, listed: Sequence[str]) -> str:
    if not listed:
        return "NULL::BOOLEAN"
    values = ", ".join("'" + value.lower().replace("'", "''") + "'" for value in listed)
    return f"{column} IN ({values})"


_MAILS = (
    "SELECT person, bool_and(free) AS free_mail, coalesce(min(domain) FILTER (WHERE NOT free), min(domain)) "
    "AS mail_domain FROM (SELECT person, domain, domain IN "
    f"({', '.join(repr(domain) for domain in _FREE.split())}) AS free FROM "
    "(SELECT person, lower(split_part(value, '@', -1)) AS domain FROM identifiers JOIN members USING (code) "
    # What was named after the instant the ledger is asked as of is not known yet.
    "WHERE kind = 'email' AND turn <= (SELECT coalesce(max(turn), 0) FROM touches))) GROUP BY person"
)

_STATED_BY = (
    "SELECT person, "
    + ", ".join(
        f"last({column} ORDER BY occurred_at, touch_id) FILTER (WHERE {column} IS NOT NULL) AS {column}"
        for column in _STATED
    )
    + ", bool_or(has_account) AS has_account FROM statements JOIN members ON members.code = actor_code "
    "WHERE epoch_us(occurred_at) <= members.until GROUP BY person"
)

_BY_HAND = (
    "SELECT person, map(list(field), list(value)) AS hand FROM (SELECT person, field, "
    "arg_max(value, (stated_at, touch_id)) AS value FROM edits JOIN members USING (code) "
    "WHERE epoch_us(stated_at) <= until GROUP BY person, field) GROUP BY person"
)
_WITH_HAND = (
    "SELECT person, has_account, "
    + ", ".join(
        f"CASE WHEN hand['{column}'] IS NULL THEN {column} ELSE nullif(lower(hand['{column}']), '') END AS {column}"
        for column in _STATED
    )
    + " FROM said FULL JOIN by_hand USING (person)"
)
