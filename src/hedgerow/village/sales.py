"""The sales of the village: mails to leads, calls and meetings, deals with their stages, payments by card."""

import numpy as np

from hedgerow.kit.money import Integers
from hedgerow.village.season import DAY, Season, wait
from hedgerow.village.villagers import FATES, Chance, Hamlet, Rows, column, words

LETTERS = ("send", "open", "click", "unsubscribe")
SEND, OPEN, CLICK, UNSUBSCRIBE = range(len(LETTERS))

MAILED = np.dtype(
    [
        ("person", "i8"), ("at", "i8"), ("letter", "i1"), ("parent", "i8"), ("cause", "i8"),
        ("generation", "i4"), ("issue", "i4"), ("scanner", "?"),
    ]
)  # fmt: skip
"""What became of each mail; a send's cause is a form (web), any other's the send, its `parent` (else -1).
`issue` counts the newsletters from 0; -1 to -3 are the mails that follow a form."""

CALLS = ("Call", "Meeting", "Demo")
CALL = np.dtype([("person", "i8"), ("at", "i8"), ("kind", "i1"), ("cause", "i8"), ("generation", "i4")])
"""What a salesperson did; the cause is the first form of the lead."""

DEAL = np.dtype(
    [
        ("person", "i8"), ("colleague", "i8"), ("account", "i8"), ("lead", "i8"), ("amount", "i8"),
        ("dollars", "?"), ("won", "?"), ("at", "i8", (5,)),
    ]
)  # fmt: skip
"""Deals: `at` is when each stage, and last the close, was reached; -1 where it was not, by the last day.
`colleague` is the second contact or -1, `lead` a place among the leads, `amount` minor units at the end."""

_EVERY = 14 * DAY
_DEALS = 0.38
_WON = 0.45
_STAGE_DAYS = np.array([4.0, 5.0, 7.0, 6.0, 7.0])
_STORY = np.array([0.08, 0.20, 0.35, 0.50, 0.65])
_CARD = np.array([4_900, 11_900, 58_800])


