"""ledger owns the touch, link codes, spend and deals, drops, inbox, lake and engine; it interprets no row."""

from hedgerow.ledger.backup import backup, restore
from hedgerow.ledger.engine import Engine
from hedgerow.ledger.health import Finding, examine
from hedgerow.ledger.intake.move import move
from hedgerow.ledger.intake.writer import Turn, Writer, writing
from hedgerow.ledger.lake import TableKind
from hedgerow.ledger.touch import OWN, Touch, verbs
from hedgerow.ledger.workspace import (
    Settings,
    Workspace,
    create_workspace,
    open_workspace,
    zone_of,
)

__all__ = [
    "OWN",
    "Engine",
    "Finding",
    "Settings",
    "TableKind",
    "Touch",
    "Turn",
    "Workspace",
    "Writer",
    "backup",
    "create_workspace",
    "examine",
    "move",
    "open_workspace",
    "restore",
    "verbs",
    "writing",
    "zone_of",
]
