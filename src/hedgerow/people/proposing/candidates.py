"""Candidates: everybody who can be named, as the profiles that matching reads."""

import numpy as np
import pyarrow as pa

from hedgerow.ledger import Workspace
from hedgerow.people.clusters import Clusters
from hedgerow.people.kinds import LAW, Law
from hedgerow.people.profiles import fields, profiles


def candidates(workspace: Workspace, known: Clusters) -> pa.Table:
    """Return a row a person who has more than devices, by person: the columns that `propose` reads, and `name`, the
    code of the identifier that is most theirs alone."""
    stated = profiles(workspace, known=known)
    missing = [name for name in fields() if name not in stated.column_names]
    for name in missing:
        stated = stated.append_column(name, pa.nulls(len(stated), pa.string()))
    return workspace.engine.sql(_CANDIDATES, mine=mine(known), stated_of=stated)


def mine(known: Clusters) -> pa.Table:
    """Return a row an identifier that is not many people's: its code, and its person."""
    codes = np.setdiff1d(np.arange(len(known.person)), known.shared)
    return pa.table({"code": codes, "person": known.person[codes]})


UNIQUE = f"""
    SELECT person, code, kind FROM (SELECT *, ({LAW})::INTEGER AS law FROM identifiers) JOIN mine USING (code)
    WHERE law = {Law.UNIQUE:d} OR (kind = 'email' AND law = {Law.SEVERAL:d} AND code IN (SELECT code FROM verified))
"""
"""SQL for the identifiers of which nobody has two of a kind."""

# A row of a system (crm.odoo:42) is a source that holds each person once; what has letters is a name on a network.
_ROW = "law = 3 AND (kind = 'crm' OR contains(kind, '.'))"
_ACCOUNT = "law = 3 AND NOT contains(kind, '.') AND kind NOT IN ('crm', 'user') AND regexp_matches(value, '[A-Za-z]')"
_CANDIDATES = f"""
WITH known AS (
  SELECT person, code, kind, value, law, code IN (SELECT code FROM verified) AS proved
  FROM (SELECT *, ({LAW})::INTEGER AS law FROM identifiers) JOIN mine USING (code) WHERE law >= {Law.SEVERAL:d}
), named AS (
  SELECT person, arg_min(code, (-law, code)) AS name, min(kind) FILTER ({_ROW}) AS source,
         list(value ORDER BY code) FILTER (kind = 'email') AS email,
         list(value ORDER BY code) FILTER (kind = 'email' AND proved) AS verified_email,
         list(kind || ':' || value ORDER BY code) FILTER ({_ACCOUNT}) AS account,
         list(value ORDER BY code) FILTER (kind = 'handle') AS handles,
         list(value ORDER BY code) FILTER (kind = 'phone') AS phones,
         list(value ORDER BY code) FILTER (kind = 'page') AS page
  FROM known GROUP BY person
)
SELECT person, name, source, email, verified_email, account, page, full_name, given_name, surname, birth_date, bio,
       site, employer, city AS place, region, country, street, postcode,
       list_distinct(list_concat(handles, nickname)) AS handle, list_distinct(list_concat(phones, phone)) AS phone
FROM named LEFT JOIN stated_of USING (person) ORDER BY person
"""
