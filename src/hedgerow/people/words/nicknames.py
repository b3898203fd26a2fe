"""Nicknames: which given names stand for one another, from `nicknames.toml`."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _lines() -> dict[str, tuple[str, ...]]:
    kin = tomllib.loads(files("hedgerow.people.words").joinpath("nicknames.toml").read_text("utf-8"))["kin"]
    found: dict[str, list[str]] = {}
    for line in kin:
        head, *others = line.split()
        for name in (head, *others):
            found.setdefault(name, []).append(head)
    return {name: tuple(dict.fromkeys(heads)) for name, heads in found.items()}


def kin(name: str) -> tuple[str, ...]:
    """Return the names that a folded given name may stand for, itself among them: "bob" is ("bob", "robert")."""
    return tuple(dict.fromkeys((name, *_lines().get(name, ()))))
