"""Claim: a charter of 60 rules is proved in under 10 s.

The charter is the long enterprise cycle of `examples/charters`, each of whose transitions is written once for each of
several languages: the rules of two languages never hold together, and each takes the order among those of its own. It
has to come out kept in every law; then one rule's order is struck out, and it has to come out broken. Beside it the
charter as it is. Run as `python bench/proving.py [TRANSITIONS]`.
"""

import sys
import time
from pathlib import Path
from typing import Any

import yaml

from hedgerow.charter import Verdict, prove, read_charter

LIMIT, RULES = 10.0, 60
ENTERPRISE = Path(__file__).parent.parent / "examples" / "charters" / "enterprise.yaml"
SPOKEN = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "fi", "cs")


def spread(raw: dict[str, Any], transitions: int) -> dict[str, Any]:
    """Return the charter with each transition written for as many languages as make so many of them, or more."""
    count = -(-transitions // len(raw["transitions"]))
    spoken = SPOKEN[: count - 1]
    listed = ", ".join(f"'{each}'" for each in spoken)
    others = f"(language is null or language not in ({listed}))" if spoken else "true"
    rules = {}
    for name, rule in raw["transitions"].items():
        for language in (*spoken, "others"):
            own = others if language == "others" else f"language = '{language}'"
            before = {"before": f"{rule['before']}_{language}"} if "before" in rule else {}
            when = f"({rule['when']}) and {own}" if spoken else rule["when"]
            rules[f"{name}_{language}"] = rule | {"when": when} | before
    return raw | {"transitions": rules}


def timed(raw: dict[str, Any]) -> tuple[float, list[Verdict]]:
    """Return the seconds that reading and proving take, and what came of it."""
    text = yaml.safe_dump(raw, sort_keys=False)
    begun = time.perf_counter()
    verdicts = prove(read_charter(text))
    return time.perf_counter() - begun, verdicts


def main(transitions: int) -> int:
    """Print the figures; return 1 where the limit is passed or a verdict is wrong."""
    raw = yaml.safe_load(ENTERPRISE.read_text("utf-8").replace(" on: ", ' "on": '))  # YAML 1.1 takes a bare on for true
    few, _ = timed(raw)
    large = spread(raw, transitions)
    many, verdicts = timed(large)
    kept = all(each.state == "kept" for each in verdicts)
    name = next(name for name, rule in large["transitions"].items() if "before" in rule)
    unordered = {key: rule for key, rule in large["transitions"][name].items() if key != "before"}
    found, broken = timed(large | {"transitions": large["transitions"] | {name: unordered}})
    caught = any(each.state == "broken" for each in broken)
    size, rules = len(raw["transitions"]), len(large["transitions"])
    print(f"{size} transitions {few:.2f} s; {rules} transitions {many:.2f} s, {many / few:.1f} times as long")
    said = "broken" if caught else "NOT BROKEN"
    print(f"every law kept: {'yes' if kept else 'NO'}; without the order of '{name}' {said}, {found:.2f} s")
    print(f"{rules} rules under {LIMIT:g} s: {'kept' if max(many, found) < LIMIT else 'NOT KEPT'}")
    return int(max(many, found) >= LIMIT or not kept or not caught)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else RULES))
