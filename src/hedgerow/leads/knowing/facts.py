"""Facts: what the charter's conditions ask of leads, as of an instant for each, in one query over the ledger."""

from collections.abc import Iterable
from decimal import Decimal

import pyarrow as pa

from hedgerow.charter import Charter, Fact
from hedgerow.charter.condition import to_sql
from hedgerow.journeys.swarms import BY_PEOPLE
from hedgerow.kit import money
from hedgerow.leads.knowing.scores import scores_of
from hedgerow.leads.knowing.traits import ASKS, quote
from hedgerow.ledger import Workspace, verbs
from hedgerow.people import clusters, edits
from hedgerow.people.consents import EVERYTHING, MAIL, SPOKEN, carried

FACTS_AT = ("first_at", "window_at", "future_at", "score_at")
"""Instants (microseconds) that stand beside the facts: the lead's first touch, the oldest of the last 30 days, the
next that is dated ahead, and when the score decays; beside them, as `since FACT`, what its days are counted from."""

DAY = 86_400_000_000
TICK = DAY // 10_000
"""What days are counted in: a ten-thousandth, 8.64 seconds."""

_DAYS = f"greatest((instant - {{}}) // {TICK}, 0)::DECIMAL(18, 4) * 0.0001"
_PASSIVE = ("send", "deliver", "bounce", "note", "call")
"""Verbs by which something was done to the lead: they are not what it did or said."""


def facts_of(
    workspace: Workspace,
    charter: Charter,
    pairs: pa.Table,
    members: pa.Table,
    changes: pa.Table | None = None,
    scores: pa.Table | None = None,
) -> pa.Table:
    """Return a row for each of `pairs` (row, lead, person, instant in microseconds, begin), in order of `row`.

    `begin` is the stage a lead is taken to be in from the instant on, whatever its state, null where it is in its own.
    `members` has the identifier codes (`code`) of each lead's person. A row has the lead's state as of the instant
    (the columns of `CHANGES`), every fact of the charter that it does not make itself, and `FACTS_AT`. Days are
    counted in ten-thousandths that have passed whole. What happens later than the instant is not known. Other
    `changes` than those in the ledger may be given: those of a replay; and other `scores` than those of the instant.
    """
    scored = scores_of(workspace, charter, pairs) if scores is None else scores
    given = {"pairs": pairs, "members": members, "scores": scored, "carried": carried(workspace, clusters(workspace))}
    given["edits"] = edits(workspace)
    given |= {} if changes is None else {"changes": changes}
    return workspace.engine.sql(_statement(workspace, charter), **given)


def _statement(workspace: Workspace, charter: Charter) -> str:
    places = money.EXPONENTS[workspace.settings.workspace.currency]
    sinces = {name: sql for name, sql in _sinces(charter).items() if name in charter.facts}
    names = {name: sql.format(unit=f"{Decimal(1).scaleb(-places):f}") for name, sql in _STATED.items()}
    names |= {fact.name: _trait(fact) for fact in charter.facts.values() if fact.name not in KNOWN and not fact.grows}
    names |= {name: _DAYS.format(sql) for name, sql in sinces.items()}
    known = ", ".join(f'{sql} AS "{name}"' for name, sql in names.items() if name in charter.facts)
    since = ", ".join(f'{sql} AS "since {name}"' for name, sql in sinces.items())
    gains = [f"CASE WHEN {to_sql(rule.when)} THEN {rule.points} ELSE 0 END" for rule in charter.score.values()]
    points = f"least(greatest(coalesce(score, 0) + {' + '.join(gains)}, 0), 100)::DECIMAL(18, 4)" if gains else "score"
    return (
        f"WITH {', '.join(f'{name} AS ({sql})' for name, sql in _parts(workspace).items())} "
        f"SELECT * REPLACE ({points} AS score) FROM ("
        f"SELECT asked.*, {known}, {since}, {', '.join(FACTS_AT)} FROM asked LEFT JOIN behaviour USING (row) "
        f"LEFT JOIN said USING (row) LEFT JOIN by_hand USING (row) LEFT JOIN agreeing USING (row) "
        f"LEFT JOIN sold USING (row) LEFT JOIN future USING (row) "
        f"LEFT JOIN (SELECT row, score, fit, engagement, epoch_us(changes_at) AS score_at FROM scores) s USING (row)) "
        f"ORDER BY row"
    )


