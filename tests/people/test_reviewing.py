"""Reviewing: the question that tells most comes first, and none is asked twice."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.kit import HedgerowError
from hedgerow.people.matching import ANSWERS, Review, review
from hedgerow.people.matching.proposals import PAIRS

Pair = tuple[int, int]
PEOPLE = 7
ENDS = st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)).filter(lambda pair: pair[0] != pair[1])
PROPOSED = st.dictionaries(
    ENDS.filter(lambda pair: pair[0] < pair[1]),
    st.tuples(st.floats(-4, 12), st.sampled_from(["review", "accepted", "clash"])),
    max_size=12,
)
ANSWERED = st.lists(st.tuples(ENDS, st.booleans(), st.floats(-4, 12)), max_size=12)


def asked(proposed: dict[Pair, tuple[float, str]], answered: list[tuple[Pair, bool, float]] | None = None) -> Review:
    pairs = [(a, b, bits, 1 / (1 + 2**-bits), bits, said, "") for (a, b), (bits, said) in proposed.items()]
    rows = [(a, b, same, support) for (a, b), same, support in answered or []]
    return review(rowed(pairs, PAIRS), rowed(rows, ANSWERS))


def rowed(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


def ends(table: pa.Table) -> list[Pair]:
    return [(row["a"], row["b"]) for row in table.to_pylist()]


def test_the_pair_in_most_doubt_comes_first() -> None:
    assert ends(asked({(0, 1): (6.0, "review"), (2, 3): (0.2, "review"), (4, 5): (-3.0, "review")}).queue)[0] == (2, 3)


def test_a_question_that_settles_more_comes_first() -> None:
    held = asked({(0, 1): (0.5, "review"), (2, 3): (0.5, "review"), (3, 4): (9.0, "accepted")}).queue
    assert ends(held) == [(2, 3), (0, 1)]
    assert held["settles"].to_pylist() == [2, 1]


def test_of_two_groups_the_likeliest_pair_is_asked() -> None:
    proposed = {(0, 2): (1.0, "review"), (1, 2): (2.0, "review"), (0, 1): (9.0, "accepted")}
    assert ends(asked(proposed).queue) == [(1, 2)]


def test_what_follows_from_answers_is_not_asked() -> None:
    proposed = {(0, 2): (1.0, "review"), (1, 3): (1.0, "review")}
    assert ends(asked(proposed, [((0, 1), True, 3.0), ((2, 1), True, 3.0)]).queue) == [(1, 3)]
    assert ends(asked(proposed, [((0, 1), True, 3.0), ((1, 2), False, 3.0)]).queue) == [(1, 3)]


def test_a_changed_mind_holds() -> None:
    held = asked({(0, 1): (1.0, "review")}, [((0, 1), False, 1.0), ((1, 0), True, 1.0)])
    assert (len(held.apart), len(held.taught.answers)) == (0, 1)
    assert held.taught.answers[0].same


def test_two_accounts_on_one_network_are_no_question() -> None:
    assert len(asked({(0, 1): (9.0, "clash")}).queue) == 0


def test_answers_that_say_no_make_yes_less_likely_and_yes_more() -> None:
    proposed = {(0, 1): (2.0, "review")}
    no, yes = ([((n + 2, n + 3), same, 2.0) for n in range(4)] for same in (False, True))
    low, plain, high = (asked(proposed, said).queue["probability"][0].as_py() for said in (no, [], yes))
    assert low < plain < high


def test_a_clean_record_lowers_the_bar_and_a_bad_one_raises_it() -> None:
    proposed = {(0, n): (float(bits), "review") for n, bits in enumerate(range(-3, 12), 1)}
    bars = [
        asked(proposed, [((100 + n, 500 + n), same, float(n % 12)) for n in range(200)]).bar for same in (True, False)
    ]
    assert bars[0] < asked(proposed).bar < bars[1]


def test_nobody_is_compared_with_themselves() -> None:
    with pytest.raises(HedgerowError, match="answer about two people"):
        asked({}, [((3, 3), True, 1.0)])


@given(proposed=PROPOSED, answered=ANSWERED)
def test_what_is_answered_is_never_asked_again(
    proposed: dict[Pair, tuple[float, str]], answered: list[tuple[Pair, bool, float]]
) -> None:
    held = asked(proposed, answered)
    said = {(min(pair), max(pair)): same for pair, same, _ in answered}
    assert not set(ends(held.queue)) & said.keys()
    assert sorted(ends(held.apart)) == sorted(pair for pair, same in said.items() if not same)
    assert {proposed[pair][1] for pair in ends(held.queue)} <= {"review"}
    gain = held.queue["gain"].to_numpy()
    assert (np.diff(gain) <= 0).all()


@given(proposed=PROPOSED, answered=ANSWERED)
def test_the_order_of_proposals_makes_no_difference(
    proposed: dict[Pair, tuple[float, str]], answered: list[tuple[Pair, bool, float]]
) -> None:
    again = asked(dict(reversed(proposed.items())), answered)
    assert again.queue.equals(asked(proposed, answered).queue)
