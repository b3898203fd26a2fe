"""The visits: who came to the site, what truly brought them, what they saw and which forms they filled in."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hedgerow.kit.money import Integers
from hedgerow.village.season import DAY, Season, wait
from hedgerow.village.talk import FOLLOW, LIKE, POST, REPLY, SHARE
from hedgerow.village.villagers import FATES, Chance, Hamlet, Rows, channel_code, column, words

CAUSES = ("outside", "said", "web", "mail", "forum", "crm")
OUTSIDE, SAID_IT, WEB, MAIL, FORUM, CRM = range(len(CAUSES))
"""What a cause is a number of; for `OUTSIDE` it is the way (an index into the village's ways)."""

EVENTS = ("page", "submit", "download", "signup", "purchase")
PAGE, SUBMIT, DOWNLOAD, SIGNUP, PURCHASE = range(len(EVENTS))
NO_ADDRESS, WORK, PERSONAL, MISTYPED = range(4)

EVENT = np.dtype(
    [
        ("person", "i8"), ("at", "i8"), ("event", "i1"), ("channel", "i1"), ("way", "i2"), ("kind", "i1"),
        ("cause", "i8"), ("generation", "i4"), ("page", "i4"), ("device", "i8"), ("form", "i1"),
        ("address", "i1"), ("amount", "i8"),
    ]
)  # fmt: skip
"""What happened on the site; an event's number is its place. A visit is a page with a `way`; other events
of the visit have way -1 and the visit as their cause. `generation` counts the touches to the first cause."""

LEAD = np.dtype([("person", "i8"), ("at", "i8"), ("submit", "i8"), ("visit", "i8"), ("first", "i8"), ("channel", "i1")])
"""Who filled in a first form: the numbers of that event, of its visit and of the person's first visit ever,
and the channel of the latter."""

_CLICKED = {POST: 0.05, SHARE: 0.045, REPLY: 0.0, LIKE: 0.0, FOLLOW: 0.0}
_READERS = 0.7
_RETURNS = 0.8
_LEADS = 0.032
_PAGES = 0.42
_LATER_FORMS = 0.16


def arrive(chance: Chance, hamlet: Hamlet, season: Season, said: Rows, heard: Rows, forum: Rows) -> Rows:
    """Return the visits (`EVENT`) that talk, the forum, advertisements and search bring, and the returns."""
    brought = [
        _from_talk(chance, hamlet, said, heard),
        _from_outside(chance, hamlet, season),
        _from_forum(chance, hamlet, forum),
        _planted(hamlet, season, said, forum),
    ]
    visits = np.concatenate([_not_before_they_met(hamlet, season, part) for part in brought[:-1]] + brought[-1:])
    visits = visits[visits["at"] < season.end]
    again = _returns(chance, hamlet, visits)
    return _equipped(chance, hamlet, np.concatenate([visits, again[again["at"] < season.end]]))


def _rows(count: int, person: Integers, at: Integers, channel: Integers | int) -> Rows:
    rows = np.zeros(count, EVENT)
    rows["person"], rows["at"], rows["channel"] = person, at, channel
    rows["way"] = rows["page"] = rows["form"] = rows["device"] = -1
    return rows


def _from_talk(chance: Chance, hamlet: Hamlet, said: Rows, heard: Rows) -> Rows:
    rate = np.array([_CLICKED[kind] for kind in range(len(_CLICKED))])[said["kind"][heard["said"]]]
    heard = heard[chance.random(len(heard)) < rate * hamlet.interest[heard["person"]]]
    source = said[heard["said"]]
    rows = _rows(len(heard), heard["person"], heard["at"], talk_channel(hamlet, source))
    rows["kind"], rows["cause"], rows["page"] = SAID_IT, heard["said"], source["page"]
    rows["generation"] = source["generation"] + 1
    rows["device"] = source["network"]
    return rows


def talk_channel(hamlet: Hamlet, said: Rows) -> Integers:
    """Return the true channel of visits brought by each row of what was said."""
    by_company = np.where(said["person"] == len(hamlet), channel_code("Company Social"), channel_code("Advocates"))
    return np.where(said["kind"] == SHARE, channel_code("Reshares"), by_company)


def _from_outside(chance: Chance, hamlet: Hamlet, season: Season) -> Rows:
    counts = chance.poisson(column("channel", "rate") * season.span * len(hamlet))
    channel = np.repeat(np.arange(len(counts)), counts)
    share = np.cumsum(hamlet.interest / hamlet.interest.sum())[:-1]
    person = np.searchsorted(share, chance.random(len(channel)), side="right")
    return _rows(len(channel), person.astype(np.int64), season.draw(chance, len(channel)), channel)


def _from_forum(chance: Chance, hamlet: Hamlet, forum: Rows) -> Rows:
    row = np.repeat(np.arange(len(forum)), chance.poisson(_READERS, len(forum)))
    person = chance.integers(0, len(hamlet), len(row))
    rows = _rows(len(row), person, forum["at"][row] + wait(chance, len(row), 30 * 3600, 1.2), channel_code("Community"))
    rows["kind"], rows["cause"], rows["generation"] = FORUM, row, forum["generation"][row] + 1
    return rows[hamlet.interest[person] > 0]


def _met(season: Season) -> tuple[list[dict[str, object]], Integers]:
    named: list[dict[str, object]] = words("villagers")["villager"]
    return named, np.array([int(float(str(each["met"])) * season.end) for each in named], np.int64)


def _not_before_they_met(hamlet: Hamlet, season: Season, rows: Rows) -> Rows:
    if hamlet.number:
        return rows
    met = np.zeros(len(hamlet), np.int64)
    stories = _met(season)[1]
    # A day's grace: the touch that brought a named villager may have to wait for its own cause.
    met[: len(stories)] = stories + DAY
    return np.asarray(rows[rows["at"] >= met[rows["person"]]])


def _planted(hamlet: Hamlet, season: Season, said: Rows, forum: Rows) -> Rows:
    if hamlet.number:
        return np.zeros(0, EVENT)
    named, met = _met(season)
    keys = [line["key"] for line in words("villagers")["said"]]
    rows = _rows(len(named), np.arange(len(named)), met, -1)
    for place, each in enumerate(named):
        if "heard" in each:
            _caused(
                rows[place : place + 1],
                SAID_IT,
                said,
                np.flatnonzero(said["planted"] == keys.index(each["heard"])),
            )
            rows["channel"][place] = channel_code("Reshares")
            continue
        rows["channel"][place] = channel_code(str(each["via"]))
        if each["via"] == "Community":
            _caused(rows[place : place + 1], FORUM, forum, np.arange(len(forum)))
        elif each["via"] == "Company Social":
            own = (said["person"] == len(hamlet)) & hamlet.on[place, said["network"]]
            _caused(rows[place : place + 1], SAID_IT, said, np.flatnonzero(own))
    return rows


def _caused(visit: Rows, kind: int, sources: Rows, candidates: Integers) -> None:
    times = sources["at"][candidates]
    before = np.flatnonzero(times <= visit["at"][0])
    source = candidates[before[np.argmax(times[before])] if len(before) else np.argmin(times)]
    visit["kind"], visit["cause"], visit["generation"] = kind, source, sources["generation"][source] + 1
    visit["at"] = max(int(visit["at"][0]), int(sources["at"][source]) + 600)
    if kind == SAID_IT:
        visit["page"], visit["device"] = sources["page"][source], sources["network"][source]


def _returns(chance: Chance, hamlet: Hamlet, visits: Rows) -> Rows:
    eager = np.minimum(hamlet.interest[visits["person"]], 2.0)
    number = np.repeat(np.arange(len(visits)), chance.poisson(_RETURNS * eager))
    cause = visits[number]
    at = cause["at"] + wait(chance, len(number), 4 * DAY, 1.0)
    searched = chance.random(len(number)) < 0.35
    channel = np.where(searched, channel_code("Organic Search"), channel_code("Direct"))
    rows = _rows(len(number), cause["person"], at, channel)
    rows["kind"], rows["cause"], rows["generation"] = WEB, number, cause["generation"] + 1
    return rows


def _equipped(chance: Chance, hamlet: Hamlet, visits: Rows) -> Rows:
    """Return the visits with their way, page and device; `device` held the network they came from, or -1."""
    visits["way"] = _ways(chance, visits["channel"], visits["device"])
    outside = visits["kind"] == OUTSIDE
    visits["cause"] = np.where(outside, visits["way"], visits["cause"])
    anywhere = visits["page"] < 0
    visits["page"] = np.where(anywhere, chance.integers(0, len(words()["pages"]), len(visits)), visits["page"])
    visits["device"] = _devices(chance, hamlet, visits["person"])
    return visits


def _ways(chance: Chance, channel: Integers, network: Integers) -> Integers:
    names = [each["name"] for each in words()["network"]]
    way = np.zeros(len(channel), np.int64)
    for code, spot in sorted({(int(c), int(n)) for c, n in np.unique(np.stack([channel, network], 1), axis=0)}):
        name = words()["channel"][code]["name"]
        fits = [
            place
            for place, each in enumerate(words()["way"])
            if name in each["channels"] and each.get("network") in (None, names[spot] if spot >= 0 else None)
        ]
        weight = np.array([words()["way"][place]["weight"] for place in fits], np.float64)
        rows = np.flatnonzero((channel == code) & (network == spot))
        way[rows] = chance.choice(fits, len(rows), p=weight / weight.sum())
    return way


def _devices(chance: Chance, hamlet: Hamlet, person: Integers) -> Integers:
    borrows = (hamlet.borrows[person] >= 0) & (chance.random(len(person)) < 0.3)
    owner = np.where(borrows, hamlet.borrows[person], person)
    spare = np.diff(hamlet.devices)[owner]
    other = chance.integers(0, spare)
    return np.asarray(hamlet.devices[owner] + np.where(chance.random(len(person)) < 0.6, 0, other), np.int64)


def ask(chance: Chance, hamlet: Hamlet, season: Season, visits: Rows) -> tuple[Rows, Rows]:
    """Return the first form of everybody who fills one in: its event (`EVENT`) and the lead (`LEAD`)."""
    order = np.lexsort((visits["at"], visits["person"]))
    person = visits["person"][order]
    opens = np.flatnonzero(np.diff(person, prepend=-1))
    size = np.diff(np.append(opens, len(order)))
    rank = np.arange(len(order)) - np.repeat(opens, size)
    first = np.repeat(order[opens], size)
    quality = column("channel", "quality")[visits["channel"][first]]
    account = hamlet.account[person]
    fit = np.where(account >= 0, hamlet.fit[account], 0.4)
    submits = chance.random(len(order)) < _LEADS * quality * fit * (0.6 + 0.2 * np.minimum(rank, 6))
    fate = hamlet.fate[person]
    submits = np.where(fate < 0, submits, (fate >= FATES.index("lead")) & (rank == 0))
    place = np.flatnonzero(submits)
    place = place[np.unique(person[place], return_index=True)[1]]
    visit = order[place]
    rows = _form(chance, visits, visit, season.end)
    rows["address"][_mistypes(chance, hamlet, rows["person"])] = MISTYPED
    leads = np.zeros(len(rows), LEAD)
    leads["person"], leads["at"], leads["visit"], leads["first"] = (
        rows["person"],
        rows["at"],
        visit,
        first[place],
    )
    leads["submit"], leads["channel"] = len(visits) + np.arange(len(rows)), visits["channel"][first[place]]
    return rows, leads


def _form(chance: Chance, visits: Rows, visit: Integers, end: int) -> Rows:
    rows = visits[visit]
    rows["at"] = np.minimum(rows["at"] + wait(chance, len(rows), 200, 0.6), end - 1)
    rows["event"], rows["way"] = SUBMIT, -1
    rows["kind"], rows["cause"], rows["generation"] = WEB, visit, rows["generation"] + 1
    rows["form"] = chance.integers(0, len(words()["forms"]), len(rows))
    rows["address"] = np.where(chance.random(len(rows)) < 0.12, PERSONAL, WORK)
    return rows


def _mistypes(chance: Chance, hamlet: Hamlet, person: Integers) -> NDArray[np.bool_]:
    slips = chance.random(len(person)) < 0.02
    if not hamlet.number:
        named = words("villagers")["villager"]
        slips = np.where(person < len(named), False, slips)
        slips |= np.isin(person, [place for place, each in enumerate(named) if each.get("typo")])
    return slips


def from_mail(chance: Chance, hamlet: Hamlet, clicks: Rows, numbers: Integers) -> Rows:
    """Return the visits (`EVENT`) that clicks in a mail bring; `numbers` are the clicks' in the mail."""
    rows = _rows(len(clicks), clicks["person"], clicks["at"] + 2, channel_code("Email"))
    rows["kind"], rows["cause"], rows["generation"] = MAIL, numbers, clicks["generation"] + 1
    return _equipped(chance, hamlet, rows)


def browse(chance: Chance, season: Season, events: Rows, leads: Rows) -> Iterable[Rows]:
    """Yield the further pages of each visit, and the later forms of those who are leads."""
    visit = np.flatnonzero(events["way"] >= 0)
    visit = np.repeat(visit, chance.geometric(_PAGES, len(visit)) - 1)
    pages = events[visit]
    opens = np.diff(visit, prepend=-1) != 0
    elapsed = np.cumsum(wait(chance, len(visit), 45, 0.8))
    pages["at"] += elapsed - np.maximum.accumulate(np.where(opens, np.append(0, elapsed[:-1]), 0))
    pages["page"] = (pages["page"] + chance.integers(1, len(words()["pages"]), len(pages))) % len(words()["pages"])
    pages["way"], pages["kind"], pages["cause"], pages["generation"] = -1, WEB, visit, pages["generation"] + 1
    yield pages[pages["at"] < season.end]
    lead_at = np.full(int(events["person"].max(initial=0)) + 1, season.end)
    lead_at[leads["person"]] = leads["at"]
    known = (events["way"] >= 0) & (events["at"] > lead_at[events["person"]])
    forms = _form(chance, events, np.flatnonzero(known & (chance.random(len(events)) < _LATER_FORMS)), season.end)
    forms["event"] = np.select([forms["form"] == 1, forms["form"] == 2], [DOWNLOAD, SIGNUP], SUBMIT)
    yield forms
    # No confirmation came to the mistyped address, so they write it again, rightly.
    wrong = events[leads["submit"]]
    wrong = wrong[wrong["address"] == MISTYPED]
    wrong["at"], wrong["address"] = np.minimum(wrong["at"] + 1800, season.end - 1), WORK
    yield wrong


def pay(buyers: Rows, events: Rows, at: Integers, amount: Integers, device: Integers) -> Rows:
    """Return the purchases (`EVENT`) of leads who pay by card: `at` in seconds, `amount` in minor units."""
    rows = _rows(len(buyers), buyers["person"], at, buyers["channel"])
    rows["event"], rows["kind"], rows["cause"] = PURCHASE, WEB, buyers["submit"]
    rows["generation"] = events["generation"][buyers["submit"]] + 1
    rows["page"], rows["device"], rows["address"], rows["amount"] = 1, device, WORK, amount
    return rows
