"""Groups: who is joined with whom, by the average over all pairs, and what keeps them apart."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.people.matching.groups import FLOOR, Claims, Joined, grouped, join

Pairs = dict[tuple[int, int], float]
Said = dict[int, dict[str, frozenset[str]]]
PEOPLE = 8
PAIRS = st.dictionaries(
    st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(-12, 25).map(lambda bits: bits + 0.5),
    max_size=20,
)
CLAIMS = st.dictionaries(
    st.integers(0, PEOPLE - 1),
    st.dictionaries(
        st.sampled_from(["network:m", "verified_email"]), st.frozensets(st.sampled_from("xyz"), min_size=1)
    ),
)


def joined(pairs: Pairs, claims: Said | None = None, least: float = 0.0) -> Joined:
    a, b = np.array(list(pairs), np.int64).reshape(-1, 2).T
    return join(a, b, np.array(list(pairs.values())), stated(claims or {}), least)


def stated(claims: Said) -> Claims:
    rows = [(p, kind, value) for p, kinds in claims.items() for kind, values in kinds.items() for value in values]
    names = tuple(sorted({kind for _, kind, _ in rows}))
    codes = [[p, names.index(kind), "xyz".index(value)] for p, kind, value in rows]
    return Claims(names, *np.array(codes, np.int64).reshape(-1, 3).T)


def groups(pairs: Pairs, claims: Said | None = None, least: float = 0.0) -> list[int]:
    a, b = np.array(list(pairs), np.int64).reshape(-1, 2).T
    kept = ~np.isnan(joined(pairs, claims, least).support)
    found: list[int] = grouped(np.arange(PEOPLE), a[kept], b[kept]).tolist()
    return found


def test_a_likely_pair_is_joined_with_its_own_weight() -> None:
    assert joined({(0, 1): 7.5}).support.tolist() == [7.5]


def test_an_unlikely_pair_is_not() -> None:
    assert np.isnan(joined({(0, 1): -0.5}).support).all()


def test_a_third_follows_who_is_alike_on_average() -> None:
    assert joined({(0, 1): 9.0, (0, 2): 6.0, (1, 2): -2.0}).support.tolist() == [9.0, 2.0, 2.0]


def test_one_likely_pair_does_not_tie_two_groups_that_are_unlike() -> None:
    pairs = {(0, 1): 20.0, (2, 3): 20.0, (1, 2): 9.0}
    assert groups(pairs) == [0, 0, 2, 2, 4, 5, 6, 7]


def test_two_accounts_on_one_network_stay_two_people() -> None:
    claims = {0: {"network:m": frozenset("x")}, 1: {"network:m": frozenset("y")}}
    held = joined({(0, 1): 20.0}, claims)
    assert np.isnan(held.support).all()
    assert held.clash == {0: "network:m"}


def test_a_clash_reaches_through_those_who_are_joined() -> None:
    claims = {0: {"network:m": frozenset("x")}, 2: {"network:m": frozenset("y")}}
    held = joined({(0, 1): 20.0, (1, 2): 15.0}, claims)
    assert held.support[0] == 20.0
    assert held.clash == {1: "network:m"}


def test_one_account_on_one_network_is_no_clash() -> None:
    claims = {0: {"network:m": frozenset("xy")}, 1: {"network:m": frozenset("y")}}
    assert joined({(0, 1): 20.0}, claims).support.tolist() == [20.0]


def test_nobody_is_joined_with_nobody() -> None:
    assert groups({}) == list(range(PEOPLE))


@given(pairs=PAIRS, claims=CLAIMS)
def test_no_group_holds_a_clash(pairs: Pairs, claims: Said) -> None:
    found = groups(pairs, claims)
    for kind in ("network:m", "verified_email"):
        for group in set(found):
            said = [claims[p][kind] for p in range(PEOPLE) if found[p] == group and kind in claims.get(p, {})]
            # Each came with a value that somebody there already had.
            assert not said or len(grouped_values(said)) == 1


def grouped_values(said: list[frozenset[str]]) -> list[frozenset[str]]:
    together: list[frozenset[str]] = []
    for values in said:
        touching = [each for each in together if each & values]
        together = [each for each in together if not each & values] + [values.union(*touching)]
    return together


@given(pairs=PAIRS)
def test_what_is_joined_is_supported_on_average(pairs: Pairs) -> None:
    found = groups(pairs)
    for group in set(found):
        members = [p for p in range(PEOPLE) if found[p] == group]
        inside = [max(pairs.get((p, q), FLOOR), FLOOR) for p in members for q in members if p < q]
        assert not inside or np.mean(inside) >= 0


@given(pairs=PAIRS)
def test_a_higher_bar_only_splits(pairs: Pairs) -> None:
    low, high = groups(pairs, least=0.0), groups(pairs, least=5.0)
    assert all(low[p] == low[q] for p in range(PEOPLE) for q in range(PEOPLE) if high[p] == high[q])


@given(pairs=PAIRS, claims=CLAIMS)
def test_cutting_what_was_joined_low_leaves_what_was_joined_high(pairs: Pairs, claims: Said) -> None:
    deep = joined(pairs, claims, -4.0).support
    shallow = joined(pairs, claims, 3.0).support
    assert np.array_equal(np.where(deep >= 3.0, deep, np.nan), shallow, equal_nan=True)
