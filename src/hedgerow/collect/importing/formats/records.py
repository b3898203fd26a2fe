"""Records: a file of any size cut into chunks of whole records, each with its line number."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hedgerow.collect.importing.formats.unpacked import Ending, behind, blocks, with_last

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
    ending, rest, endless = Ending(), b"", None
    for block, final in with_last(behind(blocks(file, encoding, ending), upto)):
        rest += block
        if endless:
            stop = _line_behind(rest, final)
            rest, upto = rest[stop:], upto + stop
            if stop == 0:
                rest, upto = b"", upto + len(rest)
                continue
            line += 1
            yield _only(endless, upto, line)
            endless = None
        while rest:
            records, rest = _cut(rest, cut, final and not ending.broken, upto, line, encoding)
            if final and ending.broken and len(rest) <= LONGEST:
                why = f"the file breaks off here ({ending.broken})"
                records, rest = replace(records, faults=[*records.faults, _fault(records.line, why, rest)]), b""
            upto, line = records.upto, records.line
            if len(records.starts) or records.faults:
                yield records
            elif len(rest) > LONGEST:
                endless = _fault(line, _TOO_LONG, rest)
                rest, upto = b"", upto + len(rest)
            if not final and len(rest) <= LONGEST:
                break
    if endless:
        yield _only(endless, upto, line + 1)


_TOO_LONG = f"it is longer than {LONGEST >> 20} MiB"


def _fault(line: int, reason: str, text: bytes) -> Fault:
    return Fault(line, reason, text[: 4 * SHOWN].decode("utf-8", "replace")[:SHOWN])


def _only(fault: Fault, upto: int, line: int) -> Records:
    nothing = np.zeros(0, np.int64)
    return Records(b"", nothing, nothing, nothing, [fault], upto, line)


def _line_behind(data: bytes, final: bool) -> int:
    """Return where the next line begins, 0 where that can't be said yet."""
    ends = _line_ends(np.frombuffer(data, np.uint8), final)
    return int(ends[0]) if len(ends) else len(data) if final else 0


def _cut(data: bytes, cut: Cut, final: bool, upto: int, line: int, encoding: str) -> tuple[Records, bytes]:
    """Return the whole records of `data` and the rest; of a quote that is never closed, give up its line."""
    buffer = np.frombuffer(data, np.uint8)
    breaks = _line_ends(buffer, final)
    marks = breaks - 1
    if final and not (len(breaks) and breaks[-1] == len(data)):
        breaks, marks = np.append(breaks, len(data)), np.append(marks, len(data))
    ends = breaks[~_quoted(buffer, marks, cut)] if cut.quote else breaks
    whole = int(ends[-1]) if len(ends) else 0
    starts = np.concatenate([np.zeros(min(len(ends), 1), np.int64), ends[:-1]])
    lines = line + np.searchsorted(breaks, starts, side="right")
    line += int(np.searchsorted(breaks, whole, side="right"))
    faults: list[Fault] = []
    starts, stops, lines = _usable(data, starts, _without_line_end(buffer, starts, ends), lines, faults, encoding)
    if len(breaks) and breaks[-1] > whole and (final or len(data) - whole > LONGEST):
        stop = int(breaks[np.searchsorted(breaks, whole, side="right")])
        faults.append(_fault(line, "a quote opened here is never closed", data[whole:stop]))
        whole, line = stop, line + 1
    return Records(data, starts, stops, lines, faults, upto + whole, line), data[whole:]


def _line_ends(buffer: Bytes, final: bool) -> I64:
    """Return the place behind each line end."""
    feeds = np.flatnonzero(buffer == _LF)
    returns = np.flatnonzero(buffer == _CR)
    if len(returns):
        inside = returns[returns + 1 < len(buffer)]
        alone = inside[buffer[inside + 1] != _LF]
        if final and returns[-1] == len(buffer) - 1:
            alone = np.append(alone, returns[-1])
        feeds = np.union1d(feeds, alone)
    return feeds.astype(np.int64) + 1


def _quoted(buffer: Bytes, marks: I64, cut: Cut) -> NDArray[np.bool_]:
    """Return which places lie within quotes: an odd number of quotes comes before them (RFC 4180)."""
    quote = ord(cut.quote)
    quotes = np.flatnonzero(buffer == quote)
    if not len(quotes):
        return np.zeros(len(marks), bool)
    edges = np.array([ord(cut.delimiter), _LF, _CR, quote], np.uint8)
    before = np.where(quotes > 0, buffer[quotes - 1], _LF)
    after = np.where(quotes + 1 < len(buffer), buffer[np.minimum(quotes + 1, len(buffer) - 1)], _LF)
    if not (np.isin(before[::2], edges).all() and np.isin(after[1::2], edges).all()):
        quotes = _true_quotes(buffer, quotes, set(edges[:3].tolist()), quote)
    return (np.searchsorted(quotes, marks) & 1).astype(bool)


def _true_quotes(buffer: Bytes, quotes: I64, edges: set[int], quote: int) -> I64:
    """Return the quotes that open or close a field, where others stand about: one by one, for odd chunks."""
    true: list[int] = []
    inside, skip = False, -1
    for place in quotes.tolist():
        if place == skip:
            continue
        if not inside and (place == 0 or int(buffer[place - 1]) in edges):
            true.append(place)
            inside = True
        elif inside and place + 1 < len(buffer) and buffer[place + 1] == quote:
            skip = place + 1
        elif inside:
            true.append(place)
            inside = False
    return np.array(true, np.int64)


def _without_line_end(buffer: Bytes, starts: I64, ends: I64) -> I64:
    stops = ends.copy()
    last = buffer[np.maximum(stops - 1, 0)]
    feed = (stops > starts) & (last == _LF)
    stops -= feed | ((stops > starts) & (last == _CR))
    last = buffer[np.maximum(stops - 1, 0)]
    stops -= feed & (stops > starts) & (last == _CR)
    return stops


def _usable(
    data: bytes, starts: I64, stops: I64, lines: I64, faults: list[Fault], encoding: str
) -> tuple[I64, I64, I64]:
    """Leave out blank records; those too long and those not in the encoding become faults."""
    good = stops > starts
    for place in np.flatnonzero(stops - starts > LONGEST).tolist():
        good[place] = False
        faults.append(_fault(int(lines[place]), _TOO_LONG, data[starts[place] : stops[place]]))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        for place in np.flatnonzero(good).tolist():
            record = data[starts[place] : stops[place]]
            try:
                record.decode("utf-8")
            except UnicodeDecodeError as error:
                good[place] = False
                reason = f"its byte {error.start + 1} is not {encoding}: say the file's encoding under [read]"
                faults.append(_fault(int(lines[place]), reason, record))
    return starts[good], stops[good], lines[good]
