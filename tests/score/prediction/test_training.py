"""Training: learned from the past alone, the same each time, explained to the last point, refused where too little."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from hedgerow.kit import HedgerowError
from hedgerow.score.prediction import Model, check, load, read, store, train
from hedgerow.score.prediction.learning.choosing import choose, weights
from hedgerow.score.prediction.learning.columns import Column
from hedgerow.score.prediction.learning.learners import Boosted, Examples, Linear
from hedgerow.score.prediction.learning.quality import Floats, area
from tests.conftest import real_data
from tests.score.prediction.histories import history

LEAKS = {"Tags", "Lead Quality", "Last Activity", "Last Notable Activity", "Lead Profile"}


@pytest.fixture(scope="module")
def model() -> Model:
    """A model of a made-up history."""
    return train(history(), "won", "number")


def test_probabilities_lie_within_0_and_1_and_sort_what_comes(model: Model) -> None:
    later = history(seed=2)
    said = model.predict(later)
    assert said.min() >= 0
    assert said.max() <= 1
    came = np.array(later["won"].to_pylist()) == "Yes"
    assert area(said, came.astype(float)) > 0.75
    assert abs(said.mean() - came.mean()) < 0.05


def test_reasons_sum_to_the_margin_and_name_what_matters(model: Model) -> None:
    rows = history(seed=3).slice(0, 100)
    points = model.contributions(rows)
    base, margin = points[:, -1], points.sum(axis=1)
    assert model.calibration(margin) == pytest.approx(model.predict(rows))
    for place, reasons in enumerate(model.reasons(rows, most=99)):
        assert base[place] + sum(each.points for each in reasons) == pytest.approx(margin[place])
        sizes = [abs(each.points) for each in reasons]
        assert sizes == sorted(sizes, reverse=True)
    first = [reasons[0].column for reasons in model.reasons(rows)]
    assert sum(name in ("visits", "channel") for name in first) > 80


def test_a_reason_says_the_value_and_what_it_does_to_the_odds(model: Model) -> None:
    rows = pa.table(
        {"visits": [9, None], "channel": ["referral", "Select"], "size": [50.0] * 2, "region": ["North"] * 2}
    )
    good, unknown = model.reasons(rows)
    said = {each.column: each for each in good}
    assert said["channel"].value == "“Referral”"
    assert said["channel"].points > 0
    assert said["visits"].says.startswith("visits is 9: it multiplies the odds by ")
    assert {each.value for each in unknown if each.column in ("visits", "channel")} == {"not stated"}


def test_the_same_examples_make_the_same_model_in_whatever_order_they_stand() -> None:
    table = history(rows=700)
    mixed = table.take(pa.array(np.random.default_rng(0).permutation(len(table))))
    assert msgspec.json.encode(train(table, "won", "number")) == msgspec.json.encode(train(mixed, "won", "number"))


def test_a_planted_leak_is_not_learned_from_unless_somebody_says_so() -> None:
    table = history(rows=800, plant={"tag": lambda random, came: np.where(came, "closed", "open").tolist()})
    honest, trusting = train(table, "won", "number"), train(table, "won", "number", trust=["tag"])
    assert [each.column for each in honest.suspects] == ["tag"]
    assert "tag" not in {each.name for each in honest.columns}
    assert "tag" in {each.name for each in trusting.columns}
    assert honest.quality.auc < 0.95 < trusting.quality.auc


def test_quality_is_from_newer_rows_alone() -> None:
    """What turns round in the newest fifth can't have been known: a split at random would not have noticed."""
    table = history(rows=3000)
    came = np.array(table["won"].to_pylist()) == "Yes"
    turned = np.where(np.arange(3000) >= 2400, ~came, came)
    found = train(table.drop_columns(["won"]).append_column("won", pa.array(turned)), "won", "number")
    assert found.training.split == 1000 + 2400
    assert found.quality.rows == 600
    assert found.quality.auc < 0.3


def test_outcomes_that_were_open_then_teach_nothing() -> None:
    """With a gap, the rows before an origin whose horizon reached past it are not known to who learns there."""
    seen: list[tuple[float, float]] = []

    class Watching(Boosted):
        strengths: tuple[float, ...] = (1,)

        def margins(self, examples: Examples, weight: Floats, later: Examples) -> Floats:
            seen.append((float(examples.at.max()), float(later.at.min())))
            return super().margins(examples, weight, later)

    random = np.random.default_rng(1)
    at = np.sort(random.integers(0, 1000, 800)).astype(float)
    choose(
        Watching(),
        Examples(
            (Column("size", "number"),), random.normal(0, 1, (800, 1)), (random.random(800) < 0.5).astype(float), at
        ),
        gap=100,
    )
    assert seen
    assert all(until < begin - 100 for until, begin in seen)


def test_older_examples_count_less_only_where_that_does_better() -> None:
    random = np.random.default_rng(7)
    matrix, at = random.normal(0, 1, (3000, 1)), np.arange(3000.0)
    steady = 2 * matrix[:, 0]
    turning = np.where(at < 1500, -1, 1) * steady
    columns = (Column("size", "number"),)
    halves = {}
    for name, margin in (("steady", steady), ("turning", turning)):
        came = (random.random(3000) < 1 / (1 + np.exp(-margin))).astype(float)
        halves[name] = choose(Linear(), Examples(columns, matrix, came, at)).half
    assert halves["turning"] == 0.15
    assert halves["steady"] != 0.15
    assert weights(np.array([0.0, 5.0, 10.0]), 0.5) == pytest.approx([0.25, 0.5, 1])


