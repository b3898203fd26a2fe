"""Proposals: who may be one person, with reasons, on people whose truth is known."""

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from bench.matching import read_fake, read_febrl, scores

from hedgerow.kit import HedgerowError
from hedgerow.people.matching import Answer, Proposals, learned, linked_back, propose
from hedgerow.people.matching.scoring import blocking
from tests.conftest import real_data

FIRST = "Ann Ben Cleo Dan Eve Finn Gus Hana Ivo Jude Kim Lea Max Nils Olga Pia Quin Rosa Sven Tara"
LAST = "Adler Blake Castro Dyck Ebert Falk Grubb Hirota Ingram Jansen Keller Lorenz Musolino Nowak Otto Prior"
TOWNS = "Leeds York Bath Derby Truro"


def townsfolk(count: int = 240) -> list[dict[str, Any]]:
    """Return `count` people, and of every third of them a second profile under another spelling."""
    chance = np.random.default_rng(5)
    people: list[dict[str, Any]] = []
    for number in range(count):
        first, last = chance.choice(FIRST.split()), chance.choice(LAST.split())
        born = f"19{chance.integers(50, 99)}-0{chance.integers(1, 9)}-1{chance.integers(0, 9)}"
        mail = f"{first}.{last}{chance.integers(10, 99)}@mail{chance.integers(1, 9)}.example".lower()
        one = {
            "given_name": first,
            "surname": last,
            "birth_date": born,
            "email": mail,
            "place": chance.choice(TOWNS.split()),
        }
        people.append(one | {"truth": number})
        if number % 3 == 0:
            people.append(one | {"surname": last[:-1], "place": None, "email": None, "truth": number})
    return [person | {"person": place} for place, person in enumerate(people)]


def table(people: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{k: v for k, v in person.items() if k != "truth"} for person in people])


@pytest.fixture(scope="module")
def folk() -> list[dict[str, Any]]:
    return townsfolk()


@pytest.fixture(scope="module")
def found(folk: list[dict[str, Any]]) -> Proposals:
    return propose(table(folk))


def test_most_second_profiles_are_found_and_hardly_a_stranger(found: Proposals, folk: list[dict[str, Any]]) -> None:
    precision, recall, _ = scores(found.groups["group"].to_numpy(), np.array([person["truth"] for person in folk]))
    assert precision >= 0.98
    assert recall >= 0.95


def test_reasons_sum_to_the_weight(found: Proposals) -> None:
    bits: dict[tuple[int, int], float] = {}
    for row in found.waterfall.to_pylist():
        bits[row["a"], row["b"]] = bits.get((row["a"], row["b"]), 0.0) + row["bits"]
    assert len(bits) == len(found.pairs)
    for pair in found.pairs.to_pylist():
        assert bits[pair["a"], pair["b"]] == pytest.approx(pair["weight"])
        assert pair["probability"] == pytest.approx(1 / (1 + 2 ** -pair["weight"]))


def test_every_reason_is_a_sentence(found: Proposals) -> None:
    assert all(row["says"].endswith(".") for row in found.waterfall.to_pylist())
    assert all(pair["reason"].endswith((".", "say which.", "say whether.")) for pair in found.pairs.to_pylist())
    assert set(found.pairs["decision"].to_pylist()) <= {"accepted", "review", "clash"}


def test_rare_names_weigh_more(found: Proposals) -> None:
    rarity = [row["rarity"] for row in found.waterfall.to_pylist() if row["comparison"] == "given_name"]
    assert min(rarity) < 0 < max(rarity)


def test_the_same_people_give_the_same_proposals(found: Proposals, folk: list[dict[str, Any]]) -> None:
    again = propose(table(folk[::-1]))
    assert again.groups.equals(found.groups)
    assert again.pairs["decision"].equals(found.pairs["decision"])
    assert np.allclose(again.pairs["weight"].to_numpy(), found.pairs["weight"].to_numpy(), atol=1e-6)


def test_keys_bring_together_who_belongs_together(
    found: Proposals, folk: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocking, "LEAST_PAIRS", 1000)
    monkeypatch.setattr(blocking, "PAIRS_A_PERSON", 5)
    monkeypatch.setattr(blocking, "BLOCK_SIZES", (2, 4, 8))
    held = propose(table(folk))
    assert held.block in (2, 4, 8)
    assert held.compared < found.compared / 10
    truth = np.array([person["truth"] for person in folk])
    assert scores(held.groups["group"].to_numpy(), truth)[2] >= 0.95


def test_a_value_that_many_share_is_a_key_together_with_another(
    folk: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocking, "LEAST_PAIRS", 0)
    monkeypatch.setattr(blocking, "BLOCK_SIZES", (3,))
    people = [{key: person[key] for key in ("person", "given_name", "surname")} for person in folk]
    both = Counter((person["given_name"], person["surname"]) for person in people)
    alone = [Counter(person[key] for person in people) for key in ("given_name", "surname")]
    held = propose(table(people))
    sharing = [person for person in people if 2 <= both[person["given_name"], person["surname"]] <= 3]
    common = [p for p in sharing if alone[0][p["given_name"]] > 3 and alone[1][p["surname"]] > 3]
    assert common
    assert held.compared >= len(common) / 3


