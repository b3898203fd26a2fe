"""Bad input: each fault of a file is a clear refusal, or a reject row with its line and reason; nothing is lost."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
import zstandard

from hedgerow.collect import Map, Report, import_file, load_map
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace

HERE = Path(__file__).parent
SECTION = {"occurred_at": "time", "verb": "'view'", "actor": "'customer:' || who", "value": "worth"}


def _cases(name: str) -> list[Any]:
    cases = yaml.safe_load((HERE / name).read_text("utf-8"))
    return [pytest.param(case, id=case["it"]) for case in cases]


def _map(folder: Path, read: dict[str, object] | None = None, touch: dict[str, str] | None = None) -> Map:
    sections = (("[read]", {"currency": "EUR"} | (read or {})), ("[[touch]]", SECTION | (touch or {})))
    lines = ['source = "visits"']
    for section, values in sections:
        lines += [section, *(f"{name} = {json.dumps(value)}" for name, value in values.items())]
    (folder / "map.toml").write_text("\n".join(lines), "utf-8")
    return load_map(folder / "map.toml")


def _rejects(report: Report) -> list[tuple[int, str]]:
    if not report.rejects:
        return []
    with report.rejects.open(newline="", encoding="utf-8") as file:
        csv.field_size_limit(1 << 26)
        return [(int(row["line"]), row["reason"]) for row in csv.DictReader(file)]


def _check(workspace: Workspace, file: Path, case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(HedgerowError) as refusal:
            import_file(workspace, "touch", file, _map(file.parent, case.get("read"), case.get("touch")))
        assert case["refused"] in refusal.value.sentence
        return
    report = import_file(workspace, "touch", file, _map(file.parent, case.get("read"), case.get("touch")))
    dropped = case.get("dropped", {})
    rejects = _rejects(report)
    assert [line for line, _ in rejects] == sorted(dropped)
    for line, reason in rejects:
        assert dropped[line] in reason
    counts = (report.kept, report.repeated, report.dropped)
    assert counts == (case["kept"], case.get("repeated", 0), len(dropped))
    assert workspace.engine.sql("SELECT count(*) AS n FROM touches")["n"][0].as_py() == case["kept"]


@pytest.mark.parametrize("case", _cases("bad_input.yaml"))
def test_a_bad_csv(workspace: Workspace, tmp_path: Path, case: dict[str, Any]) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(bytes.fromhex(case.get("hex", "")) + case.get("text", "").encode(case.get("encoding", "utf-8")))
    _check(workspace, file, case)


@pytest.mark.parametrize("case", _cases("json_input.yaml"))
def test_bad_json_lines(workspace: Workspace, tmp_path: Path, case: dict[str, Any]) -> None:
    file = tmp_path / "file.jsonl"
    file.write_text(case["text"], "utf-8")
    _check(workspace, file, case)


def _lines(count: int) -> bytes:
    return b"who,time,worth\n" + b"".join(b"c%d,2026-01-01T00:00:00Z,1\n" % n for n in range(count))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress], ids=["gzip", "zstd"])
def test_a_packed_file_that_breaks_off_gives_what_came_before(workspace: Workspace, tmp_path: Path, pack: Any) -> None:
    file = tmp_path / "file.csv.packed"
    whole = pack(_lines(200_000))
    file.write_bytes(whole[: len(whole) // 2])
    report = import_file(workspace, "touch", file, _map(tmp_path))
    [(line, reason)] = _rejects(report)
    assert "the file breaks off here" in reason
    assert report.kept == line - 2 > 50_000


def test_a_packed_file_that_breaks_off_at_once_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "file.csv.gz"
    file.write_bytes(gzip.compress(_lines(10))[:12])
    with pytest.raises(HedgerowError, match="breaks off"):
        import_file(workspace, "touch", file, _map(tmp_path))


def test_packed_files_in_several_parts_are_read_to_their_end(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "file.csv.gz"
    lines = _lines(20)
    file.write_bytes(gzip.compress(lines[:100]) + gzip.compress(lines[100:]))
    assert import_file(workspace, "touch", file, _map(tmp_path)).kept == 20


def test_ten_megabytes_in_one_field_are_kept(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    long = b"x" * (10 << 20)
    file.write_bytes(_lines(2) + b'"' + long + b'",2026-01-01T00:00:00Z,1\n' + b"d,2026-01-01T00:00:00Z,1\n")
    report = import_file(
        workspace, "touch", file, _map(tmp_path, touch={"actor": "'customer:' || left(who, 9)", "text": "who"})
    )
    assert (report.kept, report.dropped) == (4, 0)
    assert workspace.engine.sql("SELECT max(length(text)) AS n FROM touches")["n"][0].as_py() == 10 << 20


def test_a_record_beyond_all_measure_is_rejected_and_the_next_is_read(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(_lines(2) + b"y" * (60 << 20) + b",2026-01-01T00:00:00Z,1\nd,2026-01-01T00:00:00Z,1\n")
    report = import_file(workspace, "touch", file, _map(tmp_path))
    assert (report.kept, _rejects(report)) == (3, [(4, "it is longer than 16 MiB")])


def test_json_as_deep_as_a_well_is_read_or_rejected(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "file.jsonl"
    good = '{"who": "a", "time": "2026-01-01T00:00:00Z", "worth": 1}\n'
    file.write_text(good + '{"who":' * 50_000 + "1" + "}" * 50_000 + "\n" + good.replace('"a"', '"b"'))
    report = import_file(workspace, "touch", file, _map(tmp_path))
    assert (report.kept, report.dropped) == (2, 1)


def test_parquet_of_odd_types_is_read_as_text(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "file.parquet"
    times = pa.array([0, 1, None, 3], pa.timestamp("ns", "America/New_York"))
    worth = pa.array([1.5, float("nan"), 2.25, None], pa.float64())
    who = pa.array([b"a", b"b", b"c", b"d"], pa.binary())
    kind = pa.array(["x", "x", None, "y"]).dictionary_encode()
    nested = pa.array([{"a": [1, 2]}, None, {"a": []}, {"a": None}])
    pq.write_table(pa.table({"time": times, "worth": worth, "who": who, "kind": kind, "nested": nested}), file)
    report = import_file(workspace, "touch", file, _map(tmp_path, touch={"title": "kind", "text": "nested"}))
    assert (report.kept, _rejects(report)) == (2, [(2, "its value is no amount of money"), (3, "it has no time")])


def test_a_parquet_file_that_is_none_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "file.parquet"
    file.write_bytes(b"who,time\n")
    with pytest.raises(HedgerowError, match="can't be read as Parquet"):
        import_file(workspace, "touch", file, _map(tmp_path))


def test_a_file_that_is_not_there_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(HedgerowError, match="name one that is there"):
        import_file(workspace, "touch", tmp_path / "none.csv", _map(tmp_path))


def test_a_name_that_tells_no_format_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "file.data"
    file.write_bytes(_lines(1))
    with pytest.raises(HedgerowError, match="tells no format"):
        import_file(workspace, "touch", file, _map(tmp_path))
