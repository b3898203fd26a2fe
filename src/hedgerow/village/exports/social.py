"""Social: posts, shares, replies, likes and follows, as a listening tool lists them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.kit.money import Integers
from hedgerow.village import talk, visits
from hedgerow.village.life import Export, Life, Sheet, iso, parents, phrases, untidy
from hedgerow.village.villagers import Chance, Rows, joined, pick, words


def _social(chance: Chance, life: Life) -> Sheet:
    """Return what was said on the networks; the company's own rows are in the first hamlet's table."""
    first = life.company if life.hamlet.number else 0
    said, number = life.said[first:], np.arange(first, len(life.said))
    hamlet, networks = life.hamlet, words()["network"]
    own = said["person"] == len(hamlet)
    person = np.where(own, -1, said["person"])
    kind = np.select([own, said["kind"] == talk.POST, said["kind"] == talk.REPLY], [0, 1, 2], -1)
    tongue = np.where(own, 0, hamlet.language[person])
    text, language = phrases(["company", "advocate", "reply"], kind, tongue, said["phrase"])
    handle = pa.concat_arrays([*hamlet.handles, pa.array([each["company"] for each in networks])])
    network = said["network"].astype(np.int64)
    place = np.where(own, len(networks) * len(hamlet) + network, network * len(hamlet) + said["person"])
    ids = life.ids(visits.SAID_IT, number)
    token = life.ids(visits.SAID_IT, np.where(said["tracked"], number, said["root"]))
    page = np.where(said["kind"] <= talk.SHARE, said["page"], -1)
    follows = np.where(said["kind"] == talk.FOLLOW, network, -1)
    columns = {
        "id": ids,
        "network": untidy(pick([each["name"] for each in networks], network), number),
        "action": _actions(said, number),
        "handle": handle.take(pa.array(place)),
        "name": pc.coalesce(pick(hamlet.name, person), words()["company"]),
        "at": iso(life, said["at"]),
        "text": text,
        "language": language,
        "link": joined(words()["site"], pick(words()["pages"], page), "?via=", token),
        "target": pick([f"{each['name']}:{each['company']}" for each in networks], follows),
        "in_reply_to": parents(life, visits.SAID_IT, said["parent"]),
        "url": joined(pick([each["page"] for each in networks], network), ids),
    }
    return Sheet("social", pa.table(columns), said["at"].copy())


def _actions(said: Rows, number: Integers) -> pa.Array:
    networks = words()["network"]
    spelling = np.select([number % 47 == 3, number % 43 == 9], [0, 2], 1)
    usual = spelling + 3 * said["network"].astype(np.int64)
    posts = [word for each in networks for word in each["posts"]]
    shares = [word for each in networks for word in each["shares"]]
    place = np.select(
        [said["kind"] == talk.POST, said["kind"] == talk.SHARE],
        [usual, len(posts) + usual],
        len(posts) + len(shares) + said["kind"],
    )
    return pick([*posts, *shares, *talk.KINDS], place)


EXPORT = Export(
    "Posts, reshares, replies, likes and follows on three networks.",
    "social.csv",
    _social,
    bad=(("its time can't be read", {"at": "2026-02-30T25:00:00Z"}), ("it names nobody", {"handle": None})),
)
