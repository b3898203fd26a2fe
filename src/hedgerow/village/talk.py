"""The talk of the village: posts, reshares of reshares, likes and replies, each with its true parent."""

import numpy as np

from hedgerow.kit.money import Integers
from hedgerow.village.season import DAY, Season, wait
from hedgerow.village.villagers import Chance, Hamlet, Rows, words

KINDS = ("post", "share", "reply", "like", "follow")
POST, SHARE, REPLY, LIKE, FOLLOW = range(len(KINDS))

SAID = np.dtype(
    [
        ("person", "i8"), ("at", "i8"), ("kind", "i1"), ("network", "i1"), ("parent", "i8"), ("root", "i8"),
        ("generation", "i4"), ("page", "i4"), ("tracked", "?"), ("phrase", "i4"), ("planted", "i2"),
    ]
)  # fmt: skip
"""What was said, one row each, a row's parent before it. `person` is the hamlet's size for the company;
`parent` is -1 at a root; `page` is the page of the site it links to, or -1. A tracked share has a link of its
own; any other keeps the link of its root."""

HEARD = np.dtype([("said", "i8"), ("person", "i8"), ("at", "i8")])
"""Who saw which row of what was said."""

_GENERATIONS = 8
_COMPANY_POSTS = 65.0
_ADVOCATE_POSTS = 14.0
_SHARED = 0.075
_LIKED = 0.05
_REPLIED = 0.007
_DAYS_ALIVE = 3
_QUESTIONS = 0.12
_REVIEWS = 0.03
_ANSWERS = 3.0

FORUM_KINDS = ("question", "answer", "review")
QUESTION, ANSWER, REVIEW = range(len(FORUM_KINDS))

WRITTEN = np.dtype(
    [
        ("person", "i8"), ("at", "i8"), ("kind", "i1"), ("parent", "i8"), ("root", "i8"),
        ("generation", "i4"), ("phrase", "i4"),
    ]
)  # fmt: skip
"""What was written in the forum: questions, answers to them and to each other, and reviews."""


def converse(chance: Chance, hamlet: Hamlet, season: Season, company: Rows) -> tuple[Rows, Rows]:
    """Return what was said (`SAID`, opening with the rows of `company`) and who heard it (`HEARD`)."""
    own = company.copy()
    own["person"] = len(hamlet)
    said = np.concatenate([own, _advocates(chance, hamlet, season, len(own))])
    said, heard = _spread(chance, hamlet, season, said)
    return np.concatenate([said, _reactions(chance, hamlet, season, said, heard)]), heard


def company_posts(chance: Chance, season: Season) -> Rows:
    """Return the company's posts (`SAID`), the same for every hamlet: each goes out on every network."""
    networks = len(words()["network"])
    count = max(2, int(chance.poisson(_COMPANY_POSTS * season.span)))
    posts = np.repeat(_roots(chance, season, count, 0), networks)
    posts["network"] = np.tile(np.arange(networks), count)
    posts["at"] += np.tile(np.arange(networks) * 240, count)
    posts["root"] = np.arange(len(posts))
    return posts


def _roots(chance: Chance, season: Season, count: int, first: int) -> Rows:
    posts = np.zeros(count, SAID)
    posts["at"] = np.sort(season.draw(chance, count))
    posts["parent"] = posts["planted"] = -1
    posts["root"] = first + np.arange(count)
    posts["page"] = chance.integers(1, len(words()["pages"]) - 3, count)
    posts["tracked"] = chance.random(count) < 0.5
    posts["phrase"] = chance.integers(0, 1 << 20, count)
    return posts


