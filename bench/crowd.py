"""The crowd: profiles of made-up people on several networks, as many as are asked for, with the person each is of."""

from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Chance = np.random.Generator

PEOPLE = 0.61
"""People a profile: six people have ten profiles."""

_PROFILES = (0.56, 0.27, 0.12, 0.05)
NETWORKS = ("crm", "linkedin", "github", "mastodon", "bluesky", "forum", "newsletter")
_JOINED = (0.9, 0.7, 0.35, 0.3, 0.3, 0.35, 0.5)
_STATES = {
    "name": (1.0, 1.0, 0.85, 0.8, 0.8, 0.6, 0.9),
    "born": (0.4, 0.0, 0.0, 0.0, 0.0, 0.15, 0.1),
    "mail": (0.95, 0.3, 0.5, 0.1, 0.1, 0.9, 1.0),
    "phone": (0.6, 0.1, 0.0, 0.0, 0.0, 0.1, 0.1),
    "handle": (0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0),
    "employer": (0.9, 0.95, 0.45, 0.2, 0.15, 0.1, 0.4),
    "town": (0.8, 0.9, 0.5, 0.4, 0.4, 0.4, 0.3),
    "site": (0.1, 0.15, 0.35, 0.4, 0.3, 0.15, 0.0),
}
"""How likely a profile on each network says something."""

_WORK_MAIL = (0.75, 0.5, 0.2, 0.0, 0.0, 0.2, 0.45)
_STARTS_SAID = """
b br c ch d dr f fl g gr h j k kl kr l m n p pr r s sch st t tr v w z al an el er or ul
"""
_STARTS = _STARTS_SAID.split()
_MIDDLES = ("a", "e", "i", "o", "u", "ai", "ei", "au", "ia")
_ENDS_SAID = """
n r l s m t nd ck rt ll ng rg rz ss w ve ne ke ner ler man sen son ski ova ez ini ez ard ov eau
"""
_ENDS = _ENDS_SAID.split()
_DOMAINS = (
    "gmail.com",
    "outlook.com",
    "gmx.net",
    "yahoo.com",
    "icloud.com",
    "proton.me",
    "web.example",
    "mail.example",
)
_FORMS = ("", " GmbH", " Ltd", " Inc.", " SE", " B.V.")
_CHOSEN_SAID = """
night river stone code pixel silver green cloud iron paper wild north moon data coffee solar rust echo maple raven
ember tiger comet anchor falcon cedar velvet zen turbo quiet
"""
_CHOSEN = _CHOSEN_SAID.split()


def crowd(count: int, seed: int = 7) -> tuple[pa.Table, Codes]:
    """Return `count` profiles as `propose` takes them, at random places, and (count,) the person each is of.

    Names and towns are spread by Zipf's law, so that many have a namesake; families share name, town and telephone;
    short forms, typing errors and missing fields are as common as in life; nobody has two profiles on one network.
    """
    chance = np.random.default_rng(seed)
    people = int(count * PEOPLE) + 30
    person, network = _profiles(chance, people, count)
    columns = _columns(chance, _lives(chance, people), person, network)
    place = pa.array(np.arange(count))
    return pa.table({"person": place, "network": pa.array(NETWORKS).take(pa.array(network)), **columns}), person


def _profiles(chance: Chance, people: int, count: int) -> tuple[Codes, Codes]:
    many = 1 + np.searchsorted(np.cumsum(_PROFILES)[:-1], chance.random(people))
    liking = chance.random((people, len(NETWORKS))) ** (1 / np.array(_JOINED))
    person, rank = np.nonzero(np.arange(len(NETWORKS))[None, :] < many[:, None])
    network = np.argsort(-liking, axis=1)[person, rank]
    kept = chance.permutation(len(person))[:count]
    return person[kept], network[kept]


