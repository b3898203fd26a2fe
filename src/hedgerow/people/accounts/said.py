"""Said: the SQL that reads, of touches and deals, what they say of companies and of who belongs to one."""

from hedgerow.people.kinds import DEVICE, SHARED
from hedgerow.people.profiles import STATING, fields

NAME = ("account_name", "account.name", "company.name", "organization.name")
SITE = ("account_domain", "account.domain", "company.domain", "company.website", "organization.domain",
        "organization.url")  # fmt: skip
PARENT = ("parent_account", "account.parent", "company.parent", "organization.parent", "parent_company")
OWN_NAME = ("name", "company", "organization", "legal_name")
OWN_SITE = ("domain", "website", "site", "url")
"""What a row that is about an account itself states: a CRM's row of accounts, a tracker's call about a group."""

_LISTS = ("employments", "positions", "experience")


def _paths(names: tuple[str, ...]) -> str:
    return "coalesce(" + ", ".join(f"nullif(trim(properties->>'$.{name}'), '')" for name in names) + ")"


def _of(names: tuple[str, ...]) -> str:
    return "coalesce(" + ", ".join(f"nullif(trim(each->>'$.{name}'), '')" for name in names) + ")"


def _day(text: str, last: bool) -> str:
    """Return the SQL for the instant a day, month or year stands for: its first, or where it is an end its last."""
    whole = f"substr({text}, 1, 10)"
    month, year = (f"{text} || '-01'", f"{text} || '-01-01'")
    if last:
        month, year = f"last_day(try_cast({month} AS DATE))::VARCHAR", f"{text} || '-12-31'"
    return (
        f"CASE length({text}) WHEN 4 THEN try_cast({year} AS TIMESTAMPTZ) WHEN 7 THEN try_cast({month} AS TIMESTAMPTZ) "
        f"ELSE coalesce(try_cast({text} AS TIMESTAMPTZ), try_cast({whole} AS TIMESTAMPTZ)) END"
    )


_STATING = "(" + ", ".join(f"'{verb}'" for verb in STATING) + ")"
_LOOSE = "(" + ", ".join(f"'{kind}'" for kind in (*SHARED, *DEVICE)) + ")"
_ROLE = _paths(tuple(fields()["role"].names))
_EMPLOYER = _paths(tuple(fields()["employer"].names))
_OWN = "(coalesce(actor = account, false) OR split_part(actor, ':', 1) IN {kinds})"
_ABOUT = f"({_OWN} OR (verb = 'join' AND account IS NOT NULL))"

# A device may be somebody else's tomorrow: what is said of a person is said of an identifier of theirs, if any.
_WHO = (
    f"CASE WHEN split_part(actor, ':', 1) NOT IN {_LOOSE} OR claims IS NULL THEN actor_code ELSE "
    f"coalesce(list_filter(list_zip(claims, claim_codes), lambda x: split_part(x[1], ':', 1) NOT IN {_LOOSE})[1][2], "
    f"actor_code) END"
)
_SEEN = "touch_id, received_at, batch, turn"
_DEAL_SEEN = "row_id AS touch_id, received_at, batch, turn"
_DEAL_AT = "coalesce(changed_at, opened_at, received_at)"
_MAILED = """
SELECT code, NULL::BIGINT AS account_code, 'mail' AS what, split_part(any_value(name), '@', -1) AS text, 'mail' AS says,
       NULL::VARCHAR AS role, min(since) AS since, NULL::TIMESTAMPTZ AS until,
       arg_min(touch_id, (since, touch_id)) AS touch_id, min(received_at) AS received_at, batch, turn
FROM (
  SELECT unnest(list_prepend(actor, coalesce(claims, []))) AS name, occurred_at AS since, touch_id, received_at, batch,
         unnest(list_prepend(actor_code, coalesce(claim_codes, []))) AS code, turn
  FROM touches WHERE {new} AND verb NOT IN {deciding}
  UNION ALL
  SELECT unnest(people), DEAL_AT, row_id, received_at, batch, unnest(people_codes), turn FROM deals_history WHERE {new}
) WHERE starts_with(name, 'email:') AND contains(name, '@') GROUP BY code, batch, turn
""".replace("DEAL_AT", _DEAL_AT)