def _advocates(chance: Chance, hamlet: Hamlet, season: Season, first: int) -> Rows:
    speakers = np.flatnonzero(hamlet.advocate & hamlet.on[:, :-1].any(axis=1))
    author = np.repeat(speakers, chance.poisson(_ADVOCATE_POSTS * season.span, len(speakers)))
    posts = _roots(chance, season, len(author), first)
    posts["person"] = author
    # The first network a person is on, counted from a random one, is where this post goes.
    turn = chance.integers(0, hamlet.on.shape[1] - 1, len(author))
    places = (turn[:, None] + np.arange(hamlet.on.shape[1] - 1)) % (hamlet.on.shape[1] - 1)
    free = np.argmax(hamlet.on[author[:, None], places], axis=1)
    posts["network"] = places[np.arange(len(author)), free] if len(author) else 0
    return np.concatenate([posts, _planted(hamlet, season, first + len(posts))])


def _planted(hamlet: Hamlet, season: Season, first: int) -> Rows:
    lines = words("villagers")["said"] if hamlet.number == 0 else []
    keys = [line["key"] for line in lines]
    names = hamlet.name[:20].to_pylist()
    posts = np.zeros(len(lines), SAID)
    for place, line in enumerate(lines):
        parent = keys.index(line["parent"]) if "parent" in line else -1
        posts[place] = (
            names.index(line["by"]), int(line["when"] * season.end), SHARE if parent >= 0 else POST, 0,
            first + parent if parent >= 0 else -1, first,
            posts["generation"][parent] + 1 if parent >= 0 else 0,
            words()["pages"].index(lines[0]["page"]), True, 0, place,
        )  # fmt: skip
    return posts


def _spread(chance: Chance, hamlet: Hamlet, season: Season, said: Rows) -> tuple[Rows, Rows]:
    # Company posts draw a little, advocates' more; on the days of the burst everything is passed on.
    willing = np.where(hamlet.advocate, 4.0, 1.0) * chance.gamma(0.5, 2.0, len(hamlet))
    parts, seen, fresh, known = [said], [], said, len(said)
    taken = said["root"] * (len(hamlet) + 1) + said["person"]
    for _ in range(_GENERATIONS):
        heard = _audience(chance, hamlet, season, fresh, known - len(fresh))
        seen.append(heard)
        every = np.concatenate(parts)
        burst = every["at"][heard["said"]] // DAY - season.burst_on
        rate = _SHARED * willing[heard["person"]] * np.where((burst >= 0) & (burst < 4), 2.0, 1.0)
        fresh = _passed_on(chance, season, every, heard[chance.random(len(heard)) < rate])
        key = fresh["root"] * (len(hamlet) + 1) + fresh["person"]
        first = np.unique(key, return_index=True)[1]
        fresh = fresh[np.sort(first[~np.isin(key[first], taken)])]
        if not len(fresh):
            break
        taken, known = np.concatenate([taken, key]), known + len(fresh)
        parts.append(fresh)
    return np.concatenate(parts), np.concatenate(seen)


def _audience(chance: Chance, hamlet: Hamlet, season: Season, fresh: Rows, first: int) -> Rows:
    size = np.diff(hamlet.followers)[fresh["person"]]
    row = np.repeat(np.arange(len(fresh)), size)
    within = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size)
    heard = np.zeros(len(row), HEARD)
    heard["said"] = first + row
    heard["person"] = hamlet.follower[hamlet.followers[fresh["person"][row]] + within]
    heard["at"] = fresh["at"][row] + wait(chance, len(row), 3 * 3600, 1.1)
    there = hamlet.on[heard["person"], fresh["network"][row]]
    soon = heard["at"] < np.minimum(fresh["at"][row] + _DAYS_ALIVE * DAY, season.end)
    return np.asarray(heard[there & soon])


def _passed_on(chance: Chance, season: Season, said: Rows, heard: Rows) -> Rows:
    shares = said[heard["said"]]
    shares["parent"], shares["person"] = heard["said"], heard["person"]
    shares["at"] = heard["at"] + wait(chance, len(heard), 600, 1.0)
    shares["generation"] += 1
    shares["kind"], shares["planted"], shares["tracked"] = SHARE, -1, chance.random(len(heard)) < 0.4
    return np.asarray(shares[shares["at"] < season.end])


