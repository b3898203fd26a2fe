"""The command line: the main job from a file to an answer, and refusals in one sentence."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from hedgerow.cli import build
from hedgerow.kit import HedgerowError

RUN = CliRunner()
VISITS = """when,who,mail,channel,worth
2026-03-01T09:00:00Z,c1,ann@example.org,Email,
2026-03-02T09:00:00Z,c1,,Paid Search,
2026-03-03T09:00:00Z,c1,,,120.50
2026-03-03T09:00:00Z,c2,,,80.00
gestern,c3,,Email,
"""
MAP = """source = "visits"
[read]
currency = "EUR"
[[touch]]
occurred_at = "when"
verb = "case when worth is not null then 'purchase' else 'view' end"
actor = "'anonymous:' || who"
claims = ["'email:' || mail"]
channel = "channel"
value = "worth"
"""


def _run(*words: object) -> Result:
    return RUN.invoke(build(), [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    _run("init", "--workspace", tmp_path / "acme", "--name", "Acme")
    (tmp_path / "visits.csv").write_text(VISITS)
    (tmp_path / "visits.toml").write_text(MAP)
    return tmp_path / "acme"


def _import(acme: Path) -> str:
    files = acme.parent
    return _run("import", "touches", files / "visits.csv", "--map", files / "visits.toml", "-w", acme).output


def test_a_file_goes_in_and_credit_to_the_cent_comes_out(acme: Path) -> None:
    said = _import(acme)
    assert "4 rows kept, 0 were in the ledger already, 1 could not be kept" in said
    assert "can't be read" in said
    answer = _run("ask", "credit_by_channel", "--model", "linear", "--format", "csv", "-w", acme).output
    rows = list(csv.DictReader(io.StringIO(answer)))
    assert [(row["channel"], row["conversions"], row["value"]) for row in rows] == [
        ("Email", "0.5", "60.25"),
        ("Paid Search", "0.5", "60.25"),
        ("(unattributed)", "1.0", "80.00"),
    ]


def test_an_import_twice_adds_nothing_and_undone_takes_all_of_it_back(acme: Path) -> None:
    _import(acme)
    assert "0 rows kept, 4 were in the ledger already" in _import(acme)
    _run("import", "undo", 2, "-w", acme)
    _run("import", "undo", 1, "-w", acme)
    answer = json.loads(_run("ask", "touches_by_channel", "--format", "json", "-w", acme).output)
    assert answer == []
    assert "4 rows kept" in _import(acme)


def test_the_table_names_its_question(acme: Path) -> None:
    _import(acme)
    said = _run("ask", "path_length", "-w", acme).output
    assert "How many touches does an outcome take?" in said


def test_parquet_keeps_minor_units(acme: Path, tmp_path: Path) -> None:
    _import(acme)
    out = RUN.invoke(build(), ["ask", "credit_by_channel", "--model", "linear", "--format", "parquet", "-w", str(acme)])
    assert pq.read_table(io.BytesIO(out.stdout_bytes))["value"].to_pylist() == [6025, 6025, 8000]


def test_a_wrong_word_is_answered_with_the_nearest_one(acme: Path) -> None:
    with pytest.raises(HedgerowError, match="Did you mean 'credit_by_channel'"):
        _run("ask", "credit_by_chanel", "-w", acme)
    with pytest.raises(HedgerowError, match="Did you mean 'markov'"):
        _run("ask", "credit_by_channel", "--model", "marcov", "-w", acme)
    with pytest.raises(HedgerowError, match="hedgerow init"):
        _run("ask", "credit_by_channel", "-w", acme.parent / "nowhere")


def test_the_doctor_says_what_to_do(acme: Path) -> None:
    _import(acme)
    said = _run("doctor", "-w", acme).output
    assert "lake/touches" in said
    assert "rejects" in said


def test_a_backup_restored_answers_the_same(acme: Path, tmp_path: Path) -> None:
    _import(acme)
    before = _run("ask", "credit_by_channel", "--format", "csv", "-w", acme).output
    _run("backup", tmp_path / "acme.tar.gz", "-w", acme)
    _run("restore", tmp_path / "acme.tar.gz", "-w", tmp_path / "again")
    assert _run("ask", "credit_by_channel", "--format", "csv", "-w", tmp_path / "again").output == before
    files = acme.parent
    said = _run("import", "touches", files / "visits.csv", "--map", files / "visits.toml", "-w", tmp_path / "again")
    assert "0 rows kept, 4 were in the ledger already" in said.output


def test_a_closed_month_keeps_its_credit_and_late_touches_change_the_open_one(acme: Path) -> None:
    _import(acme)
    _run("close", "2026-03", "-w", acme)
    late = acme.parent / "visits.csv"
    late.write_text(VISITS + "2026-03-01T10:00:00Z,c2,,Organic Social,\n")
    _import(acme)
    rows = json.loads(_run("ask", "credit_by_period", "--format", "json", "-w", acme).output)
    closed = {row["channel"]: row["value"] for row in rows if row["period"] == "2026-03"}
    later = {row["channel"]: row["value"] for row in rows if row["period"] == "open"}
    assert closed == {"Email": 60.25, "Paid Search": 60.25, "(unattributed)": 80.0}
    assert later == {"Organic Social": 80.0, "(unattributed)": -80.0}
    with pytest.raises(HedgerowError, match="close a later month"):
        _run("close", "2026-03", "-w", acme)
    with pytest.raises(HedgerowError, match="is not over"):
        _run("close", f"{date.max.year}-11", "-w", acme)
