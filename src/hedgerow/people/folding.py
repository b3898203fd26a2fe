"""Folding: what is new in the ledger, taken into all that the room keeps of people."""

from hedgerow.ledger import Workspace
from hedgerow.people import evidence
from hedgerow.people.consents import CONSENTING, CONSENTS
from hedgerow.people.profiles import STATED, stating

RULES_VERSION = "5"
"""Of what is made of touches here; where it changes, all of history is taken anew."""


def prepare(workspace: Workspace) -> None:
    """Make the tables that people keep, where they are missing, so that an empty ledger can be asked."""
    for kind, _ in _STEPS:
        workspace.derived.ensure(kind)


def fold(workspace: Workspace, after: int, upto: int) -> None:
    """Take the touches of the turns behind `after`, up to `upto`, into every table of people."""
    prepare(workspace)
    new = f"turn > {after} AND turn <= {upto}"
    for kind, query in _STEPS:
        rows = workspace.engine.sql(query.replace("{new}", new))
        workspace.derived.append(kind.name, rows.cast(kind.schema), upto)


_STEPS = (
    (STATED, stating()),
    (CONSENTS, CONSENTING),
    *evidence.STEPS,
)
"""Each table with the SQL of its rows. Evidence is last: where it has a turn, so have the others."""

TABLE_NAMES = tuple(kind.name for kind, _ in _STEPS)