def _reactions(chance: Chance, hamlet: Hamlet, season: Season, said: Rows, heard: Rows) -> Rows:
    draw = chance.random(len(heard))
    eager = np.minimum(2.0, 0.3 + hamlet.interest[heard["person"]])
    likes = heard[draw < _LIKED * eager]
    replies = heard[(draw > 0.5) & (draw < 0.5 + _REPLIED * eager)]
    parts = []
    for kind, who in ((LIKE, likes), (REPLY, replies)):
        rows = _passed_on(chance, season, said, who)
        rows["kind"], rows["page"] = kind, -1
        rows["phrase"] = chance.integers(0, 1 << 20, len(rows))
        parts.append(rows)
    return np.concatenate([*parts, _follows(chance, hamlet, season)])


def _follows(chance: Chance, hamlet: Hamlet, season: Season) -> Rows:
    fans = hamlet.follower[hamlet.followers[len(hamlet)] : hamlet.followers[len(hamlet) + 1]]
    fans = fans[hamlet.on[fans, :-1].any(axis=1) & (chance.random(len(fans)) < 0.5)]
    rows = np.zeros(len(fans), SAID)
    rows["person"], rows["kind"], rows["network"] = fans, FOLLOW, _home(hamlet, fans)
    rows["at"] = season.draw(chance, len(fans))
    rows["parent"] = rows["root"] = rows["page"] = rows["planted"] = -1
    return rows


def _home(hamlet: Hamlet, people: Integers) -> Integers:
    return np.asarray(np.argmax(hamlet.on[people, :-1], axis=1), np.int64)


def gather(chance: Chance, hamlet: Hamlet, season: Season) -> Rows:
    """Return the forum's threads and reviews (`WRITTEN`), a row's parent before it."""
    members = np.flatnonzero(hamlet.on[:, -1])
    questions = _opened(chance, season, members, QUESTION, max(2, int(_QUESTIONS * season.span * len(hamlet))))
    reviews = _opened(chance, season, members, REVIEW, max(2, int(_REVIEWS * season.span * len(hamlet))))
    reviews["root"] += len(questions)
    opened = np.concatenate([questions, reviews])
    return np.concatenate([opened, _answers(chance, hamlet, season, questions, members, len(opened))])


def _opened(chance: Chance, season: Season, members: Integers, kind: int, count: int) -> Rows:
    rows = np.zeros(count, WRITTEN)
    rows["person"] = chance.choice(members, count)
    rows["at"], rows["kind"], rows["parent"] = np.sort(season.draw(chance, count)), kind, -1
    rows["root"], rows["phrase"] = np.arange(count), chance.integers(0, 1 << 20, count)
    return rows


def _answers(chance: Chance, hamlet: Hamlet, season: Season, questions: Rows, members: Integers, first: int) -> Rows:
    kind = np.flatnonzero(hamlet.on[:, -1] & hamlet.advocate)
    thread = np.repeat(np.arange(len(questions)), chance.poisson(_ANSWERS, len(questions)))
    at = questions["at"][thread] + wait(chance, len(thread), 5 * 3600, 1.2)
    order = np.lexsort((at, thread))
    order = order[at[order] < season.end]
    rows = np.zeros(len(order), WRITTEN)
    by_advocate = (chance.random(len(rows)) < 0.5) & (len(kind) > 0)
    stranger = chance.choice(members, len(rows))
    rows["person"] = np.where(by_advocate, chance.choice(kind if len(kind) else members, len(rows)), stranger)
    rows["at"], rows["kind"], rows["root"] = at[order], ANSWER, thread[order]
    rows["phrase"] = chance.integers(0, 1 << 20, len(rows))
    # Every other answer is to the answer before it, so that threads have branches of several generations.
    opens = np.ones(len(rows), np.bool_)
    opens[1:] = rows["root"][1:] != rows["root"][:-1]
    to_question = opens | (chance.random(len(rows)) < 0.5)
    rows["parent"] = np.where(to_question, rows["root"], first + np.arange(len(rows)) - 1)
    place = np.arange(len(rows))
    rows["generation"] = 1 + place - np.maximum.accumulate(np.where(to_question, place, 0))
    return rows
