"""The village: the same for the same arguments, true to its own truth, messy only where it says."""

import csv
import gzip
import hashlib
import json
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from hedgerow.kit import HedgerowError
from hedgerow.kit.expression import to_duckdb
from hedgerow.village import Village, build

CASES = yaml.safe_load(Path(__file__).with_name("villagers.yaml").read_text("utf-8"))
TOUCHES = ("web.jsonl.gz", "social.csv", "community.csv", "mail.tsv", "crm.csv")


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Village:
    return build(tmp_path_factory.mktemp("village"), people=200, days=180, seed=7)


def read(village: Village, file: str) -> list[dict[str, Any]]:
    """Return the data rows of a file with nothing but the standard library; an unreadable line has no id."""
    path = village.folder / file
    if path.suffix == ".gz":
        return [_object(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened, delimiter="\t" if path.suffix == ".tsv" else ",", strict=True))


def _object(line: str) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except json.JSONDecodeError:
        return {"event_id": None}


def identity(row: dict[str, Any]) -> Any:
    return next(iter(row.values()))


def truth(village: Village, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(village.folder / "truth" / f"{name}.parquet").to_pylist()
    return rows


def mess(village: Village, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    return ((row["row"], row) for row in truth(village, "mess") if row["file"] == file)


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_arguments_give_the_same_bytes(village: Village, tmp_path: Path) -> None:
    build(tmp_path, people=200, days=180, seed=7)
    assert digest(tmp_path) == digest(village.folder)


def test_another_seed_gives_another_village(village: Village, tmp_path: Path) -> None:
    other = build(tmp_path, people=200, days=180, seed=8)
    assert digest(tmp_path)["social.csv"] != digest(village.folder)["social.csv"]
    assert other.touches != village.touches


@pytest.mark.parametrize("case", CASES, ids=[case["it"] for case in CASES])
def test_a_named_villager(village: Village, case: dict[str, Any]) -> None:
    names = {row["person"]: row["name"] for row in truth(village, "people")}
    deal = next(row for row in truth(village, "deals") if names[row["person"]] == case["person"])
    assert {key: deal[key] for key in ("account", "channel", "state", "amount")} == {
        key: case[key] for key in ("account", "channel", "state", "amount")
    }
    shares = {row["touch"]: row for row in truth(village, "cascades")}
    touch = deal["origin"]
    for name in case.get("handed_on_by", []):
        assert names[shares[touch]["person"]] == name
        touch = shares[touch]["parent"]


@pytest.mark.parametrize(("people", "days", "seed"), [(12, 14, 0), (40, 60, 3), (5_001, 14, 1)])
def test_the_named_dozen_live_in_every_village(tmp_path: Path, people: int, days: int, seed: int) -> None:
    built = build(tmp_path, people, days, seed, start=date(2025, 3, 1))
    names = [row["name"] for row in truth(built, "people")]
    assert len(names) == people
    assert names[0] == "Ann Lee" and names[11] == "Lars Nilsen"
    states = {row["person"]: row["state"] for row in truth(built, "deals")}
    assert states["v000000"] == "won"
    people_of = [row["person"] for row in truth(built, "purchases")]
    assert "v000009" in people_of


@pytest.mark.parametrize("file", TOUCHES)
def test_every_touch_has_a_cause_or_a_reason_to_be_odd(village: Village, file: str) -> None:
    known = {row["touch"] for row in truth(village, "causes")}
    odd = dict(mess(village, file))
    for number, row in enumerate(read(village, file), start=1):
        assert identity(row) in known or odd[number]["kind"] in ("bad", "bot"), row


def test_every_cause_is_of_a_touch_in_a_file(village: Village) -> None:
    ids = {identity(row) for file in TOUCHES for row in read(village, file)}
    touches = [row["touch"] for row in truth(village, "causes")]
    assert len(touches) == len(set(touches))
    assert set(touches) <= ids


def test_a_cause_comes_before_what_it_caused_and_is_one_generation_older(village: Village) -> None:
    touches = {row["touch"]: row for row in truth(village, "causes")}
    caused = [row for row in touches.values() if row["cause"] is not None and ":" not in row["cause"]]
    caused = [row for row in caused if row["cause"] in touches]
    assert len(caused) > 5_000
    for row in caused:
        assert touches[row["cause"]]["occurred_at"] <= row["occurred_at"]
        assert touches[row["cause"]]["generation"] + 1 == row["generation"]
    outside = {row["cause"] for row in touches.values()} - set(touches) - {None}
    assert all(cause == "direct" or ":" in cause for cause in outside)


def test_reshares_follow_their_parents_through_several_generations(village: Village) -> None:
    shares = {row["touch"]: row for row in truth(village, "cascades")}
    children = [row for row in shares.values() if row["parent"]]
    for child in children:
        parent = shares[child["parent"]]
        assert parent["occurred_at"] < child["occurred_at"]
        assert (parent["root"], parent["generation"] + 1) == (child["root"], child["generation"])
    assert max(child["generation"] for child in children) >= 3


def test_the_files_are_out_of_order_and_some_rows_days_late(village: Village) -> None:
    at = [row["at"] for row in read(village, "social.csv") if row["at"].startswith("2026") and "25:" not in row["at"]]
    assert at != sorted(at)
    latest = ""
    days = []
    for each in at:
        latest = max(latest, each)
        days.append((date.fromisoformat(latest[:10]) - date.fromisoformat(each[:10])).days)
    assert max(days) >= 2
    place = {row["id"]: number for number, row in reversed(list(enumerate(read(village, "social.csv"))))}
    replies = [row for row in read(village, "social.csv") if row["in_reply_to"] in place]
    assert any(place[row["in_reply_to"]] > place[row["id"]] for row in replies)


@pytest.mark.parametrize("file", (*TOUCHES, "deals.csv", "spend.csv"))
def test_each_file_repeats_rows_and_holds_the_bad_ones_it_declares(village: Village, file: str) -> None:
    rows, odd = read(village, file), dict(mess(village, file))
    assert len(rows) == village.rows[file]
    assert all(identity(rows[number - 1]) == row["id"] for number, row in odd.items())
    counts = Counter(row["kind"] for row in odd.values())
    assert counts["bad"] >= 2 and counts["repeat"] >= 1
    if file in TOUCHES:
        repeats = [row["id"] for row in odd.values() if row["kind"] == "repeat"]
        ids = Counter(identity(row) for row in rows)
        assert {each for each, count in ids.items() if count > 1} == set(repeats)


def test_what_was_spent_is_what_the_file_says(village: Village) -> None:
    bad = {number for number, row in mess(village, "spend.csv") if row["kind"] == "bad"}
    last = {
        row["key"]: (row["campaign"], row["currency"], Decimal(row["cost"]))
        for number, row in enumerate(read(village, "spend.csv"), start=1)
        if number not in bad
    }
    stated: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for campaign, currency, cost in last.values():
        stated[campaign, currency] += cost * 100
    true: dict[tuple[str, str], int] = defaultdict(int)
    for row in truth(village, "spend"):
        true[row["campaign"], row["currency"]] += row["cost"]
    assert stated == true
    assert {currency for _, currency in true} == {"EUR", "GBP"}


def test_the_last_row_of_a_deal_is_how_it_stands(village: Village) -> None:
    bad = {number for number, row in mess(village, "deals.csv") if row["kind"] == "bad"}
    rows = [row for number, row in enumerate(read(village, "deals.csv"), start=1) if number not in bad]
    last = {row["deal_id"]: row for row in rows}
    states = {"closed won": "won", "closed lost": "lost"}
    for deal in truth(village, "deals"):
        row = last.pop(deal["deal"])
        assert states.get(row["stage"].strip().lower(), "open") == deal["state"]
        assert Decimal(row["amount"].replace(",", ".")) * 100 == deal["amount"]
    assert not last


def test_a_shared_device_has_two_people(village: Village) -> None:
    people = {row["name"]: row for row in truth(village, "people")}
    assert people["Tom Okafor"]["shares"] == people["Sofia Rossi"]["person"]
    toms = {each.removeprefix("anonymous:") for each in people["Tom Okafor"]["identifiers"]}
    person = {row["touch"]: row["person"] for row in truth(village, "causes")}
    users = {person[row["event_id"]] for row in read(village, "web.jsonl.gz") if row.get("anonymous_id") in toms}
    assert users == {people["Tom Okafor"]["person"], people["Sofia Rossi"]["person"]}


def test_a_mistyped_address_is_written_again_rightly(village: Village) -> None:
    forms = [row for row in read(village, "web.jsonl.gz") if (row.get("email") or "").startswith("hana.sato@lodestar")]
    written = [row["email"] for row in sorted(forms, key=lambda row: row["sent_at"])]
    assert written[:2] == ["hana.sato@lodestar.exmaple", "hana.sato@lodestar.example"]


def test_the_funnel_narrows_and_many_channels_bring_visits(village: Village) -> None:
    visitors = {row["person"] for row in truth(village, "causes") if row["channel"]}
    assert 200 >= len(visitors) > village.leads > village.deals > village.won > 0
    channels = Counter(row["channel"] for row in truth(village, "causes") if row["channel"])
    assert len(channels) >= 6


def test_the_forum_earns_more_a_visit_than_advertisements_on_networks(tmp_path: Path) -> None:
    built = build(tmp_path, people=3_000, days=180, seed=1)
    visitors: dict[str, set[str]] = defaultdict(set)
    for row in truth(built, "causes"):
        visitors[row["channel"]].add(row["person"])
    won = Counter(row["channel"] for row in truth(built, "deals") if row["state"] == "won")
    earned = {channel: won[channel] / len(people) for channel, people in visitors.items()}
    assert earned["Community"] > 4 * earned["Paid Social"]


def mapped(village: Village, file: str) -> list[dict[str, Any]]:
    """Return what the file's map makes of its rows, by DuckDB, all as text but what is a truth value."""
    plan = tomllib.loads((village.folder / "maps" / f"{file.split('.')[0]}.toml").read_text("utf-8"))
    assert plan["says"].endswith(".") and plan["source"].startswith("village_")
    section = next(plan[kind] for kind in ("touch", "spend", "deal") if kind in plan)[0]
    rows = [_flat(row) for row in read(village, file) if identity(row)]
    table = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]})
    wanted = {
        f"{name}{place}": to_duckdb(text, table.column_names, f"{name} of {file}")
        for name, given in section.items()
        if name != "properties"
        for place, text in enumerate([given] if isinstance(given, str) else list(given))
    }
    columns = ", ".join(f'{expression} AS "{name}"' for name, expression in wanted.items())
    with duckdb.connect() as engine:
        made = engine.register("t", table).sql(f"SELECT {columns} FROM t").to_arrow_table()
    return list(made.to_pylist())


