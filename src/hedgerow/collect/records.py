"""Records: a file of any size and encoding cut into chunks of whole records, each with its line number."""

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import zstandard
from numpy.typing import NDArray

from hedgerow.kit import HedgerowError

CHUNK = 24 << 20
LONGEST = 16 << 20
"""Bytes in one record at the most; a longer one is a fault, and reading goes on behind its first line."""

_LF, _CR = 10, 13
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Fault:
    """A record that can't be read: where it begins, why, and its text (at most 2,000 characters of it)."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class Records:
    """Whole records: `data[starts[i]:ends[i]]` is record i without its line end, beginning on `lines[i]`.

    `upto` and `line` say where the next chunk begins, in bytes of the decoded file and in lines.
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
    state = _State()
    rest = b""
    for block, final in _with_last(_behind(_blocks(file, encoding, state), upto)):
        rest += block
        while rest:
            records, rest = _cut(rest, cut, final and not state.broken, upto, line)
            upto, line = records.upto, records.line
            if state.broken and final:
                records, rest = _broken(records, rest, state.broken), b""
            if len(records.starts) or records.faults:
                yield records
            if not final and len(rest) <= LONGEST:
                break


@dataclass
class _State:
    """Why a file ended too soon, if it did."""

    broken: str = ""


_TROUBLE = (OSError, EOFError, zlib.error, zstandard.ZstdError)


def _blocks(file: Path, encoding: str, state: _State) -> Iterator[bytes]:
    """Yield a file's text as UTF-8, unpacked and without byte-order mark."""
    with ExitStack() as opened:
        try:
            raw = _unpack(file, opened)
            head = raw.read(CHUNK)
        except _TROUBLE as error:
            raise HedgerowError(f"{file} can't be read ({error}): name a file that can.") from None
        if not head:
            raise HedgerowError(f"{file} is empty: name a file with rows in it.")
        for mark, name in _BOMS:
            if head.startswith(mark):
                head, encoding = head[len(mark) :], name
                break
        decode = _decoder(encoding)
        while head:
            yield decode(head)
            try:
                head = raw.read(CHUNK)
            except _TROUBLE as error:
                state.broken, head = str(error), b""


def _decoder(encoding: str) -> Callable[[bytes], bytes]:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise HedgerowError(f"No encoding is called '{encoding}': use utf-8, latin-1 or utf-16.") from None
    if name == "utf-8":
        return bytes
    decoder = codecs.getincrementaldecoder(name)("replace")
    return lambda block: decoder.decode(block).encode("utf-8")


def _behind(blocks: Iterator[bytes], upto: int) -> Iterator[bytes]:
    for block in blocks:
        if upto < len(block):
            yield block[upto:]
        upto = max(0, upto - len(block))


def _with_last(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    held: bytes | None = None
    for block in blocks:
        if held is not None:
            yield held, False
        held = block
    if held is not None:
        yield held, True


def _unpack(file: Path, opened: ExitStack) -> BinaryIO:
    raw = opened.enter_context(file.open("rb"))
    magic = raw.read(4)
    raw.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
    if magic == b"\x28\xb5\x2f\xfd":
        return cast(BinaryIO, zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True))
    return raw


def _cut(data: bytes, cut: Cut, final: bool, upto: int, line: int) -> tuple[Records, bytes]:
    buffer = np.frombuffer(data, np.uint8)
    breaks = _line_ends(buffer, final)
    ends = breaks[~_quoted(buffer, breaks, cut)] if cut.quote else breaks
    whole = int(ends[-1]) if len(ends) else 0
    faults: list[Fault] = []
    rest = data[whole:]
    if len(rest) > LONGEST or (final and rest and len(breaks) and breaks[-1] > whole):
        return _past_runaway(data, cut, final, upto, line, breaks, ends, whole)
    if final and rest:
        ends, whole, rest = np.append(ends, len(data)), len(data), b""
    starts = np.concatenate([np.zeros(min(len(ends), 1), np.int64), ends[:-1]])
    lines = line + np.searchsorted(breaks, starts, side="right")
    next_line = line + int(np.searchsorted(breaks, whole, side="right"))
    stops = _without_line_end(buffer, starts, ends)
    starts, stops, lines = _usable(data, starts, stops, lines, faults)
    return Records(data, starts, stops, lines, faults, upto + whole, next_line), rest


