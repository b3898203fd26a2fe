"""Settings, expressions, locks, shelves and the clock: what they refuse, they refuse in a sentence."""

import multiprocessing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
import yaml

from hedgerow.kit import HedgerowError, clock, load_shelf, nearest
from hedgerow.kit.expression import columns_of, to_duckdb
from hedgerow.kit.lock import held
from hedgerow.kit.settings import load_settings

CASES = yaml.safe_load((Path(__file__).parent / "expressions.yaml").read_text("utf-8"))


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section."""

    port: int = 80
    names: tuple[str, ...] = ()
    secret: str = ""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file may say."""

    server: Server = Server()
    fields: dict[str, str] = {}


def _load(tmp_path: Path, text: str, **environ: str) -> Settings:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    return load_settings(Settings, file, "APP", environ)


def test_settings_come_from_the_file_and_then_from_the_environment(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush\n")
    found = _load(tmp_path, "[server]\nport = 1\n", APP_SERVER_NAMES="a, b", APP_SERVER_SECRET_FILE=str(secret))
    assert found.server == Server(1, ("a", "b"), "hush")
    assert load_settings(Settings, tmp_path / "none.toml", "APP", {}) == Settings()


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        ("[serve]\n", {}, "Did you mean 'server'?"),
        ("[server]\nprot = 1\n", {}, "Did you mean 'port'?"),
        ("[server]\nport = 'many'\n", {}, "Correct it in"),
        ("[server\n", {}, "not readable as TOML"),
        ("", {"APP_SERVER_PROT": "1"}, "Did you mean 'APP_SERVER_PORT'?"),
        ("", {"APP_SERVER_SECRET_FILE": "/nowhere"}, "can't be read"),
    ],
)
def test_a_setting_nobody_knows_or_of_a_bad_value_stops_the_start(
    tmp_path: Path, text: str, environ: dict[str, str], said: str
) -> None:
    with pytest.raises(HedgerowError) as refusal:
        _load(tmp_path, text, **environ)
    assert said in refusal.value.sentence


@pytest.mark.parametrize("case", [pytest.param(case, id=case["it"]) for case in CASES])
def test_an_expression(case: dict[str, Any]) -> None:
    columns = ["a", "B c", "d.e"]
    if "refused" in case:
        with pytest.raises(HedgerowError) as refusal:
            to_duckdb(case["text"], columns, "here")
        assert case["refused"] in refusal.value.sentence
        return
    query = f"""SELECT {to_duckdb(case["text"], columns, "here")} FROM (SELECT '1' AS a, 'x' AS "B c", NULL AS "d.e")"""
    assert duckdb.sql(query).fetchall() == [(case["gives"],)]


def test_an_expression_names_its_columns_once_in_order() -> None:
    assert columns_of("""coalesce("B c", a) || a || "d.e" """) == ["B c", "a", "d.e"]


def _hold(file: Path, held_now: Any, let_go: Any) -> None:
    with held(file):
        held_now.set()
        let_go.wait(10)


def test_a_lock_has_one_holder_and_falls_free_when_it_dies(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held_now, let_go = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(tmp_path / "lock", held_now, let_go))
    process.start()
    assert held_now.wait(20)
    with pytest.raises(HedgerowError, match=f"Process {process.pid} is turning the mill"), held(tmp_path / "lock"):
        pass
    process.kill()
    process.join()
    with held(tmp_path / "lock", wait=5):
        pass


def test_a_shelf_without_its_constant_is_refused() -> None:
    with pytest.raises(HedgerowError, match="holds no SERVER"):
        load_shelf("hedgerow.kit", Server)


def test_the_clock_stands_still_and_counts_exactly() -> None:
    instant = datetime(2099, 12, 31, 23, 59, 59, 999_999, timezone(timedelta(hours=2)))
    with clock.stopped_at(instant):
        assert clock.now() == instant
        assert clock.now().tzinfo is UTC
    assert clock.microseconds(instant) == 4_102_437_599_999_999
    assert clock.microseconds(datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)) == -1


def test_the_nearest_name_is_given_or_all_of_them() -> None:
    assert nearest("chanel", ["channel", "medium"]) == " Did you mean 'channel'?"
    assert nearest("x", ["channel", "medium"]) == " Use one of: channel, medium."
    assert nearest("x", []) == " Use one of: none is defined."
