"""The archive holds everything that is held on a person, and nothing of who others are."""

import hashlib
import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

from hedgerow import mill
from hedgerow.cli import build
from hedgerow.kit import HedgerowError
from hedgerow.ledger import erasures
from hedgerow.people import write_archive
from tests.ledger.erasure.planting import HANDLE, LOGIN, MAIL, PERSON, plant


def test_an_archive_holds_every_part_and_its_manifest_tells_true(tmp_path: Path) -> None:
    workspace = plant(tmp_path)
    file = tmp_path / "ann.zip"
    counts = write_archive(workspace, f"email:{MAIL}", file)
    with ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        texts = {name: archive.read(name) for name in archive.namelist() if name != "manifest.json"}
    assert set(manifest["identifiers"]) == {*PERSON, f"user:{LOGIN}"}
    assert {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()} == manifest["sha256"]
    assert counts == manifest["rows"] == {
        name.removesuffix(".jsonl"): text.count(b"\n") for name, text in texts.items() if name.endswith(".jsonl")
    }  # fmt: skip
    parts = {"touches", "named_in", "identifiers", "evidence", "marks", "deals", "drops", "links", "mentions", "jobs"}
    assert set(counts) >= parts, "and whatever the rooms keep of them"
    named = [json.loads(line) for line in texts["named_in.jsonl"].splitlines()]
    assert not any({"actor", "claims"} & set(row) for row in named)
    page = texts["index.html"].decode()
    assert HANDLE in page and "bob@example.org" not in page
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(HedgerowError, match="exists already"):
        write_archive(workspace, f"email:{MAIL}", file)
    workspace.close()


def test_a_person_is_forgotten_by_the_command_line_once_their_name_is_written(tmp_path: Path) -> None:
    workspace = plant(tmp_path)
    run, said = CliRunner(), ["forget", f"email:{MAIL}", "--workspace", str(workspace.folder)]
    refused = run.invoke(build(), said, input="no\n")
    assert isinstance(refused.exception, HedgerowError) and "Nobody was erased" in refused.exception.sentence
    assert erasures(workspace) == []
    done = run.invoke(build(), [*said, "--reason", f"{MAIL} asked"], input=f"email:{MAIL}\n")
    assert done.exit_code == 0 and "They are erased" in done.output
    assert [(each.state, each.reason) for each in erasures(workspace)] == [("done", "erased asked")]
    mill.turn(workspace)
    again = run.invoke(
        build(), ["access", f"email:{MAIL}", str(tmp_path / "a.zip"), "--workspace", str(workspace.folder)]
    )
    assert isinstance(again.exception, HedgerowError) and "Nobody here has" in again.exception.sentence
    workspace.close()