def _past_runaway(
    data: bytes, cut: Cut, final: bool, upto: int, line: int, breaks: I64, ends: I64, whole: int
) -> tuple[Records, bytes]:
    """Cut off what no record ends: give up the line it begins on, and go on behind that line."""
    later = breaks[breaks > whole]
    stop = int(later[0]) if len(later) else len(data)
    before, _ = _cut(data[:whole], cut, True, upto, line) if whole else (None, b"")
    at = before.line if before else line
    reason = "a quote opened here is never closed" if len(later) else f"it is longer than {LONGEST >> 20} MiB"
    fault = Fault(at, reason, data[whole : min(stop, whole + 2000)].decode("utf-8", "replace"))
    empty = np.zeros(0, np.int64)
    head = before or Records(b"", empty, empty, empty, [], upto, line)
    after = Records(head.data, head.starts, head.ends, head.lines, [*head.faults, fault], upto + stop, at + 1)
    return after, data[stop:]


def _line_ends(buffer: NDArray[np.uint8], final: bool) -> I64:
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


def _quoted(buffer: NDArray[np.uint8], breaks: I64, cut: Cut) -> NDArray[np.bool_]:
    """Return which line ends lie within quotes: an odd number of quotes comes before them (RFC 4180)."""
    quotes = np.flatnonzero(buffer == ord(cut.quote))
    if not len(quotes):
        return np.zeros(len(breaks), bool)
    edges = np.array([ord(cut.delimiter), _LF, _CR], np.uint8)
    before = np.where(quotes > 0, buffer[quotes - 1], _LF)
    after = np.where(quotes + 1 < len(buffer), buffer[np.minimum(quotes + 1, len(buffer) - 1)], _LF)
    opening, closing = slice(0, None, 2), slice(1, None, 2)
    quote = ord(cut.quote)
    regular = (np.isin(before[opening], edges) | (before[opening] == quote)).all() and (
        np.isin(after[closing], edges) | (after[closing] == quote)
    ).all()
    if not regular:
        quotes = _true_quotes(buffer, quotes, set(edges.tolist()), quote)
    return (np.searchsorted(quotes, breaks - 1) & 1).astype(bool)


def _true_quotes(buffer: NDArray[np.uint8], quotes: I64, edges: set[int], quote: int) -> I64:
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


def _without_line_end(buffer: NDArray[np.uint8], starts: I64, ends: I64) -> I64:
    stops = ends.copy()
    for _ in range(2):
        last = buffer[np.maximum(stops - 1, 0)]
        stops -= (stops > starts) & ((last == _LF) | (last == _CR))
    return stops


def _usable(data: bytes, starts: I64, stops: I64, lines: I64, faults: list[Fault]) -> tuple[I64, I64, I64]:
    """Leave out blank records and those that are not UTF-8, which become faults."""
    good = stops > starts
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        for place in np.flatnonzero(good).tolist():
            record = data[starts[place] : stops[place]]
            try:
                record.decode("utf-8")
            except UnicodeDecodeError as error:
                good[place] = False
                reason = f"its byte {error.start + 1} is not UTF-8: say encoding = 'latin-1' under [read] if it is"
                faults.append(Fault(int(lines[place]), reason, record[:2000].decode("utf-8", "replace")))
    return starts[good], stops[good], lines[good]


def _broken(records: Records, rest: bytes, why: str) -> Records:
    fault = Fault(records.line, f"the file breaks off here ({why})", rest[:2000].decode("utf-8", "replace"))
    return Records(
        records.data,
        records.starts,
        records.ends,
        records.lines,
        [*records.faults, fault],
        records.upto,
        records.line,
    )
