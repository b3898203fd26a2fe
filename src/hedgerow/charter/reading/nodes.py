"""Nodes: a YAML text as a tree whose parts know their line and column, every value still as it was written."""

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from hedgerow.charter.reading.faults import Fault, Unreadable

_LARGEST = 1_000_000


def compose(text: str, name: str) -> MappingNode:
    """Return the mapping a charter is; raises `Unreadable` where it is no YAML, or no mapping."""
    if len(text) > _LARGEST:
        raise Unreadable(name, [Fault(1, 1, f"It is longer than {_LARGEST:,} characters: a charter is a page or two.")])
    try:
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise Unreadable(name, [Fault(*place, f"It is no YAML here ({error.problem}): correct it.")]) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise Unreadable(name, [Fault(1, 1, f"It is no YAML ({_first(error)}): correct it.")]) from None
    if not isinstance(node, MappingNode):
        raise Unreadable(name, [Fault(1, 1, "It holds no sections: begin with `charter:` and its name.")])
    return node


def entries(node: Node) -> dict[str, Node]:
    """Return a mapping's values by key, nothing for another node."""
    pairs = node.value if isinstance(node, MappingNode) else []
    return {key.value: value for key, value in pairs if isinstance(key, ScalarNode)}


def within(node: Node, *path: str) -> Node:
    """Return the node a path of keys leads to, or the nearest on the way."""
    for key in path:
        node = entries(node).get(key, node)
    return node


def shape(node: Node) -> str:
    """Return what a node is, for a sentence."""
    if isinstance(node, MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, SequenceNode) else f"'{node.value}'" if node.value else "nothing"


def is_empty(node: Node) -> bool:
    """Return whether nothing was written."""
    return isinstance(node, ScalarNode) and node.style is None and node.value in ("", "~", "null")


def _first(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else "it is nested too deeply"