def _parts(workspace: Workspace) -> dict[str, str]:
    """Return the parts of the statement by name, each resting on those before it."""
    own = "SELECT row, instant, code, epoch_us(entered_at) AS entered FROM asked JOIN members USING (lead)"
    return {"asked": _ASKED, "own": own, **_touched(workspace), **_stated(workspace), "future": _FUTURE}


def _touched(workspace: Workspace) -> dict[str, str]:
    settings, decisions = workspace.settings.leads, _listed(verbs()["decision"])
    contacts, answers = _listed(settings.contacts), _listed(settings.answers)
    did, recent = f"verb NOT IN ({_listed(_PASSIVE)})", f"made > instant - {30 * DAY}"
    return {
        # A hand may click for several people, as a scanner does: what tells it counts all its clicks.
        "near": "SELECT * FROM marks WHERE actor_code IN (SELECT code FROM members) OR hand IN "
        "(SELECT hand FROM marks WHERE hand IS NOT NULL AND actor_code IN (SELECT code FROM members))",
        "seen": "SELECT row, instant, entered, verb, channel_group, tie, epoch_us(occurred_at) AS made "
        f"FROM ({BY_PEOPLE.replace('FROM marks', 'FROM near')}) JOIN own ON code = actor_code "
        f"WHERE verb NOT IN ({decisions})",
        "behaviour": "SELECT row, min(made) AS first_at, "
        f"count_if({did}) AS touches, count_if({did} AND {recent}) AS touches_30_days, "
        f"max(made) FILTER ({did}) AS last_touch_at, min(made) FILTER ({did} AND {recent}) AS window_at, "
        f"max(made) FILTER (verb IN ({contacts})) AS last_contact_at, "
        f"count_if(verb IN ({contacts}) AND made > entered) AS contacts, "
        f"bool_or(verb IN ({answers}) AND made > entered) AS answered, "
        "arg_min(channel_group, (made, tie)) FILTER (channel_group IS NOT NULL) AS channel_group "
        "FROM seen WHERE made <= instant GROUP BY row",
    }


def _stated(workspace: Workspace) -> dict[str, str]:
    currency = quote(workspace.settings.workspace.currency)
    return {
        "stated": "SELECT row, instant, entered, name, value, epoch_us(said_at) AS made, touch_id "
        "FROM traits JOIN own USING (code)",
        "said": "SELECT row, map(list(name), list(value)) AS traits, "
        f"bool_or(name = '{ASKS}' AND made > entered) AS asks FROM (SELECT row, entered, name, "
        "arg_max(value, (made, touch_id)) AS value, max(made) AS made FROM stated "
        "WHERE made <= instant GROUP BY row, entered, name) GROUP BY row",
        "by_hand": "SELECT row, map(list(field), list(value)) AS hand FROM (SELECT row, field, "
        "arg_max(value, (stated_at, touch_id)) AS value FROM edits JOIN own USING (code) "
        "WHERE epoch_us(stated_at) <= instant GROUP BY row, field) GROUP BY row",
        # A program that fills in forms agrees for nobody; whoever it was, a no is heeded.
        "consenting": "SELECT row, instant, code, held_for, purpose, given, epoch_us(said_at) AS made, touch_id "
        f"FROM {SPOKEN} JOIN (SELECT row, instant, code AS held_for FROM own) USING (held_for) "
        f"WHERE purpose IN ('{MAIL}', '{EVERYTHING}') "
        "AND NOT (given AND touch_id IN (SELECT touch_id FROM near WHERE automaton))",
        "agreeing": "SELECT row, bool_and(given) AS agreed FROM (SELECT row, code, held_for, purpose, "
        "arg_max(given, (made, NOT given, touch_id)) AS given FROM consenting WHERE made <= instant "
        "GROUP BY row, code, held_for, purpose) GROUP BY row",
        "deals": "SELECT row, instant, row_id, stage, won, amount, currency, stated, line, "
        "coalesce(closed_at, changed_at) AS closed, coalesce(changed_at, opened_at, received_at) AS changed "
        "FROM (SELECT *, unnest(people_codes) AS code FROM deals_history) JOIN own USING (code)",
        "deal": "SELECT * FROM deals WHERE epoch_us(changed) <= instant QUALIFY row_number() OVER "
        "(PARTITION BY row, row_id ORDER BY changed DESC, stated DESC, line DESC) = 1",
        "sold": "SELECT row, bool_or(won IS NULL) AS is_open, bool_or(won IS TRUE) AS has_won, "
        "max(epoch_us(closed)) FILTER (won IS FALSE) AS lost_at, arg_max(stage, (changed, row_id)) AS deal_stage, "
        f"arg_max(CASE WHEN currency = {currency} THEN greatest(amount, 0) END, (changed, row_id)) AS deal_value "
        "FROM deal GROUP BY row",
    }