def write_to(chance: Chance, season: Season, leads: Rows, events: Rows) -> Rows:
    """Return what became of the mails to the leads (`MAILED`); its clicks by link scanners are marked."""
    subscribed = leads[chance.random(len(leads)) < 0.85]
    issues = np.arange(_EVERY // 2 + 9 * 3600, season.end, _EVERY)
    who, issue = np.nonzero(subscribed["at"][:, None] < issues[None, :])
    after = np.array([1, 4, 9]) * DAY
    person = np.concatenate([who, np.repeat(np.arange(len(subscribed)), 3)])
    at = np.concatenate([issues[issue], (subscribed["at"][:, None] + after).ravel()])
    sends = np.zeros(len(person), MAILED)
    sends["person"], sends["cause"] = subscribed["person"][person], subscribed["submit"][person]
    sends["generation"] = events["generation"][sends["cause"]] + 1
    sends["at"], sends["parent"] = at + chance.integers(0, 900, len(at)), -1
    sends["issue"] = np.concatenate([issue, np.tile([-1, -2, -3], len(subscribed))])
    sends = _until_unsubscribed(chance, sends[sends["at"] < season.end - 60])
    return np.concatenate([sends, *_answers(chance, season, sends)])


def clicks(mailed: Rows, season: Season) -> Integers:
    """Return the numbers of the clicks made by people: each brings a visit two seconds later."""
    by_people = (mailed["letter"] == CLICK) & ~mailed["scanner"] & (mailed["at"] < season.end - 2)
    return np.flatnonzero(by_people)


def _until_unsubscribed(chance: Chance, sends: Rows) -> Rows:
    left = np.full(int(sends["person"].max(initial=0)) + 1, np.iinfo(np.int64).max)
    gone = sends[chance.random(len(sends)) < 0.005]
    np.minimum.at(left, gone["person"], gone["at"])
    return np.asarray(sends[sends["at"] <= left[sends["person"]]])


def _answers(chance: Chance, season: Season, sends: Rows) -> list[Rows]:
    opened = np.flatnonzero(chance.random(len(sends)) < 0.38)
    opens = _after(chance, sends, opened, OPEN, 5 * 3600)
    clicked = opened[chance.random(len(opened)) < 0.22]
    clicks = _after(chance, sends, clicked, CLICK, 6 * 3600)
    last = np.zeros(len(sends), np.bool_)
    order = np.lexsort((sends["at"], sends["person"]))
    last[order] = np.append(np.diff(sends["person"][order]) != 0, True)[: len(order)]
    left = _after(chance, sends, np.flatnonzero(last & (chance.random(len(sends)) < 0.06)), UNSUBSCRIBE, 4 * 3600)
    # A security product of one in nine recipients follows every link of one issue within seconds.
    scanned = np.flatnonzero((sends["issue"] == sends["issue"].max(initial=0) // 2) & (sends["person"] % 9 == 4))
    scans = _after(chance, sends, np.repeat(scanned, 4), CLICK, 2)
    scans["at"], scans["scanner"] = sends["at"][scans["parent"]] + 1 + chance.integers(0, 3, len(scans)), True
    return [part[part["at"] < season.end] for part in (opens, clicks, left, scans)]


def _after(chance: Chance, sends: Rows, number: Integers, letter: int, median: float) -> Rows:
    rows = sends[number]
    rows["letter"], rows["parent"], rows["cause"] = letter, number, number
    rows["at"] += wait(chance, len(rows), median, 1.0)
    rows["generation"] += 1
    return rows


def sell(chance: Chance, hamlet: Hamlet, season: Season, leads: Rows) -> Rows:
    """Return the deals (`DEAL`), at most one an account, opened by a lead of that account."""
    account = hamlet.account[leads["person"]]
    quality = column("channel", "quality")[leads["channel"]]
    strength = np.sqrt(quality * np.where(account >= 0, hamlet.fit[account], 0.0))
    fate = hamlet.fate[leads["person"]]
    sold = np.where(fate < 0, chance.random(len(leads)) < _DEALS * strength, fate >= FATES.index("deal"))
    place = np.flatnonzero(sold & (account >= 0))
    place = place[np.lexsort((leads["at"][place], fate[place] < 0))]
    place = np.sort(place[np.unique(account[place], return_index=True)[1]])
    deals = np.zeros(len(place), DEAL)
    deals["person"], deals["account"], deals["lead"] = leads["person"][place], account[place], place
    size = np.bincount(hamlet.account + 1, minlength=len(hamlet.domain) + 1)[1:][account[place]]
    amount = 2_600 * hamlet.fit[account[place]] * np.sqrt(size) * np.exp(0.5 * chance.standard_normal(len(place)))
    deals["amount"] = np.maximum(900, amount // 10 * 10).astype(np.int64) * 100
    deals["dollars"] = chance.random(len(place)) < 0.05
    deals["won"] = chance.random(len(place)) < np.minimum(0.85, _WON * strength[place])
    _stages(chance, season, deals, leads["at"][place])
    _stories(hamlet, season, deals, leads["at"][place])
    deals = deals[deals["at"][:, 0] >= 0]
    deals["colleague"] = _colleagues(hamlet, leads, deals)
    return deals


def early(amount: Integers) -> Integers:
    """Return what is expected of deals before the proposal: four fifths, in whole units."""
    return amount * 4 // 500 * 100


def _stages(chance: Chance, season: Season, deals: Rows, lead_at: Integers) -> None:
    gaps = _STAGE_DAYS * DAY * np.exp(0.6 * chance.standard_normal((len(deals), 5)))
    at = lead_at[:, None] + np.cumsum(gaps, axis=1).astype(np.int64)
    deals["at"] = _in_turn(season, at, lead_at)
    # Who loses may lose at any stage: the close comes right after the last stage that was reached.
    reached = np.where(deals["won"], 4, chance.integers(1, 5, len(deals)))
    closes = deals["at"][np.arange(len(deals)), reached]
    deals["at"] = np.where(np.arange(5) >= reached[:, None], -1, deals["at"])
    deals["at"][:, 4] = closes
    deals["at"] = np.where(deals["at"] < season.end, deals["at"], -1)


def _in_turn(season: Season, at: Integers, lead_at: Integers) -> Integers:
    at = np.maximum(season.at_work(at), lead_at[:, None] + 60)
    return np.asarray(np.maximum.accumulate(at, axis=1) + np.arange(5), np.int64)


def _stories(hamlet: Hamlet, season: Season, deals: Rows, lead_at: Integers) -> None:
    named = words("villagers")["villager"]
    for place in np.flatnonzero(hamlet.fate[deals["person"]] >= 0):
        story = named[int(deals["person"][place])]
        deals["amount"][place], deals["dollars"][place] = story["amount"], False
        deals["won"][place] = story["fate"] == "won"
        at = lead_at[place] + ((season.end - lead_at[place]) * _STORY).astype(np.int64)
        moved = _in_turn(season, at[None, :], lead_at[place : place + 1])[0]
        deals["at"][place] = moved if moved[-1] < season.end else at
        if story["fate"] == "deal":
            deals["at"][place, 3:] = -1


def _colleagues(hamlet: Hamlet, leads: Rows, deals: Rows) -> Integers:
    account = hamlet.account[leads["person"]]
    order = np.lexsort((leads["at"], hamlet.fate[leads["person"]] < 0, account))
    order = order[~np.isin(leads["person"][order], deals["person"]) & (account[order] >= 0)]
    accounts, first = np.unique(account[order], return_index=True)
    if not len(accounts):
        return np.full(len(deals), -1, np.int64)
    found = np.minimum(np.searchsorted(accounts, deals["account"]), len(accounts) - 1)
    other = leads[order[first[found]]]
    fits = (accounts[found] == deals["account"]) & (other["at"] < deals["at"].max(axis=1))
    return np.where(fits, other["person"], -1).astype(np.int64)


def speak(chance: Chance, season: Season, leads: Rows, deals: Rows, events: Rows) -> Rows:
    """Return the calls, meetings and demos (`CALL`): with many leads once, with deals at each stage."""
    lead = np.flatnonzero(chance.random(len(leads)) < 0.4)
    at = season.at_work(leads["at"][lead] + wait(chance, len(lead), DAY, 0.7))
    parts = [(lead, at, 0)]
    for stage, kind in ((0, 0), (1, 2), (2, 1), (3, 0)):
        there = deals[deals["at"][:, stage] >= 0]
        parts.append((there["lead"], there["at"][:, stage] - 1800, kind))
    count = sum(len(part[0]) for part in parts)
    place = np.concatenate([part[0] for part in parts])
    calls = np.zeros(count, CALL)
    calls["person"], calls["cause"] = leads["person"][place], leads["submit"][place]
    calls["at"] = np.concatenate([np.maximum(part[1], leads["at"][part[0]] + 1) for part in parts])
    calls["kind"] = np.repeat([part[2] for part in parts], [len(part[0]) for part in parts])
    calls["generation"] = events["generation"][calls["cause"]] + 1
    return calls[calls["at"] < season.end]


def buyers(chance: Chance, hamlet: Hamlet, season: Season, leads: Rows, deals: Rows) -> tuple[Rows, Integers, Integers]:
    """Return the leads who pay by card without a deal, when (seconds), and how much (minor units of EUR)."""
    fate = hamlet.fate[leads["person"]]
    pays = np.where(fate < 0, chance.random(len(leads)) < 0.07, fate == FATES.index("purchase"))
    pays &= ~np.isin(leads["person"], deals["person"])
    at = leads["at"] + np.minimum(wait(chance, len(leads), 8 * DAY, 0.6), (season.end - leads["at"]) * 2)
    amount = chance.choice(_CARD, len(leads), p=[0.5, 0.35, 0.15])
    if not hamlet.number:
        named = words("villagers")["villager"]
        for place in np.flatnonzero(fate == FATES.index("purchase")):
            amount[place] = named[int(leads["person"][place])]["amount"]
            at[place] = leads["at"][place] + (season.end - leads["at"][place]) // 4
    pays &= at < season.end
    return leads[pays], at[pays], amount[pays]
