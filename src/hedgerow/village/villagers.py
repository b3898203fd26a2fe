"""The villagers: who lives here, under which identifiers, where they work, and who listens to whom."""

import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hedgerow.kit.money import Floats, Integers

HAMLET = 5_000
"""How many people know each other at most; a larger village is several hamlets, made one after the other."""

FATES = ("none", "visitor", "lead", "purchase", "deal", "lost", "won")
FOLLOWED = 8.0
_ADVOCATES = 0.02
_EMPLOYED = 0.9

Rows = NDArray[np.void]
Chance = np.random.Generator


@dataclass(frozen=True)
class Hamlet:
    """People of one hamlet, n of them, with their accounts (a of them) and devices (d of them)."""

    number: int
    first: int
    """How many people live in the hamlets before."""
    name: pa.Array
    email: pa.Array
    personal_email: pa.Array
    handles: tuple[pa.Array, ...]
    """One handle a person for each network; it counts where `on` says so."""
    role: pa.Array
    account: Integers
    """(n,) an index into the accounts, or -1."""
    account_name: pa.Array
    domain: pa.Array
    fit: Floats
    """(a,) how well the product suits the account; 1 is usual."""
    interest: Floats
    """(n,) how eagerly a person follows links; mean 1."""
    on: NDArray[np.bool_]
    """(n, 4) whether a person is on each network and, last, in the forum."""
    advocate: NDArray[np.bool_]
    language: Integers
    device: pa.Array
    devices: Integers
    """(n + 1,) person i owns the devices `devices[i]:devices[i + 1]`."""
    borrows: Integers
    """(n,) the person whose device is used now and then, or -1."""
    follower: Integers
    followers: Integers
    """(n + 2,) person i is followed by `follower[followers[i]:followers[i + 1]]`; the company is n."""
    fate: Integers
    """(n,) an index into `FATES`, or -1 where chance decides."""

    def __len__(self) -> int:
        return len(self.account)


@cache
def words(name: str = "village") -> dict[str, Any]:
    """Return what `village.toml` or `villagers.toml` says."""
    return tomllib.loads(files("hedgerow.village").joinpath(f"{name}.toml").read_text("utf-8"))


def channel_code(name: str) -> int:
    """Return the place of a channel among the village's."""
    return [channel["name"] for channel in words()["channel"]].index(name)


def column(table: str, name: str) -> Floats:
    """Return a number of each entry of a table of the village, 0 where it states none."""
    return np.array([entry.get(name, 0) for entry in words()[table]], np.float64)


def pick(choices: Sequence[str | None] | pa.Array, places: Integers) -> pa.Array:
    """Return the choices at `places` as strings; a place below 0 is null."""
    array = choices if isinstance(choices, pa.Array) else pa.array(choices, pa.string())
    return array.take(pa.array(places, mask=places < 0))


def joined(*parts: pa.Array | str) -> pa.Array:
    """Return the parts of each row joined; null where one of them is."""
    return pc.binary_join_element_wise(*parts, "")


def numbered(prefix: str, numbers: Integers, width: int = 6) -> pa.Array:
    """Return `prefix` and the zero-padded number, one a row."""
    return joined(prefix, pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0"))


def hexadecimal(chance: Chance, count: int, size: int = 8) -> pa.Array:
    """Return (count,) random strings of 2 * size hexadecimal digits."""
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    drawn = digits[chance.integers(0, 16, (count, 2 * size), dtype=np.uint8)]
    ends = np.arange(count + 1, dtype=np.int32) * 2 * size
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(drawn)))


def slug(text: str) -> str:
    """Return the plain lower-case letters and digits of a name: "Chloé" gives "chloe"."""
    plain = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("ł", "l"))
    return "".join(letter for letter in plain.lower() if letter.isascii() and letter.isalnum())


def settle(chance: Chance, number: int, first: int, count: int) -> Hamlet:
    """Return hamlet `number` with `count` people; the first hamlet opens with the named villagers."""
    named = words("villagers")["villager"] if number == 0 else []
    account, account_name, domain, fit = _employers(chance, number, count, named)
    name, local = _names(chance, count, named)
    global_number = np.arange(first, first + count)
    work = joined(local, "@", pick(domain, account))
    again = np.ones(count, np.bool_)
    again[np.unique(work.to_numpy(zero_copy_only=False).astype(str), return_index=True)[1]] = False
    tail = pc.if_else(pa.array(again), pa.array(global_number).cast(pa.string()), "")
    private = pc.if_else(pa.array(global_number < len(named)), "", pa.array(global_number).cast(pa.string()))
    personal = joined(local, private, "@postbox.example")
    handle = joined(pc.replace_substring(local, ".", ""), private)
    devices = np.concatenate([[0], np.cumsum(chance.choice([1, 2, 3], count, p=[0.5, 0.35, 0.15]))])
    on, advocate = _belonging(chance, count, named)
    follower, followers = _listeners(chance, count, advocate)
    return Hamlet(
        number, first, name, pc.coalesce(joined(local, tail, "@", pick(domain, account)), personal), personal,
        tuple(joined(*_around(network["handle"], handle)) for network in words()["network"]),
        _roles(chance, count, named), account, account_name, domain, fit,
        np.where(chance.random(count) < 0.15, 0.0, chance.gamma(1.3, 0.9, count)), on, advocate,
        np.where(global_number < len(named), 0, chance.choice(3, count, p=[0.78, 0.14, 0.08])),
        hexadecimal(chance, int(devices[-1])), devices, _borrowers(chance, account, named),
        follower, followers, _fates(count, named),
    )  # fmt: skip


