"""fetch owns asking an address that a stranger gave: public places only, in bounded time and space."""

from hedgerow.kit.fetch.exchange import Fetched, fetch
from hedgerow.kit.fetch.place import Place, Unfetchable, is_public, place_of

__all__ = ["Fetched", "Place", "Unfetchable", "fetch", "is_public", "place_of"]
