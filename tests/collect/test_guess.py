"""A guessed map says what a person would say of the file's header and first rows."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from hedgerow.collect import guess

CASES = yaml.safe_load((Path(__file__).parent / "guesses.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["it"]) for case in CASES])
def test_a_guess(tmp_path: Path, case: dict[str, Any]) -> None:
    file = tmp_path / "Some File.csv"
    file.write_bytes(case["text"].encode(case.get("encoding", "utf-8")))
    said = guess(file)
    raw = tomllib.loads(said)
    assert raw["source"] == "some_file"
    for part in case["says"]:
        assert part.replace("\t", "\\t") in said or part in str(raw)
