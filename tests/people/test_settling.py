"""Settling: laws of who is who, against a graph gone through by hand."""

from collections import defaultdict
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.people.clusters import Graph, Settled, settle
from hedgerow.people.decisions import Apart
from hedgerow.people.kinds import Law

KINDS = ((Law.SHARED, 0), (Law.DEVICE, 1), (Law.SEVERAL, 2), (Law.UNIQUE, 3), (Law.UNIQUE, 4))


@st.composite
def graphs(draw: Any) -> Graph:
    """Small graphs of all kinds of identifiers, with evidence, what people said, and who is apart."""
    count = draw(st.integers(1, 12))
    laws = [draw(st.sampled_from(KINDS)) for _ in range(count)]
    node = st.integers(0, count - 1)
    pairs = (
        st.lists(st.tuples(node, node).filter(lambda pair: pair[0] != pair[1]), max_size=18)
        if count > 1
        else st.just([])
    )
    edges, sure = draw(pairs), draw(pairs)[:2]
    sure = [(a, b) for a, b in sure if laws[a][0] and laws[b][0]]
    apart = []
    if count > 2 and draw(st.booleans()):
        sides = draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
        codes = [code for code in range(count) if sides[code] < 2]
        if len({sides[code] for code in codes}) == 2:
            apart = [Apart(np.array(codes), np.array([sides[code] for code in codes]))]
    return Graph(
        np.array([law for law, _ in laws], np.int8), np.array([kind for _, kind in laws], np.int32),
        np.array([a for a, _ in edges], np.int32), np.array([b for _, b in edges], np.int32),
        np.array([a for a, _ in sure], np.int64), np.array([b for _, b in sure], np.int64), apart,
    )  # fmt: skip


def _in_force(graph: Graph, said: Settled) -> list[tuple[int, int]]:
    """The evidence that is in force: no end is many people's, and it is not refused."""
    refused = set(zip(said.refused_a.tolist(), said.refused_b.tolist(), strict=True))
    force = [
        (a, b)
        for a, b in zip(graph.a.tolist(), graph.b.tolist(), strict=True)
        if graph.law[a] and graph.law[b] and not said.shared[a] and not said.shared[b] and (a, b) not in refused
    ]
    return [*force, *zip(graph.sure_a.tolist(), graph.sure_b.tolist(), strict=True)]