@pytest.mark.parametrize(
    ("rows", "change", "sentence"),
    [
        (200, lambda t: t, "too little history to predict from: .* rows with the outcome and .* where 100"),
        (1500, lambda t: t.set_column(5, "won", [["No"] * 1500]), "0 rows with the outcome and 1,500 without"),
        (1500, lambda t: t.set_column(5, "won", [["maybe"] * 1500]), "says 'maybe'"),
        (1500, lambda t: t.set_column(5, "won", [pa.nulls(1500, pa.string())]), "history to predict from: no row says"),
        (1500, lambda t: t.set_column(0, "number", [[1] * 1500]), "too little history"),
        (1500, lambda t: t.set_column(0, "number", [["x"] * 1500]), "no column of times"),
        (1500, lambda t: t.drop_columns(["number"]), "no column 'number'"),
        (1500, lambda t: t.select(["number", "won"]), "No column is left to learn from"),
        (1500, lambda t: t.append_column("size", t["size"]), "two columns 'size'"),
    ],
)  # fmt: skip
def test_what_can_not_be_learned_from_is_refused_with_what_to_do(rows: int, change: object, sentence: str) -> None:
    with pytest.raises(HedgerowError, match=sentence) as refusal:
        train(change(history(rows=rows)), "won", "number")  # type: ignore[operator]
    assert refusal.value.sentence.endswith((".", "?"))


def test_outcomes_of_the_newest_rows_alone_are_too_little() -> None:
    table = history(rows=2000)
    late = [("Yes" if n % 3 else "No") if n > 1700 else "No" for n in range(2000)]
    with pytest.raises(HedgerowError, match="of the oldest third of the rows, only 0"):
        train(table.set_column(5, "won", [late]), "won", "number")


def test_rows_that_are_still_open_are_not_learned_from() -> None:
    table = history(rows=700)
    grown = pa.concat_tables([table, table.slice(0, 300).set_column(5, "won", [pa.nulls(300, pa.string())])])
    assert train(grown, "won", "number").training == train(table, "won", "number").training


def test_a_model_file_is_read_back_whole(model: Model, tmp_path: Path) -> None:
    store(model, tmp_path / "models" / "prediction-1.json")
    again = load(tmp_path / "models" / "prediction-1.json")
    assert again == model
    assert again.predict(history(seed=5)).tolist() == model.predict(history(seed=5)).tolist()
    assert again.training.digest == model.training.digest


def test_a_model_file_of_a_newer_program_or_none_at_all_is_refused(model: Model, tmp_path: Path) -> None:
    file = tmp_path / "prediction-1.json"
    store(msgspec.structs.replace(model, format=2), file)
    with pytest.raises(HedgerowError, match=r"written by a newer Hedgerow \(format 2\)"):
        load(file)
    for text in (b"", b"{", b"[]", b'{"format": 1}', b"\xff"):
        file.write_bytes(text)
        with pytest.raises(HedgerowError, match="can't be read as a model"):
            load(file)


def test_a_file_is_checked_whatever_it_is_kept_as(tmp_path: Path) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    table = history(rows=800, plant={"tag": lambda random, came: np.where(came, "won", "lost").tolist()})
    pyarrow.csv.write_csv(table, tmp_path / "leads.csv")
    pyarrow.parquet.write_table(table, tmp_path / "leads.parquet")
    found = [check(read(tmp_path / name), "won", "number") for name in ("leads.csv", "leads.parquet")]
    assert found[0].suspects == found[1].suspects
    assert found[0].model
    assert found[0].model.quality == found[1].model.quality  # type: ignore[union-attr]
    few = check(table.slice(0, 150), "won", "number")
    assert few.model is None
    assert "too little history" in few.refused
    assert [each.column for each in few.suspects] == ["tag"]


def test_ages_count_to_each_rows_own_time() -> None:
    random, table = np.random.default_rng(1), history()
    at = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(len(table))]
    came = np.array(table["won"].to_pylist()) == "Yes"
    first = [when - timedelta(days=float(random.gamma(4 if c else 2))) for when, c in zip(at, came, strict=True)]
    timed = table.append_column("at", [at]).append_column("first_seen", [first])
    made = train(timed, "won", "at", leave_out=["number", "visits", "channel"], gap=86_400e6)
    assert made.training.in_time
    assert made.quality.auc > 0.65
    assert made.reasons(timed.slice(0, 1))[0][0].value.endswith(" days before")


def test_on_the_leads_of_a_course_seller_the_leaks_are_named_and_the_newer_predicted() -> None:
    found = check(read(real_data("leads/x_education_oldest80.csv.gz")), "Converted", "Lead Number")
    assert {each.column for each in found.suspects} == LEAKS
    assert found.model
    boosted, linear = (each.quality for each in found.model.tried)
    assert boosted.auc >= 0.905
    assert boosted.auc >= linear.auc + 0.04
    assert boosted.log_loss < linear.log_loss
    assert boosted.ece <= 0.031
    assert boosted.tenths[0].lift > 2.2
