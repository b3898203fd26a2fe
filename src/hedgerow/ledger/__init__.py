"""ledger owns the touch, link codes, spend and deals, drops, inbox, lake and engine; it interprets no row."""

from hedgerow.ledger.engine import Engine
from hedgerow.ledger.intake.move import move
from hedgerow.ledger.intake.writer import Turn, Writer, writing
from hedgerow.ledger.lake import TableKind
from hedgerow.ledger.touch import Touch, verbs
from hedgerow.ledger.workspace import (
    Settings,
    Workspace,
    create_workspace,
    open_workspace,
    zone_of,
)

__all__ = [
    "Engine",
    "Settings",
    "TableKind",
    "Touch",
    "Turn",
    "Workspace",
    "Writer",
    "create_workspace",
    "move",
    "open_workspace",
    "verbs",
    "writing",
    "zone_of",
]
