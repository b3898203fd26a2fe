"""A guess: the map a file seems to ask for, as TOML with comments, to be read and corrected by a person."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from hedgerow.collect.importing.sample import Clock, Sample, clock_of, is_number, sample_of

_WORDS = {
    "email": "e?_?mail|email_?address",
    "customer": "(customer|client|contact|person|lead|member|prospect)(_?(id|number|no))?",
    "user": "user(_?(id|name))?|uid|login|account_?name",
    "handle": "handle|screen_?name|author|nick(name)?|from_?user|username",
    "anonymous": "(anonymous|visitor|cookie|device|client|session)_?id|cookie|visitor|uuid|anonymous",
    "phone": "phone(_?number)?|tel(ephone)?|mobile",
    "ip": "host|ip(_?address)?|remote_?(addr|host)",
}
"""Words that name a person, by the kind of identifier they hold; the first that is there is the actor."""

_FIELDS = {
    "channel": "channel|category|media|platform|(utm_?)?source|traffic_?source|network",
    "medium": "(utm_?)?medium",
    "campaign": "(utm_?)?campaign(_?name)?|ad_?group|adset(_?name)?",
    "url": "url|page(_?url)?|link|landing_?page|permalink",
    "referrer": "referr?er|referring_?url",
    "user_agent": "(user_?)?agent|browser",
    "title": "title|subject|headline",
    "text": "text|body|message|content|comment|tweet|post",
    "language": "lang(uage)?|locale",
}
_VALUE = "(conversion_?)?value|amount|revenue|price|total|(order|deal)_?(value|amount|total)|dollar_?value|worth"
_COST = "cost|spend|spent|mark_?spent|amount_?spent|ad_?spend|media_?cost"
_WHEN = "time|date|day|timestamp|ts|created(_?(at|on|time))?|occurred_?at|when|c_date"
_COUNTS = {
    "impressions": "impressions?|views",
    "clicks": "(link_?)?clicks",
    "reported_leads": "leads",
    "reported_orders": "orders|purchases|conversions",
    "reported_revenue": "revenue|conversion_?value",
}
_STAGE = "(deal_?|sales_?|opportunity_?)?(stage|status)"


class _Columns:
    """The columns of a sample, asked for by the words of their names; each is given away once."""

    def __init__(self, sample: Sample) -> None:
        self.sample, self.left = sample, list(sample.columns)

    def take(self, words: str) -> str:
        """Return the first column left whose name is one of the words (a pattern), quoted; "" where none is."""
        for name in self.left:
            plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
            if re.fullmatch(words, plain) or re.fullmatch(f".+_({words})", plain):
                self.left.remove(name)
                return _quoted(name)
        return ""

    def number(self, words: str) -> str:
        """Return as `take` does, but only a column of numbers."""
        return self._take_among(words, lambda values: is_number(values))

    def person(self, kind: str, words: str) -> str:
        """Return as `take` does, but only a column that holds something, mail addresses where it is for mail."""
        mark = "@" if kind == "email" else ""
        return self._take_among(words, lambda values: sum(mark in value for value in values) > len(values) / 2)

    def _take_among(self, words: str, holds: Callable[[list[str]], bool]) -> str:
        held = list(self.left)
        self.left = [name for name in held if holds(self.sample.columns[name])]
        found = self.take(words)
        self.left = [name for name in held if _quoted(name) != found]
        return found


def guess(file: Path) -> str:
    """Return a proposed map for the file, as TOML; raises `HedgerowError` where the file can't be opened.

    It is made from the header and the first thousand rows. What is not certain is said in a comment.
    """
    sample = sample_of(file)
    columns = _Columns(sample)
    clocks = {name: clock for name, values in sample.columns.items() if (clock := clock_of(values))}
    stem = re.sub(r"[^a-z0-9_.-]+", "_", file.name.lower().split(".")[0]).strip("_.-") or "file"
    kind = _kind(sample, clocks)
    made = {"touch": _touch, "spend": _spend, "deal": _deal}[kind](columns, clocks)
    money = any(name in made for name in ("value", "cost", "amount", "reported_revenue"))
    verb = {"touch": "touches", "deal": "deals"}.get(kind, kind)
    lines = [
        f"# A guess from the header and the first rows: read it, correct it, then `hedgerow import {verb}`.",
        f"source = {json.dumps(stem)}",
        "",
        "[read]",
        *_read(sample, _used(made, clocks), money),
        "",
        f"[[{kind}]]",
        *(
            f"{name} = {_toml(value)}" if value else f"# {name} = … Say which column it is."
            for name, value in made.items()
        ),
        *(["# Not used: " + ", ".join(columns.left)] if columns.left else []),
    ]
    return "\n".join(lines) + "\n"


def _kind(sample: Sample, clocks: dict[str, Clock]) -> str:
    asked = _Columns(sample)
    if asked.number(_COST) and clocks:
        return "spend"
    if asked.take(_STAGE) and (asked.number(_VALUE) or asked.take("close_?date|closed(_?at)?")):
        return "deal"
    return "touch"


def _touch(columns: _Columns, clocks: dict[str, Clock]) -> dict[str, object]:
    when = _when(columns, clocks, _WHEN)
    made: dict[str, object] = {"occurred_at": when, "verb": "'view'"}
    sender = columns.take("(tweet|event|message|post|touch|order|status|comment)_?id|event_?uuid")
    people = [f"'{kind}:' || {name}" for kind, words in _WORDS.items() if (name := columns.person(kind, words))]
    made["actor"] = people[0] if people else f"'anonymous:' || {sender}" if sender else ""
    if people[1:]:
        made["claims"] = people[1:]
    outcome = columns.number("conversion|converted|is_?conversion|purchased?")
    if value := columns.number(_VALUE):
        sold = f"{outcome} = '1'" if outcome else f"{value} is not null"
        made["verb"] = f"case when {sold} then 'purchase' else 'view' end"
        made["value"] = f"case when {outcome} = '1' then {value} end" if outcome else value
    made |= {name: found for name, words in _FIELDS.items() if (found := columns.take(words))}
    if "text" in made and "value" not in made:
        made["verb"] = "'mention'"
    if sender:
        made["id"] = sender
    if path := columns.take("path"):
        made["url"] = path
    return _cleaned(made)


def _spend(columns: _Columns, clocks: dict[str, Clock]) -> dict[str, object]:
    made: dict[str, object] = {"spent_on": _when(columns, clocks, _WHEN), "cost": columns.number(_COST)}
    made |= {name: found for name, words in _COUNTS.items() if (found := columns.number(words))}
    for name in ("medium", "campaign", "channel"):
        if found := columns.take(_FIELDS[name]):
            made[name] = found
    if not {"channel", "campaign"} & set(made):
        made["channel"] = "'unknown'"
    if key := columns.take("(campaign|ad|adset|placement)_?id"):
        made["key"] = key
    return made


def _deal(columns: _Columns, clocks: dict[str, Clock]) -> dict[str, object]:
    closed = _when(columns, clocks, "close_?date|closed(_?(at|on|date))?|won_?(at|on)")
    opened = _when(columns, clocks, "open_?date|opened(_?(at|on))?|engage_?date|created(_?(at|on|date))?|start_?date")
    stage = columns.take(_STAGE)
    made = {
        "id": columns.take("(opportunity|deal|opp|record)_?id|id"),
        "stage": stage,
        "won": f"lower({stage}) in ('won', 'closed won', 'closedwon')",
        "amount": columns.number(_VALUE),
        "opened_at": opened,
        "closed_at": closed,
        "account": f"'account:' || {account}" if (account := columns.take("(account|company)(_?(id|name))?")) else "",
        "owner": columns.take("(sales_?)?(agent|rep|owner)|owner(_?name)?"),
        "name": columns.take("name|(deal|opportunity)_?name"),
    }
    mail = columns.person("email", _WORDS["email"])
    return {name: value for name, value in made.items() if value} | (
        {"people": [f"'email:' || {mail}"]} if mail else {}
    )


def _when(columns: _Columns, clocks: dict[str, Clock], words: str) -> str:
    """Return the column of times that is named by the words, or else the first there is."""
    held = columns.left
    columns.left = [name for name in held if name in clocks]
    found = columns.take(words) or ("" if words != _WHEN else _quoted(next(iter(columns.left), "")))
    columns.left = [name for name in held if _quoted(name) != found]
    return found


def _cleaned(made: dict[str, object]) -> dict[str, object]:
    nothing = ("referrer", "user_agent")
    return {name: f"nullif({value}, '-')" if name in nothing else value for name, value in made.items()}


def _used(made: dict[str, object], clocks: dict[str, Clock]) -> list[Clock]:
    times = [str(value) for name, value in made.items() if name.endswith("_at") or name == "spent_on"]
    return [clock for name, clock in clocks.items() if _quoted(name) in times]


def _read(sample: Sample, clocks: Sequence[Clock], money: bool) -> Iterable[str]:
    reading = sample.reading
    yield f"format = {json.dumps(reading.format)}"
    if reading.pattern:
        yield f"pattern = '''{reading.pattern}'''"
    if reading.encoding != "utf-8":
        yield f"encoding = {json.dumps(reading.encoding)}  # or another one of a byte a character"
    if reading.delimiter:
        yield f"delimiter = {json.dumps(reading.delimiter)}"
    if not clocks:
        yield "# No column was found that holds times: say which one is."
    for clock in clocks[:1]:
        yield f"time = {json.dumps(clock.time)}" + (f"  # {clock.doubt}" if clock.doubt else "")
        if not clock.zoned:
            yield 'zone = "UTC"  # the times state none: say where the clock stood'
    if money:
        yield 'currency = "EUR"  # say which it is'


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"' if name else ""


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
