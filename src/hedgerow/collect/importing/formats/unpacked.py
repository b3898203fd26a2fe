"""Unpacked: a file's text as blocks of UTF-8, whatever it is packed with and encoded in."""

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from hedgerow.kit import HedgerowError

CHUNK = 24 << 20
"""Bytes in a block, about."""

_SIP = 16 << 10
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NO_TEXT = {
    b"PK\x03\x04": "a spreadsheet or an archive: save its rows as CSV",
    b"\xd0\xcf\x11\xe0": "a spreadsheet: save its rows as CSV",
    b"BZh": "packed with bzip2: unpack it, or pack it with gzip or zstd",
    b"\xfd7zXZ": "packed with xz: unpack it, or pack it with gzip or zstd",
    b"PAR1": "a Parquet file: say format = 'parquet' under [read]",
}
_TROUBLE = (OSError, EOFError, zlib.error)


@dataclass
class Ending:
    """Why a file ended too soon, if it did; known once its blocks are read."""

    broken: str = ""


def blocks(file: Path, encoding: str, ending: Ending) -> Iterator[bytes]:
    """Yield a file's text as UTF-8, unpacked and without byte-order mark, which decides the encoding.

    What is not valid in the encoding comes out as bytes that are not valid UTF-8. Raises `HedgerowError` where
    the file is empty, missing, no text, or of an unknown encoding.
    """
    try:
        opened = file.open("rb")
    except OSError as error:
        raise HedgerowError(f"{file} can't be read ({error}): name a file that can.") from None
    with opened:
        read = _reader(opened, file)
        head = _gathered(read, ending)
        if not head:
            why = f"breaks off before its first row ({ending.broken})" if ending.broken else "is empty"
            raise HedgerowError(f"{file} {why}: name a file with rows in it.")
        mark, encoding = next(((m, name) for m, name in _MARKS if head.startswith(m)), (b"", encoding))
        decode = _decoder(encoding)
        head = head[len(mark) :]
        while head:
            yield decode(head, False)
            head = b"" if ending.broken else _gathered(read, ending)
        if last := decode(b"", True):
            yield last


def behind(parts: Iterator[bytes], upto: int) -> Iterator[bytes]:
    """Yield what is behind the first `upto` bytes."""
    for part in parts:
        if upto < len(part):
            yield part[upto:]
        upto = max(0, upto - len(part))


def with_last(parts: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each part with whether it is the last one."""
    held: bytes | None = None
    for part in parts:
        if held is not None:
            yield held, False
        held = part
    if held is not None:
        yield held, True


def _reader(raw: BinaryIO, file: Path) -> Callable[[], bytes]:
    """Return what reads a little more of the text each time; nothing at its end."""
    magic = raw.read(8)
    raw.seek(0)
    for start, what in _NO_TEXT.items():
        if magic.startswith(start):
            raise HedgerowError(f"{file} is {what}.")
    if magic[:2] == b"\x1f\x8b":
        unpacked = gzip.GzipFile(fileobj=raw)
        return lambda: unpacked.read1(_SIP)
    if magic[:4] == b"\x28\xb5\x2f\xfd":
        stream = pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd")
        return lambda: bytes(stream.read(_SIP))
    return lambda: raw.read(CHUNK)


def _gathered(read: Callable[[], bytes], ending: Ending) -> bytes:
    # In small sips, so that all that comes before a fault is had.
    parts, size = [], 0
    try:
        while size < CHUNK and (part := read()):
            parts.append(part)
            size += len(part)
    except _TROUBLE as error:
        ending.broken = str(error)
    return b"".join(parts)


def _decoder(encoding: str) -> Callable[[bytes, bool], bytes]:
    try:
        name = codecs.lookup(encoding).name
        if name == "utf-8":
            return lambda block, _: block
        decoder = codecs.getincrementaldecoder(name)("hedgerow.invalid")
    except (LookupError, TypeError):
        raise HedgerowError(f"No encoding is called '{encoding}': use utf-8, latin-1 or utf-16.") from None
    return lambda block, final: decoder.decode(block, final).encode("utf-8", "surrogatepass")


def _invalid(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error("hedgerow.invalid", _invalid)