def _flat(row: dict[str, Any]) -> dict[str, str | None]:
    pages = {f"page.{name}": value for name, value in (row.get("page") or {}).items()}
    return {name: value or None for name, value in ({**row, **pages}).items() if name != "page"}


@pytest.mark.parametrize(
    ("file", "verbs"),
    [
        ("web.jsonl.gz", {"view", "submit", "register", "download", "purchase"}),
        ("social.csv", {"create", "announce", "like", "follow"}),
        ("community.csv", {"question", "create", "review"}),
        ("mail.tsv", {"send", "open", "click", "unsubscribe"}),
        ("crm.csv", {"call", "meet"}),
    ],
)
def test_the_maps_make_known_verbs_and_true_identifiers_of_every_file(
    village: Village, file: str, verbs: set[str]
) -> None:
    rows = mapped(village, file)
    assert {row["verb0"] for row in rows} == verbs
    owned = {each for row in truth(village, "people") for each in row["identifiers"]}
    person = {row["touch"]: row["person"] for row in truth(village, "causes")}
    strangers = {row["actor0"] for row in rows if person.get(row["id0"], "company") != "company"} - owned
    assert strangers == set()
    claimed = {value for row in rows for name, value in row.items() if name.startswith("claims") and value}
    assert claimed <= owned


def test_the_maps_tell_won_deals_from_lost_and_open_ones(village: Village) -> None:
    rows = {row["id0"]: row for row in mapped(village, "deals.csv") if not row["id0"].startswith("x-")}
    states = {True: "won", False: "lost", None: "open"}
    assert {each: states[row["won0"]] for each, row in rows.items()} == {
        row["deal"]: row["state"] for row in truth(village, "deals")
    }
    assert {row["stage0"].lower() for row in rows.values()} >= {"closed won", "closed lost"}
    assert len(mapped(village, "spend.csv")) == village.rows["spend.csv"]


@pytest.mark.parametrize(("people", "days", "seed"), [(11, 90, 0), (200, 13, 0), (200, 90, -1)])
def test_what_cannot_be_built_is_refused_with_what_to_do(tmp_path: Path, people: int, days: int, seed: int) -> None:
    with pytest.raises(HedgerowError, match=r"(ask for|choose) \d+ or more\.$"):
        build(tmp_path, people, days, seed)
    assert not list(tmp_path.iterdir())
