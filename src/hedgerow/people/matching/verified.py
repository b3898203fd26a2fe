"""Verified: what settles a pair whatever its weight, links that are answered for and clashes against."""

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.people.matching.groups import Claims
from hedgerow.people.matching.reading import regular

_LINK = "regexp_replace(regexp_replace(lower(trim(x)), '^(?:https?:)?(?://)?(?:www\\.)?', ''), '(?:[?#].*|/+)$', '')"


def linked_back(profiles: pa.Table) -> pa.Table:
    """Return pairs (a, b, a_page, b_page) of people whose own pages link to each other, a before b.

    `page` holds a person's own pages and profiles, `site` what they link to. A link that is linked back is
    verified evidence, as rel=me is (https://microformats.org/wiki/rel-me); one that is not is nothing. A page that
    two people say is theirs proves nothing of either.
    """
    con = duckdb.connect()
    try:
        con.register("profiles", regular(profiles))
        return con.sql(_LINKED_BACK).to_arrow_table()
    finally:
        con.close()


def claims_of(profiles: pa.Table) -> tuple[Claims, dict[str, str]]:
    """Return what people have of which nobody has two, and the sentence of each kind; `profiles` are regular.

    These are an account on a network, a verified mail address, and a row in a source that holds each person once.
    """
    con = duckdb.connect()
    try:
        con.register("profiles", profiles)
        rows = con.sql(_CLAIMS).to_arrow_table()
    finally:
        con.close()
    kinds = sorted(pc.unique(rows["kind"]).to_pylist())
    kind, value = (
        pc.index_in(rows["kind"], pa.array(kinds, pa.string())),
        pc.rank(rows["value"], tiebreaker="dense"),
    )
    codes = (column.to_numpy().astype(np.int64) for column in (rows["person"], kind, value))
    return Claims(tuple(kinds), *codes), {kind: _sentence(kind) for kind in kinds}


def _sentence(kind: str) -> str:
    about, _, name = kind.partition(":")
    if about == "network":
        return f"Two different accounts on {name} are two people's."
    if about == "source":
        return f"{name} holds each person once."
    return "Two different verified mail addresses are two people's."


_LINKED_BACK = f"""
WITH pages AS (
    SELECT DISTINCT person, {_LINK} AS page FROM (SELECT person, unnest(page) AS x FROM profiles)
), own AS (
    SELECT * FROM pages WHERE page <> '' QUALIFY count(*) OVER (PARTITION BY page) = 1
), links AS (
    SELECT DISTINCT person, {_LINK} AS link FROM (SELECT person, unnest(site) AS x FROM profiles)
), answered AS (
    SELECT links.person AS one, own.person AS other, own.page FROM links JOIN own ON link = page
    WHERE links.person <> own.person
)
SELECT there.one AS a, there.other AS b, min(back.page) AS a_page, min(there.page) AS b_page
FROM answered there JOIN answered back ON there.one = back.other AND there.other = back.one
WHERE there.one < there.other GROUP BY ALL ORDER BY a, b
"""

_CLAIMS = """
WITH accounts AS (
    SELECT person, unnest(account) AS x FROM profiles
    UNION ALL SELECT person, network || ':' || unnest(handle) FROM profiles
    WHERE network IS NOT NULL AND len(account) = 0
), claims AS (
    SELECT person, 'network:' || lower(split_part(x, ':', 1)) AS kind,
        lower(ltrim(substr(x, strpos(x, ':') + 1), '@')) AS value FROM accounts WHERE strpos(x, ':') > 1
    UNION ALL SELECT person, 'verified_email', lower(unnest(verified_email)) FROM profiles
    UNION ALL SELECT person, 'source:' || source, person::VARCHAR FROM profiles WHERE source IS NOT NULL
)
SELECT DISTINCT person, kind, value FROM claims WHERE value IS NOT NULL
"""
