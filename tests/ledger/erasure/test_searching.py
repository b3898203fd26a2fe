"""The search that erasure is judged by finds a person however a file packs them, and nobody who isn't there."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ledger.erasure.searching import found

MAIL = "ann.lee@example.org"


def _zipped(raw: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", raw)
    return out.getvalue()


def _tarred(raw: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("inside")
        member.size = len(raw)
        archive.addfile(member, io.BytesIO(raw))
    return out.getvalue()


def _zstd(raw: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(raw)
    return bytes(out.getvalue())


def _table(raw: bytes) -> bytes:
    out = pa.BufferOutputStream()
    pq.write_table(pa.table({"said": [raw]}), out, compression="zstd")
    return bytes(out.getvalue())


def _array(raw: bytes) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, names=np.array([raw.decode()]))
    return out.getvalue()


def _folded(raw: bytes) -> bytes:
    return b"EMAIL:" + b"\r\n ".join(raw[place : place + 5] for place in range(0, len(raw), 5))


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zip": _zipped,
    "tar": _tarred,
    "zstd": _zstd,
    "parquet": _table,
    "numpy": _array,
    "msgpack": lambda raw: msgspec.msgpack.encode({"a": [gzip.compress(raw)]}),
    "folded": _folded,
    "deep": lambda raw: gzip.compress(_tarred(_zipped(_zstd(msgspec.msgpack.encode([_zstd(raw)]))))),
}


@pytest.mark.parametrize("way", PACKED)
def test_a_person_is_found_however_they_are_packed(way: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(PACKED[way](MAIL.encode()))
    assert found(tmp_path, [MAIL]) == {"file": {"plain"}} or found(tmp_path, [MAIL]) == {"file": {"utf-32-le"}}
    assert found(tmp_path, ["bob.ray@example.org"]) == {}
