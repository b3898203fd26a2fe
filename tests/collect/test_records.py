"""Records and fields come out as Python's csv module has them, whatever the file and the size of its chunks."""

import csv
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow.collect.importing.formats import records, unpacked
from hedgerow.collect.importing.formats.rows import header_of, read_rows
from hedgerow.collect.importing.formats.separated import distinct
from hedgerow.collect.importing.formats.texts import LINE
from hedgerow.collect.map import Reading
from hedgerow.kit import HedgerowError
from tests.conftest import real_data

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WIDTH = 3
NAMES = ["a", "b", "c"]
FIELD = st.text(alphabet='ab,"\n\r é;\0', max_size=6)
Table = list[list[str | None]]


def _read(file: Path, chunk: int, reading: Reading | None = None) -> tuple[Table, list[int], int]:
    """Return the rows, the lines they begin on, and how many records were rejected."""
    rows: Table = []
    lines: list[int] = []
    faults = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unpacked, "CHUNK", chunk)
        for part in read_rows(file, reading or Reading(format="csv", columns=NAMES), NAMES, 0, 1):
            rows += [[row[name] for name in part.table.column_names if name != LINE] for row in part.table.to_pylist()]
            lines += part.table[LINE].to_pylist()
            faults += len(part.faults)
    return rows, lines, faults


def _reference(text: str, delimiter: str = ",") -> list[list[str]]:
    csv.field_size_limit(1 << 26)
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]


@QUICK
@given(
    table=st.lists(st.lists(FIELD, min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=8),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    every=st.booleans(),
    chunk=st.integers(1, 60),
    last=st.booleans(),
)
def test_what_csv_wrote_is_read_again(
    tmp_path: Path, table: list[list[str]], end: str, every: bool, chunk: int, last: bool
) -> None:
    text = end.join(",".join(_quoted(field, every) for field in row) for row in table) + (end if last else "")
    file = tmp_path / "file.csv"
    file.write_bytes(text.encode())
    rows, _, faults = _read(file, chunk)
    assert rows == [[field or None for field in row] for row in table]
    assert faults == 0


def _quoted(field: str, always: bool) -> str:
    """Return the field as RFC 4180 has it."""
    return '"' + field.replace('"', '""') + '"' if always or set(field) & set(',"\r\n') else field


@QUICK
@given(text=st.text(alphabet='ab,"\n\r', min_size=1, max_size=40), chunk=st.integers(1, 60))
def test_any_text_is_read_as_csv_reads_it_in_chunks_of_any_size(tmp_path: Path, text: str, chunk: int) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(text.encode())
    rows, lines, faults = _read(file, chunk)
    whole, whole_lines, whole_faults = _read(file, 1 << 20)
    assert (rows, lines, faults) == (whole, whole_lines, whole_faults)
    if _closed(text):
        expected = _reference(text)
        assert rows == [[field or None for field in row] for row in expected if len(row) == WIDTH]
        assert faults == len([row for row in expected if len(row) != WIDTH])


def _closed(text: str) -> bool:
    """Return whether every quote that opens a field is closed."""
    rows = list(csv.reader(io.StringIO(text + '\n"', newline="")))
    return rows[-1] == [""] and rows[:-1] == list(csv.reader(io.StringIO(text + "\n", newline="")))


@QUICK
@given(
    lines=st.lists(st.text(alphabet="ab,\x7fé", min_size=1, max_size=9), min_size=1, max_size=9),
    longest=st.integers(4, 8),
    chunk=st.integers(1, 12),
)
def test_a_line_longer_than_may_be_is_rejected_once(tmp_path: Path, lines: list[str], longest: int, chunk: int) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes("\n".join(lines).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "LONGEST", longest)
        patch.setattr(unpacked, "CHUNK", chunk)
        read = list(records.read_records(file, "utf-8", records.Cut()))
    faults = {fault.line for part in read for fault in part.faults}
    kept = {int(line) for part in read for line in part.lines}
    long = {number for number, line in enumerate(lines, 1) if len(line.encode()) > longest}
    assert faults >= long
    assert faults | kept == set(range(1, len(lines) + 1))
    assert not faults & kept
    assert all(len(lines[line - 1].encode()) >= longest - 1 for line in faults)


def test_names_are_told_apart_by_number_whatever_their_case() -> None:
    assert distinct(["a", "A", "a", "", "a_2", LINE]) == ["a", "A_3", "a_4", "column_4", "a_2", f"{LINE}_2"]


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of awkward files."""
    folder = tmp_path_factory.mktemp("awkward")
    with tarfile.open(real_data("csv/csvkit_examples.tar.gz")) as archive:
        archive.extractall(folder, filter="data")
    return folder / "examples"


@pytest.mark.parametrize("chunk", [50, 1 << 20])
def test_every_record_of_the_awkward_files_is_a_row_or_a_reject(awkward: Path, chunk: int) -> None:
    for file in sorted(awkward.rglob("*.csv")):
        _compare(file, ",", chunk)
    _compare(awkward / "dummy.tsv", "\t", chunk)


def _compare(file: Path, delimiter: str, chunk: int) -> None:
    encoding, text = _text(file)
    expected = _reference(text, delimiter)
    reading = Reading(format="csv", encoding=encoding, delimiter=delimiter)
    if not expected:
        with pytest.raises(HedgerowError):
            header_of(file, reading)
        return
    width = len(expected[0])
    rows, _, faults = _read(file, max(chunk, len(text) // 50), reading)
    assert rows == [[field or None for field in row] for row in expected[1:] if len(row) == width], file.name
    assert faults == len([row for row in expected[1:] if len(row) != width]), file.name


def _text(file: Path) -> tuple[str, str]:
    raw = file.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-8", raw.decode("utf-16")
    try:
        return "utf-8", raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "latin-1", raw.decode("latin-1")
