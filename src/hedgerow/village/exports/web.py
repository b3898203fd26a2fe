"""Web: what the site's own tracker sends, one JSON object a line."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.kit.money import Integers
from hedgerow.village import visits
from hedgerow.village.life import Export, Life, Sheet, decimal, iso
from hedgerow.village.villagers import Chance, Hamlet, hexadecimal, joined, numbered, pick, words


def _web(chance: Chance, life: Life) -> Sheet:
    """Return the site's events, among them those of crawlers."""
    events, hamlet = life.events, life.hamlet
    number = np.arange(len(events))
    email = _addresses(hamlet, events["person"], events["address"])
    gives_handle = (events["address"] > 0) & hamlet.on[events["person"], 0] & (events["person"] % 3 == 0)
    table = pa.table(
        {
            "event_id": life.ids(visits.WEB, number),
            "sent_at": iso(life, events["at"]),
            "event": pick(visits.EVENTS, events["event"]),
            "anonymous_id": hamlet.device.take(pa.array(events["device"])),
            "email": email,
            "mastodon": pick(hamlet.handles[0], np.where(gives_handle, events["person"], -1)),
            "page": _pages(chance, life),
            "user_agent": pick(words()["browsers"], events["device"] * 7 % len(words()["browsers"])),
            "form": pick(words()["forms"], events["form"]),
            "amount": decimal(events["amount"]),
            "currency": pick(["EUR"], np.where(events["amount"] > 0, 0, -1)),
        }
    )
    crawls = _crawls(chance, life, table)
    at = np.concatenate([events["at"], life.season.draw(chance, len(crawls))])
    crawls = crawls.set_column(1, "sent_at", iso(life, at[len(events) :]))
    marks = [
        (np.flatnonzero(events["address"] == visits.MISTYPED), "typo", "the e-mail on the form is mistyped"),
        (len(events) + np.arange(len(crawls)), "bot", "a crawler, as its user agent says"),
    ]
    return Sheet("web", pa.concat_tables([table, crawls]), at, marks)


def _addresses(hamlet: Hamlet, person: Integers, address: Integers) -> pa.Array:
    work = pick(hamlet.email, np.where(address == visits.WORK, person, -1))
    personal = pick(hamlet.personal_email, np.where(address == visits.PERSONAL, person, -1))
    slipped = pick(hamlet.email, np.where(address == visits.MISTYPED, person, -1))
    return pc.coalesce(work, personal, pc.replace_substring(slipped, ".example", ".exmaple"))


def _pages(chance: Chance, life: Life) -> pa.Array:
    events, ways = life.events, words()["way"]
    site, way = words()["site"], events["way"]
    address = joined(site, pick(words()["pages"], events["page"]))
    token = np.array([("", "cause", "click").index(each.get("token", "")) for each in ways])[way]
    token = np.where(way >= 0, token, 0)
    number = events["cause"]
    said = events["kind"] == visits.SAID_IT
    source = life.said[np.where(said, number, 0)]
    number = np.where(said & ~source["tracked"], source["root"], number)
    tokens = pc.if_else(
        pa.array(token == 1),
        life.causes(events["kind"], number),
        pc.if_else(pa.array(token == 2), hexadecimal(chance, len(events), 10), ""),
    )
    query = pick([each.get("query", "") for each in ways], way)
    query = pc.coalesce(joined("?", query, tokens), "")
    referrer = pick([each.get("referrer") for each in ways], way)
    inside = pc.if_else(pa.array(way < 0), f"{site}/", pa.scalar(None, pa.string()))
    return pa.StructArray.from_arrays(
        [
            joined(address, pc.if_else(pc.equal(query, "?"), "", query)),
            pick(words()["titles"], events["page"]),
            pc.coalesce(referrer, inside),
        ],
        ["url", "title", "referrer"],
    )


def _crawls(chance: Chance, life: Life, table: pa.Table) -> pa.Table:
    count = max(3, len(table) // 25)
    page = chance.integers(0, len(words()["pages"]), count)
    empty = pa.nulls(count, pa.string())
    visitor = chance.integers(0, count // 3, count)
    pages = [joined(words()["site"], pick(words()["pages"], page)), pick(words()["titles"], page), empty]
    columns = dict.fromkeys(table.column_names, empty) | {
        "event_id": numbered(f"b{life.hamlet.number}-", np.arange(count)),
        "event": pick(["page"], np.zeros(count, np.int64)),
        "anonymous_id": hexadecimal(chance, count // 3).take(pa.array(visitor)),
        "page": pa.StructArray.from_arrays(pages, ["url", "title", "referrer"]),
        "user_agent": pick(words()["crawlers"], visitor % len(words()["crawlers"])),
    }
    return pa.table(columns)


EXPORT = Export(
    "The site's page views, forms, downloads and purchases.",
    "web.jsonl.gz",
    _web,
    bad=(
        ("its time can't be read", {"sent_at": "sometime on Tuesday"}),
        ("it names nobody", {"anonymous_id": None, "email": None, "mastodon": None}),
        ("its currency is unknown", {"event": "purchase", "amount": "49.00", "currency": "XEU"}),
    ),
)
