"""Faults: what is wrong in a charter's text, each at its line and column."""

from collections.abc import Sequence

import msgspec
from yaml import Node, ScalarNode

from hedgerow.kit import HedgerowError


class Fault(msgspec.Struct, frozen=True, order=True):
    """What is wrong at a line and column (both from 1), and what was expected."""

    line: int
    column: int
    sentence: str


class Unreadable(HedgerowError):
    """A charter with faults, which its sentence says one a line."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__(
            "\n".join(f"{name}, line {f.line}, column {f.column}: {f.sentence}" for f in self.faults),
        )


def fault_at(node: Node, sentence: str, text: str = "", offset: int = 0) -> Fault:
    """Return a fault at a node, or at the character `offset` of its value as `text` holds it."""
    index = _index(node, text, offset) if isinstance(node, ScalarNode) and offset else node.start_mark.index
    if index == node.start_mark.index:
        return Fault(node.start_mark.line + 1, node.start_mark.column + 1, _ended(sentence))
    return Fault(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index), _ended(sentence))


def _index(node: ScalarNode, text: str, offset: int) -> int:
    """Return where in the file a character of a value stands.

    YAML folds lines and indentation, so only what is no white space is counted; a quote doubled or escaped in a
    quoted text stands for one.
    """
    start = node.start_mark.index
    raw = text[start : node.end_mark.index]
    skip = {"'": 1, '"': 1, "|": raw.find("\n"), ">": raw.find("\n")}.get(node.style or "", 0)
    left = sum(not letter.isspace() for letter in node.value[:offset])
    at = skip
    while at < len(raw) and (left or raw[at].isspace()):
        if not raw[at].isspace():
            left -= 1
            at += (node.style == "'" and raw[at] == "'") or (node.style == '"' and raw[at] == "\\")
        at += 1
    return start + at


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."