def test_two_accounts_on_one_network_are_a_clash(folk: list[dict[str, Any]]) -> None:
    people = [person | {"account": f"m:{person['person']}"} for person in folk]
    held = propose(table(people))
    assert "accepted" not in held.pairs["decision"].to_pylist()
    assert "Two different accounts on m are two people's." in held.pairs["reason"].to_pylist()
    assert held.groups["group"].equals(held.groups["person"])


def test_rows_of_a_source_that_holds_each_once_are_not_even_compared(folk: list[dict[str, Any]]) -> None:
    held = propose(table([person | {"source": "CRM"} for person in folk]))
    assert (held.compared, len(held.pairs)) == (0, 0)


def test_pages_that_link_to_each_other_are_accepted_whatever_else_they_say(folk: list[dict[str, Any]]) -> None:
    people = [dict(person) for person in folk]
    people[0] |= {"page": "https://ann.example/", "site": "https://social.example/@ann"}
    people[5] |= {"page": "https://social.example/@ann", "site": "http://www.ann.example"}
    row = next(row for row in propose(table(people)).pairs.to_pylist() if (row["a"], row["b"]) == (0, 5))
    assert (row["decision"], row["reason"]) == ("accepted", "Their own pages link to each other.")


def test_answers_that_say_no_raise_the_bar(folk: list[dict[str, Any]], found: Proposals) -> None:
    taught = learned([Answer(support, False) for support in np.linspace(0, 20, 300)])
    held = propose(table(folk), taught)
    assert held.bar == np.inf > found.bar
    assert "accepted" not in held.pairs["decision"].to_pylist()


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_a_handful_of_people_is_no_error(count: int) -> None:
    people = [{"person": number, "given_name": "Ann", "email": None} for number in range(count)]
    schema = pa.schema([("person", pa.int64()), ("given_name", pa.string()), ("email", pa.string())])
    assert len(propose(pa.Table.from_pylist(people, schema)).groups) == count


def test_people_of_whom_nothing_is_known_are_left_alone() -> None:
    assert len(propose(pa.table({"person": [1, 2, 3]})).pairs) == 0


@pytest.mark.parametrize(
    ("profiles", "sentence"),
    [
        ({"name": ["Ann"]}, "no column 'person'"),
        ({"person": [1, 1]}, "there twice"),
        ({"person": [1, None]}, "missing"),
        ({"person": [1], "surnam": ["Dyck"]}, "Did you mean 'surname'"),
    ],
)
def test_bad_profiles_are_refused_with_a_sentence(profiles: dict[str, Any], sentence: str) -> None:
    with pytest.raises(HedgerowError, match=sentence):
        propose(pa.table(profiles))


LINKS = [
    {"person": 1, "page": ["https://ann.example"], "site": ["https://social.example/@ann?x=1", "https://cli.example"]},
    {"person": 2, "page": ["http://www.social.example/@Ann/"], "site": ["ann.example/"]},
    {"person": 3, "page": ["https://fan.example"], "site": ["https://ann.example", "https://social.example/@ann"]},
    {"person": 4, "page": ["https://two.example"], "site": ["https://five.example"]},
    {"person": 5, "page": ["https://two.example", "https://five.example"], "site": ["https://two.example"]},
]


def test_only_a_link_that_is_linked_back_is_evidence() -> None:
    pairs = linked_back(pa.Table.from_pylist(LINKS)).to_pylist()
    assert pairs == [{"a": 1, "b": 2, "a_page": "ann.example", "b_page": "social.example/@ann"}]


def test_febrl1_is_found_whole() -> None:
    real_data("people/febrl1.csv.gz")
    profiles, truth = read_febrl("febrl1")
    assert scores(propose(profiles).groups["group"].to_numpy(), truth)[2] >= 0.997


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "least"), [(("febrl2",), 0.997), (("febrl3",), 0.997), (("febrl4a", "febrl4b"), 0.998)]
)
def test_febrl_is_found_whole(files: tuple[str, ...], least: float) -> None:
    real_data(f"people/{files[0]}.csv.gz")
    profiles, truth = read_febrl(*files)
    assert scores(propose(profiles).groups["group"].to_numpy(), truth)[2] >= least


@pytest.mark.slow
def test_fake_1000_is_found_with_few_strangers() -> None:
    real_data("people/fake_1000.csv")
    profiles, truth = read_fake()
    precision, _, harmonic = scores(propose(profiles).groups["group"].to_numpy(), truth)
    assert precision >= 0.98
    assert harmonic >= 0.95
