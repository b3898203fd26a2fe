"""Records: a file of any size cut into chunks of whole records, each with its line number."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hedgerow.collect.formats.unpacked import Ending, behind, blocks, with_last

LONGEST = 16 << 20
"""Bytes in one record at the most; a longer one is a fault, and reading goes on behind its first line."""

SHOWN = 2000
"""Characters of a record that can't be read which its fault keeps."""

_LF, _CR = 10, 13
I64 = NDArray[np.int64]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Fault:
    """A record that can't be read: where it begins, why, and its text (at most `SHOWN` characters of it)."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class Records:
    """Whole records: `data[starts[i]:ends[i]]` is record i without its line end, beginning on `lines[i]`.

    `upto` and `line` say where the next chunk begins, in bytes of the file's text as UTF-8 and in lines.
    """

    data: bytes
    starts: I64
    ends: I64
    lines: I64
    faults: list[Fault]
    upto: int
    line: int

    def text(self, line: int) -> str:
        """Return the record that begins on `line`, as it stands in the file."""
        place = int(np.searchsorted(self.lines, line))
        return self.data[self.starts[place] : self.ends[place]].decode("utf-8", "replace")


@dataclass(frozen=True)
class Cut:
    """How records are told apart: by line ends, except those within quotes where there is a quote."""

    quote: str = ""
    delimiter: str = ","


def read_records(file: Path, encoding: str, cut: Cut, upto: int = 0, line: int = 1) -> Iterator[Records]:
    """Yield a file's records from byte `upto` (of its UTF-8 text), which lies on `line`, to its end.

    gzip and zstd are unpacked, a byte-order mark decides the encoding, and \\n, \\r\\n and \\r all end lines.
    Raises `HedgerowError` where the file is empty, missing, or of an unknown encoding.
    """
    ending = Ending()
    rest, runaway = b"", None
    for block, final in with_last(behind(blocks(file, encoding, ending), upto)):
        rest += block
        while rest:
            if runaway:
                skipped = _line_behind(rest, final)
                rest, upto = rest[skipped:], upto + skipped
                if not rest and not final:
                    break
                yield replace(runaway, upto=upto, line=line)
                runaway = None
                continue
            records, rest, ended = _cut(rest, cut, final and not ending.broken, upto, line)
            upto, line = records.upto, records.line
            if final and ending.broken and ended:
                records, rest = _broken(records, rest, ending.broken), b""
            if ended:
                yield records
            else:
                runaway = records
            if ended and not final and len(rest) <= LONGEST:
                break
    if runaway:
        yield runaway
