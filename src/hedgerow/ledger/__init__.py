"""ledger owns the touch, link codes, spend and deals, drops, inbox, lake and engine; it interprets no row."""

from hedgerow.ledger.drops import Drop, Reason, drop, drops, mark_retried, open_drops, reasons
from hedgerow.ledger.engine import Engine
from hedgerow.ledger.erasure.erasing import Erasure, ask_to_forget, begin_erasing, erasures
from hedgerow.ledger.erasure.held import counts, held, returned
from hedgerow.ledger.erasure.rewriting import NOT_OF_PEOPLE, codes_of_people
from hedgerow.ledger.erasure.stopping import ERASED, erased_among
from hedgerow.ledger.erasure.tables import RESIDUES
from hedgerow.ledger.erasure.tombstones import settle_owed, tombstones
from hedgerow.ledger.intake.inbox import Dropped, Request, json_line
from hedgerow.ledger.intake.move import move
from hedgerow.ledger.intake.restated import write_deals
from hedgerow.ledger.intake.writer import Turn, Writer, writing
from hedgerow.ledger.lake import TableKind
from hedgerow.ledger.links import Link, Purpose, find_link, links, make_link
from hedgerow.ledger.touch import OWN, Touch, verbs
from hedgerow.ledger.upkeep.backup import backup, restore
from hedgerow.ledger.upkeep.care import maintain, rebuild_indexes, tidy
from hedgerow.ledger.upkeep.health import Finding, examine, last_received
from hedgerow.ledger.workspace import (
    Settings,
    Workspace,
    create_workspace,
    open_workspace,
    zone_of,
)

__all__ = [
    "ERASED",
    "NOT_OF_PEOPLE",
    "OWN",
    "RESIDUES",
    "Drop",
    "Dropped",
    "Engine",
    "Erasure",
    "Finding",
    "Link",
    "Purpose",
    "Reason",
    "Request",
    "Settings",
    "TableKind",
    "Touch",
    "Turn",
    "Workspace",
    "Writer",
    "ask_to_forget",
    "backup",
    "begin_erasing",
    "codes_of_people",
    "counts",
    "create_workspace",
    "drop",
    "drops",
    "erased_among",
    "erasures",
    "examine",
    "find_link",
    "held",
    "json_line",
    "last_received",
    "links",
    "maintain",
    "make_link",
    "mark_retried",
    "move",
    "open_drops",
    "open_workspace",
    "reasons",
    "rebuild_indexes",
    "restore",
    "returned",
    "settle_owed",
    "tidy",
    "tombstones",
    "verbs",
    "write_deals",
    "writing",
    "zone_of",
]
