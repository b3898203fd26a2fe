"""Searching: where in the files of a workspace a person can be found, in whatever form; it shares no code with erasure.

Every file is read as bytes, and what can be decoded is decoded too, however deep: Parquet with its footers, archives,
what gzip, zstd and MessagePack pack, folded lines, and databases cell by cell beside their raw pages, free ones and
write-ahead logs among them.
"""

import gzip
import hashlib
import io
import json
import re
import sqlite3
import tarfile
import zipfile
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256")


def found(folder: Path, said: Sequence[str]) -> dict[str, set[str]]:
    """Return the files below `folder` in which one of the texts `said` stands, each with the forms it stands in."""
    texts = {form: name for each in said for form, name in _texts(each)}
    raws = {form: name for each in said for form, name in _raws(each)}
    places: dict[str, set[str]] = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        for content in _contents(file):
            low = content.lower()
            forms = {name for form, name in texts.items() if form in low}
            forms |= {name for form, name in raws.items() if form in content}
            if forms:
                places.setdefault(str(file.relative_to(folder)), set()).update(forms)
    return places


def _texts(said: str) -> Iterator[tuple[bytes, str]]:
    """Yield the forms that are text, in small letters, each with its name."""
    for value in {said, said.lower()}:
        once = quote(value, safe="")
        written = {"escaped": json.dumps(value)[1:-1], "json": value.replace("@", "\\u0040")}
        written |= {"twice percent": quote(once, safe=""), "percent": once, "hex": value.encode().hex(), "plain": value}
        for name, form in written.items():
            yield form.lower().encode(), name
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-le"):
            yield value.lower().encode(encoding), encoding
        for algorithm in DIGESTS:
            yield hashlib.new(algorithm, value.encode()).hexdigest().encode(), algorithm


def _raws(said: str) -> Iterator[tuple[bytes, str]]:
    """Yield the forms that are bytes, or whose case matters."""
    for value in {said, said.lower()}:
        for algorithm in DIGESTS:
            digest = hashlib.new(algorithm, value.encode()).digest()
            yield digest, f"raw {algorithm}"
            yield digest[:16], f"half {algorithm}"
            yield digest[:8][::-1], f"word of {algorithm}"  # as an index keeps it
            yield digest[8:16][::-1], f"word of {algorithm}"
        for encoded in (b64encode, urlsafe_b64encode):
            for shift in range(3):
                # What stands before moves the letters; those that depend on neighbours are left out.
                form = encoded(b"\0" * shift + value.encode()).rstrip(b"=")
                cut = form[(0, 2, 3)[shift] : len(form) - 1]
                yield cut, "base64"


def _contents(file: Path) -> Iterator[bytes]:
    yield str(file.name).encode()
    with suppress(FileNotFoundError):  # a server removes files of its own
        yield from _decoded(file.read_bytes(), file)


def _decoded(raw: bytes, file: Path | None = None) -> Iterator[bytes]:
    """Yield some bytes, their lines unfolded, and all that is packed in them, however deep."""
    yield raw
    if b"\n " in raw or b"\n\t" in raw:
        yield re.sub(rb"\r?\n[ \t]", b"", raw)
    if raw[:4] == b"PAR1":
        yield from _parquet(raw)
    if raw[:16] == b"SQLite format 3\0" and file:
        for cell in _cells(file):
            yield from _decoded(cell)
    for packed in _unpacked(raw):
        yield from _decoded(packed)


def _unpacked(raw: bytes) -> Iterator[bytes]:
    if raw[:2] == b"\x1f\x8b":
        yield gzip.decompress(raw)
    if raw[:4] == b"\x28\xb5\x2f\xfd":
        with pa.CompressedInputStream(pa.BufferReader(raw), "zstd") as stream:
            yield stream.read()
    if raw[:4] == b"PK\3\4":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)
    if raw[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
            yield from (member.read() for name in archive.getmembers() if (member := archive.extractfile(name)))
    if raw and (raw[0] >> 4 in (8, 9) or raw[0] in (0xDC, 0xDD, 0xDE, 0xDF)):  # a map or an array of MessagePack
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            yield from _bytes_in(msgspec.msgpack.decode(raw))


def _bytes_in(value: object) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, list | dict):
        for each in value if isinstance(value, list) else value.values():
            yield from _bytes_in(each)


def _parquet(raw: bytes) -> Iterator[bytes]:
    with pq.ParquetFile(pa.BufferReader(raw)) as opened:
        metadata = opened.metadata
        for group in range(metadata.num_row_groups):
            yield str(metadata.row_group(group).to_dict()).encode()
        yield str(metadata.metadata).encode()
        for row in opened.read().to_pylist():
            yield "\n".join(_said(value) for value in row.values()).encode("utf-8", "surrogatepass")


def _said(value: object) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(_said(each) for each in value)
    if isinstance(value, dict):
        return "\n".join(_said(each) for each in value.values())
    return str(value)


def _cells(file: Path) -> Iterator[bytes]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                yield from (value if isinstance(value, bytes) else str(value).encode() for value in row)
