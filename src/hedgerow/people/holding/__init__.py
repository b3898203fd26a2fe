"""holding owns what is asked about the whole of one person: which identifiers are theirs, and all that is held."""

from hedgerow.people.holding.archive import write_archive
from hedgerow.people.holding.person import known_as, person_with

__all__ = ["known_as", "person_with", "write_archive"]
