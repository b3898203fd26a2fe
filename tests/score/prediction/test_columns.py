"""Columns: what they are taken for, how dirty values become clean ones, and what is refused."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from hedgerow.kit import HedgerowError
from hedgerow.score.prediction.learning.columns import Column, encode, learn


def _learned(**columns: Sequence[object]) -> tuple[dict[str, Column], dict[str, str]]:
    table = pa.table({"n": list(range(len(next(iter(columns.values()))))), **columns})
    known, left = learn(table, columns, "n")
    return {each.name: each for each in known}, {each.name: each.why for each in left}


def test_spellings_are_one_category_and_selects_word_for_nothing_is_nothing() -> None:
    rows = ["Google"] * 20 + ["google "] * 11 + ["GOOGLE"] * 2 + ["Select"] * 15 + ["Direct  Traffic"] * 12 + [None] * 5
    known, _ = _learned(source=rows)
    assert known["source"].categories == ("Direct  Traffic", "Google")
    code = encode(known.values(), pa.table({"source": ["gOOgle", "select", "direct traffic", None, ""]}), "n")[:, 0]
    assert np.array_equal(code, [1, np.nan, 0, np.nan, np.nan], equal_nan=True)


def test_values_of_few_rows_are_one_and_their_words_are_never_kept() -> None:
    known, _ = _learned(source=["a"] * 30 + ["b"] * 30 + ["ann@example.org"] * 9)
    assert known["source"].categories == ("a", "b", "(other)")
    code = encode(known.values(), pa.table({"source": ["ann@example.org", "never seen", None]}), "n")[:, 0]
    assert np.array_equal(code, [2, 2, np.nan], equal_nan=True)


def test_what_names_the_row_or_says_the_same_everywhere_is_left_out() -> None:
    _, left = _learned(
        key=[f"k{n}" for n in range(200)], number=[n * 3 for n in range(200)], same=["No"] * 200, empty=[None] * 200,
        lists=[[1]] * 100 + [[2]] * 100,
    )  # fmt: skip
    assert set(left) == {"key", "number", "same", "empty", "lists"}
    assert "names the row" in left["key"]
    assert "numbers the rows" in left["number"]


def test_one_value_or_nothing_is_a_column_of_its_own() -> None:
    known, left = _learned(ticked=["yes"] * 50 + [None] * 50)
    assert known["ticked"].categories == ("yes",)
    assert not left


def test_a_time_is_an_age_in_days_before_the_row() -> None:
    at = [datetime(2026, 5, 1, tzinfo=UTC)] * 20
    table = pa.table({"at": at, "first": [each - timedelta(days=n, hours=12) for n, each in enumerate(at)]})
    known, _ = learn(table, ["first"], "at")
    assert encode(known, table, "at")[:, 0].tolist() == [n + 0.5 for n in range(20)]


def test_rows_without_a_column_or_with_words_for_numbers_are_refused_by_name() -> None:
    known, _ = _learned(visits=[1, 2, 3, 2, 1])
    for table in (pa.table({"other": [1]}), pa.table({"visits": ["many"]})):
        with pytest.raises(HedgerowError, match="'visits'"):
            encode(known.values(), table, "n")


def test_shares_are_the_distribution_it_was_learned_with() -> None:
    known, _ = _learned(size=[float(n % 10) for n in range(200)] + [None] * 50, kind=["a"] * 150 + ["b"] * 100)
    assert sum(known["size"].shares) == pytest.approx(1)
    assert known["size"].shares[-1] == pytest.approx(0.2)
    assert [each for each in known["kind"].shares if each] == pytest.approx([0.6, 0.4])
