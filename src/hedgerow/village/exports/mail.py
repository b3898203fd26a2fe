"""Mail: what became of each mail, as the mailing tool exports it."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.village import sales, visits
from hedgerow.village.life import Export, Life, Sheet, parents
from hedgerow.village.villagers import Chance, joined, pick, words

_SUBJECTS = ("Quiet nights, issue ", "Welcome to Whistle", "Your first runbook in an hour", "Shall we talk?")


def _mail(chance: Chance, life: Life) -> Sheet:
    """Return the mails that were sent, opened and clicked, among them the clicks of link scanners."""
    rows, hamlet = life.mailed, life.hamlet
    issue = rows["issue"].astype(np.int64)
    subject = pick(_SUBJECTS, np.maximum(0, -issue))
    issued = pc.if_else(pa.array(issue >= 0), pa.array(issue + 1).cast(pa.string()), "")
    clicked = rows["letter"] == sales.CLICK
    pages = pick(words()["pages"], np.where(clicked, (issue + 5) % len(words()["pages"]), -1))
    browser = np.where(rows["letter"] == sales.SEND, -1, rows["person"] % len(words()["browsers"]))
    columns = {
        "id": life.ids(visits.MAIL, np.arange(len(rows))),
        "action": pick(sales.LETTERS, rows["letter"]),
        "at": pa.array(rows["at"] + life.season.epoch).cast(pa.string()),
        "recipient": hamlet.email.take(pa.array(rows["person"])),
        "subject": joined(subject, issued),
        "list": pick(["newsletter", "welcome"], np.where(issue >= 0, 0, 1)),
        "link": joined(words()["site"], pages),
        "parent": parents(life, visits.MAIL, rows["parent"]),
        "user_agent": pick(words()["browsers"], browser),
    }
    marks = [(np.flatnonzero(rows["scanner"]), "bot", "a link scanner: four links within seconds of the send")]
    return Sheet("mail", pa.table(columns), rows["at"].copy(), marks)


EXPORT = Export(
    "Mails sent, opened, clicked and unsubscribed from.",
    "mail.tsv",
    _mail,
    bad=(("its time can't be read", {"at": "n/a"}), ("it names nobody", {"recipient": None})),
)