BELONGING = f"""
WITH told AS (
  SELECT verb, account, account_code, actor_code, claim_codes, occurred_at, {_SEEN}, {_WHO} AS who, {_OWN} AS own,
         CASE WHEN verb = 'edit' OR verb IN {_STATING} THEN properties END AS properties FROM touches
  WHERE {{new}} AND verb NOT IN {{deciding}}
    AND (account IS NOT NULL OR (properties IS NOT NULL AND (verb = 'edit' OR verb IN {_STATING})))
), stating AS (
  SELECT *, {_EMPLOYER} AS employer, {_ROLE} AS role,
         {_paths(("since", "employed_since", "start_date"))} AS begun, {_paths(("until", "employed_until", "end_date"))}
         AS ended FROM told WHERE verb IN {_STATING} AND properties IS NOT NULL AND NOT own
), listed AS (
  SELECT *, unnest(from_json(json_extract(properties, '$.' || list), '["JSON"]')) AS each
  FROM (SELECT *, unnest({list(_LISTS)}) AS list FROM stating)
  WHERE json_type(properties, '$.' || list) = 'ARRAY'
), worked AS (
  SELECT who, {_of(("employer", "company", "organization", "name"))} AS employer, {_of(("role", "title"))} AS role,
         {_of(("since", "start", "start_date"))} AS begun, {_of(("until", "end", "end_date"))} AS ended,
         occurred_at, {_SEEN} FROM listed
  UNION ALL
  SELECT who, CASE WHEN json_valid(employer) AND json_type(employer) = 'OBJECT' THEN NULL ELSE employer END,
         role, begun, ended, occurred_at, {_SEEN} FROM stating
), dated AS (
  SELECT *, {_day("begun", False)} AS begun_at, {_day("ended", True)} AS ended_at FROM worked WHERE employer IS NOT NULL
)
SELECT who AS code, account_code, 'identifier' AS what, account AS text, 'touch' AS says,
       CASE WHEN verb IN {_STATING} THEN {_ROLE} END AS role, occurred_at AS since, NULL::TIMESTAMPTZ AS until, {_SEEN}
FROM told WHERE account IS NOT NULL AND NOT own
UNION ALL
SELECT unnest(people_codes), account_code, 'identifier', account, 'deal', NULL, {_DEAL_AT}, NULL, {_DEAL_SEEN}
FROM deals_history WHERE {{new}} AND account IS NOT NULL
UNION ALL
SELECT who, NULL, 'employer', employer, 'employer', role,
       coalesce(begun_at, CASE WHEN ended_at IS NULL OR ended_at > occurred_at THEN occurred_at END), ended_at, {_SEEN}
FROM dated
UNION ALL
SELECT unnest(list_prepend(actor_code, coalesce(claim_codes, []))), NULL, 'employer', properties->>'$.value', 'human',
       NULL, occurred_at, NULL, {_SEEN}
FROM told WHERE verb = 'edit' AND properties->>'$.field' = 'employer' AND trim(properties->>'$.value') <> ''
UNION ALL
{_MAILED}
"""
"""Rows: code, account_code, what, text, says, role, since, until and where it was said; `since` is empty where all that
is known is the end."""

TYING = f"""
WITH told AS (
  SELECT verb, actor, account, account_code, claims, claim_codes, properties, occurred_at, {_SEEN},
         CASE WHEN {_OWN} THEN actor ELSE account END AS own,
         CASE WHEN {_OWN} THEN actor_code ELSE account_code END AS own_code, {_OWN} AS is_own FROM touches
  WHERE {{new}} AND verb NOT IN {{deciding}} AND verb <> 'edit' AND (account IS NOT NULL OR {_OWN})
), stating AS (
  SELECT *, {_ABOUT} AS about FROM told WHERE properties IS NOT NULL AND (verb IN {_STATING} OR {_ABOUT})
), stated AS (
  SELECT own, own_code, unnest([
      {{w: 'employer', t: {_paths(NAME)}, s: 'same'}},
      {{w: 'site', t: {_paths(SITE)}, s: 'same'}},
      {{w: 'any', t: {_paths(PARENT)}, s: 'parent'}},
      {{w: 'employer', t: CASE WHEN about THEN {_paths(OWN_NAME)} END, s: 'same'}},
      {{w: 'site', t: CASE WHEN about THEN {_paths(OWN_SITE)} END, s: 'same'}},
      {{w: 'any', t: CASE WHEN about THEN {_paths(("parent",))} END, s: 'parent'}}]) AS x, occurred_at, {_SEEN}
  FROM stating
)
SELECT 'identifier' AS a_what, own AS a, own_code AS a_code, 'identifier' AS b_what, own AS b, own_code AS b_code,
       'same' AS says, occurred_at AS since, {_SEEN} FROM told WHERE is_own
UNION ALL
SELECT 'identifier', own, own_code, 'identifier', account, account_code, 'same', occurred_at, {_SEEN}
FROM told WHERE is_own AND account <> actor
UNION ALL
SELECT * FROM (
  SELECT 'identifier', own, own_code, 'identifier', unnest(claims) AS claim, unnest(claim_codes), 'same', occurred_at,
         {_SEEN} FROM told WHERE is_own) WHERE split_part(claim, ':', 1) IN {{kinds}} OR starts_with(claim, 'crm')
UNION ALL
SELECT 'identifier', own, own_code, x.w, x.t, NULL, x.s, occurred_at, {_SEEN} FROM stated WHERE x.t IS NOT NULL
UNION ALL
SELECT 'employer', coalesce(properties->>'$.company.name', properties->>'$.organization.name'), NULL, 'site',
       {_paths(SITE)}, NULL, 'same', occurred_at, {_SEEN}
FROM touches WHERE {{new}} AND verb IN {_STATING} AND account IS NULL AND properties IS NOT NULL
  AND coalesce(properties->>'$.company.name', properties->>'$.organization.name') IS NOT NULL
  AND {_paths(SITE)} IS NOT NULL
UNION ALL
SELECT 'identifier', account, account_code, 'identifier', account, account_code, 'same', {_DEAL_AT}, {_DEAL_SEEN}
FROM deals_history WHERE {{new}} AND account IS NOT NULL
"""
"""Rows: what is said to be one account (same), or to own one (parent): a_what, a, a_code, b_what, b, b_code, …"""