_FUTURE = (
    "SELECT row, min(made) AS future_at FROM (SELECT row, made, instant FROM seen UNION ALL "
    "SELECT row, made, instant FROM stated UNION ALL SELECT row, made, instant FROM consenting UNION ALL "
    "SELECT row, epoch_us(changed), instant FROM deals) "
    "WHERE made > instant GROUP BY row"
)
_ASKED = (
    "SELECT * REPLACE (coalesce(begin, stage) AS stage, "
    "CASE WHEN begin IS NULL THEN entered_at ELSE make_timestamptz(instant) END AS entered_at, "
    "coalesce(accepted, false) AND begin IS NULL AS accepted, coalesce(returned, false) AND begin IS NULL AS returned, "
    "CASE WHEN begin IS NULL THEN reason END AS reason, coalesce(taken_out, false) AS taken_out) "
    "FROM (SELECT p.*, c.* EXCLUDE (lead, batch, turn, received_at, facts) FROM pairs p LEFT JOIN changes c "
    "ON c.lead = p.lead AND epoch_us(c.changed_at) <= p.instant "
    "QUALIFY row_number() OVER (PARTITION BY p.row ORDER BY step DESC NULLS LAST) = 1)"
)


def _said(name: str) -> str:
    return f"traits[{quote(name)}]"


def _profile(name: str) -> str:
    """Return the SQL of a field of the profile: what was set by hand, if it was, else what was said last."""
    return f"CASE WHEN hand['{name}'] IS NULL THEN {_said(name)} ELSE nullif(hand['{name}'], '') END"


_STATED = {
    "score": "s.score::DECIMAL(18, 4)", "fit": "s.fit::DECIMAL(18, 4)", "engagement": "s.engagement::DECIMAL(18, 4)",
    "touches": "coalesce(touches, 0)", "touches_30_days": "coalesce(touches_30_days, 0)",
    "contacts": "coalesce(contacts, 0)", "answered": "coalesce(answered, false)",
    "asked_for_contact": "coalesce(asks, false)",
    "open_opportunity": "coalesce(is_open, false)", "has_won": "coalesce(has_won, false)",
    "opportunity_stage": "deal_stage", "opportunity_value": "deal_value * {unit}",
    "opted_out": "coalesce(NOT agreed, false)", "consents_to_mail": "agreed",
    "return_reason": "reason", "sales_allows_marketing": "allows",
    "country": f"upper({_profile('country')})", "language": f"lower({_profile('language')})",
    "industry": _profile("industry"), "role": _profile("role"), "account": _said("account"),
    "employees": f"greatest(TRY_CAST({_profile('employees')} AS BIGINT), 0)", "channel_group": "channel_group",
}  # fmt: skip
"""The SQL of the facts that every workspace has, days aside."""

_SINCE = {
    "days_in_stage": "epoch_us(entered_at)",
    "days_since_last_touch": "last_touch_at",
    "days_since_contact": "last_contact_at",
    "days_since_lost": "lost_at",
}
_OF_STATE = ("stage", "accepted", "returned", "taken_out", "grade", "segment")
KNOWN = frozenset((*_STATED, *_SINCE, *_OF_STATE))
"""The facts that are not custom fields."""


def _sinces(charter: Charter) -> dict[str, str]:
    """Return the SQL of the instants from which the facts that count days count them."""
    fields = [fact.name for fact in charter.facts.values() if fact.grows and fact.name not in _SINCE]
    stated = {name: f"TRY_CAST({_said(name.removeprefix('days_since_'))} AS TIMESTAMPTZ)" for name in fields}
    return _SINCE | {name: f"epoch_us({sql})" for name, sql in stated.items()}


def _trait(fact: Fact) -> str:
    """Return the SQL of a custom field as a fact."""
    kept = {"boolean": "BOOLEAN", "number": "DECIMAL(18, 4)", "text": "VARCHAR"}[fact.type]
    return f"TRY_CAST({_said(fact.name)} AS {kept})"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(quote(word) for word in words) or "''"
