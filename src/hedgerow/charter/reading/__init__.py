"""reading owns how charter.yaml becomes the ground rules, and the place of every fault in it."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from hedgerow.charter.reading.faults import Fault, Unreadable
from hedgerow.charter.reading.nodes import compose
from hedgerow.charter.reading.whole import checked
from hedgerow.charter.rules import Charter
from hedgerow.kit import HedgerowError

__all__ = ["Fault", "Unreadable", "read_charter", "read_file", "read_text"]

_NO_FIELDS: Mapping[str, str] = MappingProxyType({})


def read_charter(text: str, fields: Mapping[str, str] = _NO_FIELDS, name: str = "charter.yaml") -> Charter:
    """Return the charter that `text` holds; conditions may ask for the workspace's custom `fields` (name = type).

    Raises `Unreadable` with every fault, each with line, column and what was expected.
    """
    return checked(compose(text, name), text, fields, name)


def read_file(file: Path, fields: Mapping[str, str] = _NO_FIELDS) -> Charter:
    """Return the charter in `file`; raises `HedgerowError` where there is none, `Unreadable` where it has faults."""
    return read_charter(read_text(file), fields, file.name)


def read_text(file: Path) -> str:
    """Return what a file says; raises `HedgerowError` where it can't be read."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HedgerowError(f"{file} can't be read as text ({error}): name a charter.yaml.") from None
