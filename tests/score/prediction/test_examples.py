"""Examples from the ledger: nothing known later is in a row, and nothing that a program did."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hedgerow import mill
from hedgerow.collect import import_file, load_map
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Touch, Workspace, create_workspace
from hedgerow.score.prediction import cuts, examples
from tests.score.prediction.markets import did, market, on, told

CUT = 60


def _rows(workspace: Workspace, *days: float) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = examples(workspace, [on(day) for day in days or (CUT,)], 30).to_pylist()
    return made


LATE = did("late", "view", 200, channel="Email")


def test_what_was_known_at_the_cut_is_counted_and_what_comes_is_the_outcome(workspace: Workspace) -> None:
    told(
        workspace,
        [
            did("ann", "view", 20, channel="Email"),
            did("ann", "submit", 55, channel="Paid Social", account="company:acme.example"),
            did("bob", "view", 59, channel="Email", account="company:acme.example"),
            did("ann", "purchase", 70, value=5, currency="EUR"),
            LATE,
        ],
    )
    ann, bob = _rows(workspace)
    assert (ann["converts"], bob["converts"]) == (True, False)
    assert (ann["touches_7_days"], ann["touches_30_days"], ann["touches_90_days"]) == (1, 1, 2)
    assert (ann["forms_90_days"], ann["days_since_form"]) == (1, pytest.approx(5))
    assert ann["first_channel_in_90"] == "Email"
    assert ann["email_90_days"] == ann["paid_social_90_days"] == 1
    assert (ann["account_people"], ann["others_of_account_30_days"]) == (2, 1)
    assert ann["has_email"]


def test_who_had_converted_or_did_nothing_for_long_has_no_row(workspace: Workspace) -> None:
    told(workspace, [did("ann", "view", 1), did("ann", "purchase", 50), did("bob", "view", 1), LATE])
    assert len(_rows(workspace)) == 1
    assert _rows(workspace, 95) == []


def test_a_horizon_that_is_not_over_by_the_newest_touch_is_open(workspace: Workspace) -> None:
    told(workspace, [did("ann", "view", 50), did("bob", "view", 80)])
    assert [row["converts"] for row in _rows(workspace)] == [None]


def test_nothing_that_comes_later_changes_what_a_row_says(workspace: Workspace) -> None:
    base = [did("ann", "view", 50, channel="Email"), did("bob", "view", 55), LATE]
    told(workspace, base)
    before = _rows(workspace)
    told(
        workspace,
        [
            did("ann", "view", 61, channel="Organic Search", claims=("crm:1", "anonymous:a")),
            did("anonymous:a", "submit", 62),
            did("ann", "view", 63, account="company:acme.example"),
            did("bob", "purchase", 95),
        ],
    )
    assert _rows(workspace) == before


def test_what_occurred_before_the_cut_and_was_received_after_it_was_not_known(workspace: Workspace) -> None:
    told(workspace, [did("ann", "view", 50, channel="Email"), LATE])
    before = _rows(workspace)
    told(workspace, [did("ann", "submit", 58), did("zoe", "view", 58)], day=65)
    assert _rows(workspace) == before
    assert len(_rows(workspace, 66)) == 2


def test_who_they_turned_out_to_be_when_they_bought_was_not_known(workspace: Workspace) -> None:
    """Only who buys says who they are: their visits as nobody must not look like those of somebody known."""
    told(
        workspace,
        [
            did("anonymous:a", "view", 50, channel="Email"),
            did("anonymous:b", "view", 50, channel="Email"),
            did("crm:1", "call", 40),
            did("anonymous:a", "purchase", 70, claims=("email:ann@example.org", "crm:1")),
            LATE,
        ],
    )
    rows = _rows(workspace)
    assert sorted(row["converts"] for row in rows) == [False, True, True]
    known = ("touches_90_days", "has_email", "identifiers", "days_since_touch", "email_90_days")
    mine, other = ([row[name] for name in known] for row in rows if row["email_90_days"])
    assert mine == other == [1, False, 1, pytest.approx(10), 1]


def test_what_a_program_did_is_not_counted(workspace: Workspace) -> None:
    robot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    told(
        workspace,
        [
            did("ann", "view", 50),
            did("ann", "view", 51, user_agent=robot),
            did("bob", "view", 51, user_agent=robot),
            LATE,
        ],
    )
    assert [row["touches_90_days"] for row in _rows(workspace)] == [1]


def test_whatever_order_touches_arrive_in_the_rows_are_the_same(tmp_path: Path) -> None:
    touches = market(people=60, days=150)
    made = []
    for name, order in (("one", touches), ("other", touches[::-1])):
        workspace = create_workspace(tmp_path / name, name)
        told(workspace, order)
        rows = examples(workspace, [on(60), on(90)], 30).drop_columns(["person"]).to_pylist()
        made.append(sorted(map(str, rows)))
        workspace.close()
    assert made[0] == made[1]
    assert len(made[0]) > 30


_MAP = """source = "forms"
[[touch]]
occurred_at = "at"
verb = "'submit'"
actor = "'email:' || who"
[touch.fields]
seats = "seats"
"""


def test_declared_fields_are_as_they_were_last_stated_before_the_cut(tmp_path: Path) -> None:
    create_workspace(tmp_path / "w", "Test").close()
    with (tmp_path / "w" / "hedgerow.toml").open("a") as settings:
        settings.write('[fields]\nseats = "integer"\n')
    workspace = create_workspace(tmp_path / "w", "Test")
    rows = [("ann", 50, "5"), ("ann", 55, "7"), ("ann", 57, ""), ("ann", 61, "90"), ("bob", 50, ""), ("late", 200, "1")]
    lines = [f"{who},{on(day).isoformat()},{seats}" for who, day, seats in rows]
    (tmp_path / "forms.csv").write_text("\n".join(["who,at,seats", *lines]))
    (tmp_path / "forms.toml").write_text(_MAP)
    import_file(workspace, "touch", tmp_path / "forms.csv", load_map(tmp_path / "forms.toml"))
    mill.turn(workspace)
    assert sorted(str(row["seats"]) for row in _rows(workspace)) == ["7", "None"]
    workspace.close()


def test_cuts_are_a_horizon_apart_and_over_so_that_each_outcome_is_in_one(workspace: Workspace) -> None:
    assert cuts(workspace, 30, on(400)) == []
    told(workspace, [did("ann", "view", 1), did("bob", "view", 200)])
    found = cuts(workspace, 30, on(400))
    assert all((later - earlier).days == 30 for earlier, later in pairwise(found))
    assert on(31) <= found[0] <= on(61)
    assert on(140) <= found[-1] <= on(170)
    assert cuts(workspace, 30, on(120))[-1] <= on(90)
    with pytest.raises(HedgerowError, match="horizon of 0 days"):
        cuts(workspace, 0, on(400))


def test_an_empty_ledger_has_no_rows_of_the_same_columns(workspace: Workspace) -> None:
    empty = examples(workspace, [on(CUT)], 30)
    assert len(empty) == 0
    assert examples(workspace, [], 30).schema == empty.schema
    told(workspace, [Touch(occurred_at=on(50), source="s", verb="view", actor="email:a@b.c")])
    assert examples(workspace, [on(CUT)], 30).schema == empty.schema