def _around(pattern: str, handle: pa.Array) -> tuple[pa.Array | str, ...]:
    before, after = pattern.split("{}")
    return before, handle, after


def _employers(
    chance: Chance, number: int, count: int, named: list[dict[str, Any]]
) -> tuple[Integers, pa.Array, pa.Array, Floats]:
    known = words("villagers")["account"] if named else []
    accounts = max(len(known), count // 5)
    weight = (np.arange(accounts) + 4.0) ** -0.7
    account = np.where(chance.random(count) < _EMPLOYED, chance.choice(accounts, count, p=weight / weight.sum()), -1)
    names = [each["name"] for each in known]
    account[: len(named)] = [names.index(each["account"]) if each["account"] else -1 for each in named]
    firsts, lasts = words()["account_firsts"], words()["account_lasts"]
    place = number * (HAMLET // 5) + np.arange(accounts)
    around = place // (len(firsts) * len(lasts))
    again = pc.if_else(pa.array(around > 0), pa.array(around + 1).cast(pa.string()), "")
    front, back = pick(firsts, place % len(firsts)), pick(lasts, place // len(firsts) % len(lasts))
    title = pc.utf8_rtrim_whitespace(joined(front, " ", back, " ", again))
    domain = joined(pc.utf8_lower(joined(front, back)), again, ".example")
    fit = chance.choice([0.4, 1.0, 1.7], accounts, p=[0.4, 0.4, 0.2])
    if known:
        title = pa.concat_arrays([pa.array(names), title[len(known) :]])
        domain = pa.concat_arrays([pa.array([each["domain"] for each in known]), domain[len(known) :]])
    return account.astype(np.int64), title, domain, fit


def _names(chance: Chance, count: int, named: list[dict[str, Any]]) -> tuple[pa.Array, pa.Array]:
    firsts, lasts = words()["first_names"], words()["last_names"]
    one, two = chance.integers(0, len(firsts), count), chance.integers(0, len(lasts), count)
    name = joined(pick(firsts, one), " ", pick(lasts, two))
    local = joined(pick([slug(each) for each in firsts], one), ".", pick([slug(each) for each in lasts], two))
    known = [each["name"] for each in named]
    plain = [".".join(slug(part) for part in each.split(" ")) for each in known]
    return (
        pa.concat_arrays([pa.array(known, pa.string()), name[len(known) :]]),
        pa.concat_arrays([pa.array(plain, pa.string()), local[len(known) :]]),
    )


def _roles(chance: Chance, count: int, named: list[dict[str, Any]]) -> pa.Array:
    drawn = pick(words()["roles"], chance.integers(0, len(words()["roles"]), count))
    return pa.concat_arrays([pa.array([each["role"] for each in named], pa.string()), drawn[len(named) :]])


def _belonging(chance: Chance, count: int, named: list[dict[str, Any]]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    networks = words()["network"]
    on = chance.random((count, len(networks) + 1)) < [*(each["reach"] for each in networks), 0.3]
    advocate = chance.random(count) < _ADVOCATES
    for place, each in enumerate(named):
        on[place] = [*(network["name"] in each["networks"] for network in networks), each.get("forum", False)]
        advocate[place] = each.get("advocate", False)
    return on, advocate


def _listeners(chance: Chance, count: int, advocate: NDArray[np.bool_]) -> tuple[Integers, Integers]:
    # Pareto popularity gives the heavy tail of real follower counts; the company is one more to follow.
    popularity = (1 + chance.pareto(1.5, count)) * np.where(advocate, 4.0, 1.0)
    edges = min(int(FOLLOWED * count), count * (count - 1) // 2)
    heard = np.searchsorted(np.cumsum(popularity / popularity.sum())[:-1], chance.random(edges), side="right")
    pairs = np.concatenate(
        [
            np.unique(heard * count + chance.integers(0, count, edges)),
            count * count + np.flatnonzero(chance.random(count) < 0.25),
        ]
    )
    heard, listener = np.divmod(pairs, count)
    kept = heard != listener
    return listener[kept], np.searchsorted(heard[kept], np.arange(count + 2)).astype(np.int64)


def _borrowers(chance: Chance, account: Integers, named: list[dict[str, Any]]) -> Integers:
    order = np.argsort(account, kind="stable")
    beside = np.empty(len(account), np.int64)
    beside[order] = np.roll(order, -1)
    lends = (account >= 0) & (account == account[beside]) & (chance.random(len(account)) < 0.015)
    borrows = np.where(lends, beside, -1)
    names = [each["name"] for each in named]
    borrows[: len(named)] = [names.index(each["borrows"]) if "borrows" in each else -1 for each in named]
    return borrows


def _fates(count: int, named: list[dict[str, Any]]) -> Integers:
    fate = np.full(count, -1, np.int64)
    fate[: len(named)] = [FATES.index(each["fate"]) for each in named]
    return fate
