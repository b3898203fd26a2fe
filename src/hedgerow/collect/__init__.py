"""collect owns everything between the outside and a touch; it never reads the ledger, and names nobody."""

from hedgerow.collect.guess import guess
from hedgerow.collect.imports import Report, import_file, imports, undo_import
from hedgerow.collect.map import Map, load_map

__all__ = ["Map", "Report", "guess", "import_file", "imports", "load_map", "undo_import"]
