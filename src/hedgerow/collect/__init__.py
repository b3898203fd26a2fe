"""collect owns everything between the outside and a touch; it never reads the ledger, and names nobody."""

from hedgerow.collect.contacts import BookReport, import_book
from hedgerow.collect.faults import Retried, retry
from hedgerow.collect.importing.guess import guess
from hedgerow.collect.importing.imports import Report, import_file, imports, undo_import
from hedgerow.collect.map import Map, load_map
from hedgerow.collect.messages import Messages

__all__ = [
    "BookReport",
    "Map",
    "Messages",
    "Report",
    "Retried",
    "guess",
    "import_book",
    "import_file",
    "imports",
    "load_map",
    "retry",
    "undo_import",
]
