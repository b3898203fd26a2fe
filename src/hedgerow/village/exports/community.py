"""Community: the questions, answers and reviews of the forum."""

import numpy as np
import pyarrow as pa

from hedgerow.village import talk, visits
from hedgerow.village.life import Export, Life, Sheet, iso, parents, phrases, untidy
from hedgerow.village.villagers import Chance, joined, pick

FORUM_SITE = "https://forum.opsfolk.example/t/"


def _community(chance: Chance, life: Life) -> Sheet:
    """Return the forum's questions, answers and reviews."""
    rows, hamlet = life.forum, life.hamlet
    number, person, kind = np.arange(len(rows)), rows["person"], rows["kind"].astype(np.int64)
    text, language = phrases(list(talk.FORUM_KINDS), kind, np.zeros(len(rows), np.int64), rows["phrase"])
    root = life.ids(visits.FORUM, rows["root"])
    columns = {
        "id": life.ids(visits.FORUM, number),
        "kind": untidy(pick(talk.FORUM_KINDS, kind), number),
        "posted_at": iso(life, rows["at"], " ", ""),
        "member": hamlet.handles[2].take(pa.array(person)),
        "name": hamlet.name.take(pa.array(person)),
        "email": pick(hamlet.email, np.where(person % 4 == 1, person, -1)),
        "thread": root,
        "in_reply_to": parents(life, visits.FORUM, rows["parent"]),
        "body": text,
        "language": language,
        "stars": pick(["3", "4", "5"], np.where(kind == talk.REVIEW, rows["phrase"] % 3, -1)),
        "url": joined(FORUM_SITE, root),
    }
    return Sheet("community", pa.table(columns), rows["at"].copy())


EXPORT = Export(
    "Questions, answers and reviews in the forum.",
    "community.csv",
    _community,
    bad=(("its time can't be read", {"posted_at": "yesterday"}), ("it names nobody", {"member": None})),
)