def _reached(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """The smallest vertex of each one's component, by going through the edges until nothing changes."""
    label, before = list(range(count)), None
    while label != before:
        before = label.copy()
        for a, b in edges:
            label[a] = label[b] = min(label[a], label[b])
    return label


@given(graphs())
def test_people_are_the_components_of_the_evidence_in_force(graph: Graph) -> None:
    said = settle(graph)
    assert said.person.tolist() == _reached(len(graph.law), _in_force(graph, said))


@given(graphs())
def test_two_with_different_identifiers_of_a_unique_kind_are_one_only_where_people_said_so(graph: Graph) -> None:
    said = settle(graph)
    sure = _reached(len(graph.law), list(zip(graph.sure_a.tolist(), graph.sure_b.tolist(), strict=True)))
    held: dict[tuple[int, int], set[int]] = defaultdict(set)
    for code in np.flatnonzero(graph.law == Law.UNIQUE).tolist():
        held[int(said.person[code]), int(graph.kind[code])].add(sure[code])
    assert all(len(people) == 1 for people in held.values())


@given(graphs())
def test_those_said_to_be_apart_are_apart_unless_people_said_they_are_one(graph: Graph) -> None:
    said = settle(graph)
    sure = _reached(len(graph.law), list(zip(graph.sure_a.tolist(), graph.sure_b.tolist(), strict=True)))
    for each in graph.apart:
        sides: dict[int, set[int]] = defaultdict(set)
        for code, side in zip(each.code.tolist(), each.side.tolist(), strict=True):
            sides[sure[code]].add(side)
        clear = [
            (c, s) for c, s in zip(each.code.tolist(), each.side.tolist(), strict=True) if len(sides[sure[c]]) == 1
        ]
        left = {int(said.person[code]) for code, side in clear if side == 0}
        right = {int(said.person[code]) for code, side in clear if side == 1}
        assert not left & right


@given(graphs(), st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_repetition_of_evidence_matters(graph: Graph, random: Any) -> None:
    order = list(range(len(graph.a)))
    random.shuffle(order)
    again = np.array([*order, *order[: len(order) // 2]], int)
    mixed = Graph(graph.law, graph.kind, graph.b[again], graph.a[again], graph.sure_b, graph.sure_a, graph.apart)
    assert settle(mixed).person.tolist() == settle(graph).person.tolist()
    assert settle(mixed).shared.tolist() == settle(graph).shared.tolist()


@given(graphs(), st.data())
def test_the_names_of_identifiers_do_not_matter(graph: Graph, data: Any) -> None:
    count = len(graph.law)
    name = np.array(data.draw(st.permutations(range(count))))
    law, kind = np.empty_like(graph.law), np.empty_like(graph.kind)
    law[name], kind[name] = graph.law, graph.kind
    apart = [Apart(name[each.code], each.side) for each in graph.apart]
    renamed = settle(Graph(law, kind, name[graph.a].astype(np.int32), name[graph.b].astype(np.int32),
                           name[graph.sure_a], name[graph.sure_b], apart))  # fmt: skip
    plain = settle(graph)
    together = plain.person[:, None] == plain.person[None, :]
    assert (together == (renamed.person[name][:, None] == renamed.person[name][None, :])).all()
    assert (renamed.shared[name] == plain.shared).all()


@given(graphs())
def test_nobody_is_found_to_be_shared_without_two_people_to_share_them(graph: Graph) -> None:
    said = settle(graph)
    one = _reached(len(graph.law), list(zip(graph.sure_a.tolist(), graph.sure_b.tolist(), strict=True)))
    edges = list(zip(graph.a.tolist(), graph.b.tolist(), strict=True))
    for code in np.flatnonzero(said.shared).tolist():
        same = {other for other in range(len(one)) if one[other] == one[code]}
        neighbours = {b for a, b in edges if a in same} | {a for a, b in edges if b in same}
        assert len({int(said.person[each]) for each in neighbours - same}) > 1


def _graph(kinds: list[tuple[Law, int]], *edges: tuple[int, int]) -> Graph:
    none = np.zeros(0, np.int64)
    a, b = (np.array([edge[i] for edge in edges], np.int32) for i in range(2))
    laws, numbers = zip(*kinds, strict=True)
    return Graph(np.array(laws, np.int8), np.array(numbers, np.int32), a, b, none, none)


def test_a_chain_of_devices_between_two_people_goes_to_the_nearer_and_its_middle_to_nobody() -> None:
    mail, device = (Law.SEVERAL, 2), (Law.DEVICE, 1)
    said = settle(_graph([mail, device, device, device, mail], (0, 1), (1, 2), (2, 3), (3, 4)))
    assert said.person.tolist() == [0, 0, 2, 3, 3]
    assert np.flatnonzero(said.shared).tolist() == [2]


def test_a_chain_too_long_to_tell_ties_nobody_and_takes_no_time() -> None:
    count = 20_000
    kinds = [(Law.SEVERAL, 2), *[(Law.DEVICE, 1)] * (count - 2), (Law.SEVERAL, 2)]
    said = settle(_graph(kinds, *((place, place + 1) for place in range(count - 1))))
    assert said.person[0] != said.person[-1]


def test_ten_thousand_people_on_one_device_stay_ten_thousand() -> None:
    count = 10_000
    kinds = [(Law.DEVICE, 1), *[(Law.SEVERAL, 2)] * count]
    said = settle(_graph(kinds, *((0, place) for place in range(1, count + 1))))
    assert len(np.unique(said.person)) == count + 1
    assert np.flatnonzero(said.shared).tolist() == [0]
