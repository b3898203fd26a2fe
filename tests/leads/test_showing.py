"""Showing: a day, a board, a story and audiences, as pages and commands ask for them."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedgerow import leads
from hedgerow.cli import build
from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import now
from hedgerow.ledger import Touch, Workspace, create_workspace, open_workspace
from tests.leads.market import CHARTER, Market

ANN, BOB, CAT = (f"email:{name}@acme.example" for name in ("ann", "bob", "cat"))


@pytest.fixture
def market(workspace: Workspace) -> Market:
    made = Market(workspace)
    made.does(ANN, "view", title="Quiet nights", ago=timedelta(days=2), properties='{"role": "Head of IT"}')
    made.does(ANN, "create", text="Who keeps the pager? =1+1", channel="Forum", ago=timedelta(days=1))
    made.does(BOB, "submit", object="newsletter").does(CAT, "submit", object="newsletter")
    return made.asks(ANN).turn(minutes=1)


def test_a_day_shows_what_waits_and_what_is_late(market: Market) -> None:
    with market.clock():
        rows = leads.today(market.workspace, "felix@copperkettle.example").to_pylist()
    assert [(r["identifier"], r["stage"], r["offered"], r["late"]) for r in rows] == [(ANN, "passed", True, False)]
    assert rows[0]["next_step"] == "'answer': until it is accepted or it is sent back by its owner"


def test_the_board_has_every_stage_in_order(market: Market) -> None:
    with market.clock():
        rows = leads.board(market.workspace).to_pylist()
    assert [row["stage"] for row in rows][:4] == ["known", "nurture", "recycled", "passed"]
    assert {row["stage"]: row["leads"] for row in rows if row["leads"]} == {"known": 2, "passed": 1}


def test_health_counts_the_clocks_that_ran_out(market: Market) -> None:
    market.turn(days=4)
    with market.clock():
        rows = leads.health(market.workspace).to_pylist()
    assert [(r["stage"], r["team"], r["rule"], r["verb"], r["count"]) for r in rows] == [
        ("passed", "sales", "answer", "progress", 1)
    ]


def test_a_story_says_who_what_and_why_each_with_its_touch(market: Market) -> None:
    with market.clock():
        lines = leads.story(market.workspace, ANN)
        note = leads.introduction(market.workspace, ANN)
    said = {line.part: line.text for line in lines}
    assert said["said"] == "“Who keeps the pager? =1+1” (Forum)"
    assert said["read"] == "saw a page, a video or an advertisement: Quiet nights"
    assert said["did"] == "filled in a form: demo"
    assert said["why"].startswith("It came to 'passed' by 'qualified', since")
    ids = market.workspace.engine.sql("SELECT touch_id FROM touches")["touch_id"].to_pylist()
    assert {line.touch_id for line in lines} <= set(ids)
    assert "Why now" in note
    assert "role: Head of IT" in note


def test_a_story_knows_nothing_that_came_later(market: Market) -> None:
    until = market.now
    market.does(ANN, "create", text="Later").turn(days=1)
    with market.clock():
        assert "Later" in leads.introduction(market.workspace, ANN)
        assert "Later" not in leads.introduction(market.workspace, ANN, until - timedelta(seconds=1))


def test_whoever_opts_out_is_left_out_and_shown_with_the_rule(market: Market) -> None:
    market.does(BOB, "unsubscribe").turn(minutes=1)
    with market.clock():
        listed = leads.audience(market.workspace, "outreach")
        assert len(listed.members) == 0
        listed = leads.audience(market.workspace, "newsletter")
    assert listed.members["identifier"].to_pylist() == [CAT]
    assert leads.audiences(market.workspace).to_pylist()[0] == {"name": "newsletter", "meant": 1, "inside": 1}
    market.does(CAT, "submit", object="newsletter").turn(minutes=1)
    with market.clock():
        leads.restrict(market.workspace, CAT, "user:felix", taken_out=True)
    market.turn(minutes=1)
    left = leads.audience(market.workspace, "newsletter").left_out.to_pylist()
    assert [(row["identifier"], row["rules"]) for row in left] == [(CAT, ["taken_out"])]
    assert left[0]["why"] == "it is taken out of audiences by sales"


def test_whoever_was_sent_enough_is_left_out_by_the_cap(tmp_path: Path) -> None:
    create_workspace(tmp_path / "w", "Test").close()
    settings = tmp_path / "w" / "hedgerow.toml"
    settings.write_text(settings.read_text("utf-8") + "[audiences]\nmost = 2\ndays = 7\n", "utf-8")
    market = Market(open_workspace(tmp_path / "w"))
    market.does(BOB, "submit", object="newsletter").does(CAT, "submit", object="newsletter")
    for days in (1, 3):
        market.does(BOB, "send", ago=timedelta(days=days))
    market.does(CAT, "send", ago=timedelta(days=1)).does(CAT, "send", ago=timedelta(days=9)).turn(minutes=1)
    with market.clock():
        listed = leads.audience(market.workspace, "newsletter")
    assert listed.members["identifier"].to_pylist() == [CAT]
    assert listed.left_out["rules"].to_pylist() == [[leads.CAP]]
    market.workspace.close()


def test_an_audience_is_a_file_that_no_spreadsheet_runs(market: Market) -> None:
    market.does("email:=cmd@acme.example", "submit", object="newsletter").turn(minutes=1)
    with market.clock():
        text = leads.audience(market.workspace, "newsletter").to_csv().decode("utf-8")
    mails = [row["email"] for row in csv.DictReader(io.StringIO(text))]
    assert sorted(mails) == ["'=cmd@acme.example", "bob@acme.example", "cat@acme.example"]


def test_an_unknown_audience_is_refused_with_the_nearest(market: Market) -> None:
    with pytest.raises(HedgerowError, match="Did you mean 'newsletter'"):
        leads.audience(market.workspace, "newsleter")


def test_the_command_line_signs_lists_answers_and_exports(tmp_path: Path) -> None:
    run, folder, file = CliRunner(), tmp_path / "w", tmp_path / "charter.yaml"
    workspace = create_workspace(folder, "Test")
    file.write_text(CHARTER, "utf-8")

    def say(*words: object) -> str:
        found = run.invoke(build(), [str(word) for word in (*words, "--workspace", folder)])
        assert found.exit_code == 0, found.output + str(found.exception)
        return found.output.replace("\n", " ")

    assert "is in force" in say("charter", "sign", file)
    for who, form in ((ANN, "demo"), (BOB, "newsletter")):
        workspace.inbox.accept([Touch(occurred_at=now(), source="web", verb="submit", actor=who, object=form)])
    assert "passed" in say("leads", "list")
    assert "in 'working'" in say("leads", "accept", ANN)
    assert "in 'recycled'" in say("leads", "recycle", ANN, "--reason", "next year", "--wake", "2099-01-01")
    assert "next year" in say("leads", "show", ANN)
    assert "1 are in it" in say("audience", "newsletter", "--export", tmp_path / "list.csv")
    assert "bob@acme.example" in (tmp_path / "list.csv").read_text("utf-8")
    assert "outreach" in say("audience")
    workspace.close()