def _lives(chance: Chance, people: int) -> dict[str, Any]:
    given = _zipf(chance, len(_given_names()[0]), people, 0.9)
    life: dict[str, Any] = {
        "given": given,
        "surname": _zipf(chance, len(_surnames()), people, 0.75),
        "town": _zipf(chance, len(_towns()), people, 0.9),
        "employer": _zipf(chance, max(people // 15, 50), people, 0.6),
        "born": chance.integers(-7300, 12800, people),
        "phone": chance.integers(2_000_000, 9_999_999, people) + 10_000_000 * chance.integers(20, 80, people),
        "style": chance.integers(0, 10, people),
        "digits": chance.integers(1, 100, people),
        "words": chance.integers(0, len(_CHOSEN), (people, 2)),
    }
    family = np.flatnonzero(chance.random(people - 1) < 0.08) + 1
    for shared in ("surname", "town", "phone"):
        life[shared][family] = life[shared][family - 1]
    first = pc.utf8_lower(pa.array(_given_names()[0]).take(pa.array(given)))
    last = pc.utf8_lower(_surnames().take(pa.array(life["surname"])))
    initial = pc.utf8_slice_codeunits(first, 0, 1)
    digits = pa.array(life["digits"]).cast(pa.string())
    words = [pa.array(_CHOSEN).take(pa.array(life["words"][:, side])) for side in (0, 1)]
    life["handles"] = _chosen(life["style"], [
        _join(first, last), _join(initial, last), _join(first, "_", last, digits), _join(*words, digits),
    ])  # fmt: skip
    life["local"] = _unlike(_chosen(life["style"], [
        _join(first, ".", last), _join(initial, last, digits), _join(first, last, digits), _join(*words, digits),
    ]), np.arange(people) % len(_DOMAINS))  # fmt: skip
    life["work"] = _unlike(_join(first, ".", last), life["employer"])
    return life


def _columns(chance: Chance, life: dict[str, Any], person: Codes, network: Codes) -> dict[str, pa.Array]:
    of = pa.array(person)
    says = {name: chance.random(len(person)) < np.array(share)[network] for name, share in _STATES.items()}
    first, last = _names(chance, life, person)
    split = np.isin(network, (0, 6))
    full = _join(first, " ", last)
    work = chance.random(len(person)) < np.array(_WORK_MAIL)[network]
    company = life["employer"][person]
    job = pa.array(_moved(chance, company, 0.06, int(company.max()) + 1))
    firm = pc.utf8_capitalize(_spelling(job))
    own = _join(life["local"].take(of), "@", pa.array(_DOMAINS).take(pa.array(person % len(_DOMAINS))))
    office = _join(life["work"].take(of), "@", _spelling(pa.array(company)), ".example")
    mail = _slipped(chance, pc.if_else(pa.array(work), office, own), 0.02)
    handle = pc.if_else(
        pa.array((chance.random(len(person)) < 0.25) & (network != 1)),
        _join(life["handles"].take(of), pa.array(chance.integers(0, 99, len(person))).cast(pa.string())),
        life["handles"].take(of),
    )
    firm = _join(firm, pa.array(_FORMS).take(pa.array(chance.integers(0, len(_FORMS), len(person)))))
    town = pa.array(_moved(chance, life["town"][person], 0.08, len(_towns())))
    said = {
        "given_name": (first, says["name"] & split),
        "surname": (last, says["name"] & split & ((network == 0) | (chance.random(len(person)) < 0.8))),
        "full_name": (full, says["name"] & ~split),
        "birth_date": (_slipped(chance, _days(life["born"][person]), 0.03), says["born"]),
        "email": (mail, says["mail"]),
        "phone": (_numbers(chance, life["phone"][person]), says["phone"]),
        "handle": (handle, says["handle"]),
        "employer": (firm, says["employer"]),
        "place": (_towns().take(town), says["town"]),
        "site": (_join("https://", life["handles"].take(of), of.cast(pa.string()), ".example/"), says["site"]),
    }  # fmt: skip
    return {name: pc.if_else(pa.array(stated), column, None) for name, (column, stated) in said.items()}


def _names(chance: Chance, life: dict[str, Any], person: Codes) -> tuple[pa.Array, pa.Array]:
    names, kin, starts = _given_names()
    given = life["given"][person]
    many = np.diff(starts)[given]
    short = starts[:-1][given] + (chance.random(len(person)) * many).astype(np.int64)
    plain = pa.array(names).take(pa.array(given))
    called = (chance.random(len(person)) < 0.15) & (many > 0)
    first = pc.if_else(pa.array(called), pa.array(kin).take(pa.array(np.minimum(short, len(kin) - 1))), plain)
    last = _surnames().take(pa.array(life["surname"][person]))
    return _slipped(chance, first, 0.03), _slipped(chance, last, 0.04)


def _slipped(chance: Chance, text: pa.Array, share: float) -> pa.Array:
    """Return the texts, of which a share lacks a letter after the first or has its last letter twice."""
    length = pc.utf8_length(text).to_numpy(zero_copy_only=False)
    where = np.flatnonzero((chance.random(len(text)) < share) & (length > 3))
    values = text.take(pa.array(where)).to_pylist()
    at = 1 + (chance.random(len(where)) * (length[where] - 2)).astype(np.int64)
    wrong = [word[:cut] + word[cut + 1 :] if cut % 3 else word + word[-1] for word, cut in zip(values, at, strict=True)]
    mask = np.zeros(len(text), np.bool_)
    mask[where] = True
    return pc.replace_with_mask(text, pa.array(mask), pa.array(wrong, pa.string()))


def _numbers(chance: Chance, number: Codes) -> pa.Array:
    digits = pa.array(number).cast(pa.string())
    spaced = _join("+49 ", pc.utf8_slice_codeunits(digits, 0, 2), " ", pc.utf8_slice_codeunits(digits, 2, 9))
    return pc.if_else(pa.array(chance.random(len(number)) < 0.5), spaced, _join("+49", digits))


def _days(day: Codes) -> pa.Array:
    return pa.array(day.astype("datetime64[D]")).cast(pa.string())


def _chosen(style: Codes, ways: list[pa.Array]) -> pa.Array:
    way = np.array([0, 0, 0, 1, 1, 2, 2, 3, 3, 3])[style]
    return pc.choose(pa.array(way), *ways)


def _unlike(text: pa.Array, within: Codes) -> pa.Array:
    """Return the texts, with the row's number behind those that an earlier row of the same group has."""
    code = text.dictionary_encode().indices.to_numpy().astype(np.int64) * (int(within.max()) + 1) + within
    again = np.ones(len(text), np.bool_)
    again[np.unique(code, return_index=True)[1]] = False
    rows = pa.array(np.arange(len(text)) % 10_007).cast(pa.string())
    return pc.if_else(pa.array(again), _join(text, rows), text)


def _moved(chance: Chance, code: Codes, share: float, codes: int) -> Codes:
    return np.where(chance.random(len(code)) < share, chance.integers(0, codes, len(code)), code)


def _spelling(code: pa.Array) -> pa.Array:
    """Return a word of letters for each number, so that companies' names are as unlike as names are."""
    number = code.to_numpy()
    syllables = pa.array([start + middle for start in _STARTS for middle in _MIDDLES])
    size = len(syllables)
    return _join(
        *(syllables.take(pa.array((number * step // by) % size)) for step, by in ((7919, 1), (31, 7), (1, 97)))
    )


def _join(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _zipf(chance: Chance, kinds: int, count: int, steep: float) -> Codes:
    weight = (np.arange(kinds) + 3.0) ** -steep
    return np.searchsorted(np.cumsum(weight / weight.sum())[:-1], chance.random(count)).astype(np.int64)


@cache
def _given_names() -> tuple[list[str], list[str], Codes]:
    """Return given names, the commonest first, and the short forms of name i as `kin[starts[i]:starts[i + 1]]`."""
    text = files("hedgerow.people.words").joinpath("nicknames.toml").read_text("utf-8")
    lines = [line.split() for line in loads(text)["kin"]]
    rare = [
        (start + middle + end).capitalize() for start in _STARTS for middle in _MIDDLES for end in ("na", "ra", "lo")
    ]
    names = [line[0].capitalize() for line in lines] + rare
    kin = [name.capitalize() for line in lines for name in line[1:4]]
    sizes = [len(line[1:4]) for line in lines] + [0] * len(rare)
    return names, kin, np.concatenate([[0], np.cumsum(sizes)])


@cache
def _surnames() -> pa.Array:
    made = [
        (start + middle + inner + end).capitalize()
        for end in _ENDS for inner in ("la", "de", "mi", "ro", "tu", "ge", "ba", "ni", "ho", "vi")
        for middle in _MIDDLES for start in _STARTS
    ]  # fmt: skip
    order = np.random.default_rng(1).permutation(len(made))
    return pa.array([made[at] for at in order])


@cache
def _towns() -> pa.Array:
    ends = ("ton", "burg", "ville", "ford", "stad", "by", "heim", "field")
    return pa.array([(a + b + e).capitalize() for e in ends for a in _STARTS for b in _MIDDLES])
