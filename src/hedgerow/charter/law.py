"""A law: a question to every charter, and the proof that answers it for every lead there could be."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from hedgerow.charter.facts import Answer
from hedgerow.charter.proving import ALLOWANCE, Found, Prover, Undecided
from hedgerow.charter.rules import Charter
from hedgerow.kit import load_shelf


@dataclass(frozen=True)
class Broken:
    """A fault of a charter: the rules that make it, and a lead that shows it, with a value for every fact."""

    sentence: str
    rules: tuple[str, ...]
    lead: dict[str, Answer]


@dataclass(frozen=True)
class Law:
    """A law of every charter: `prove` yields each way in which a charter breaks it."""

    says: str
    question: str
    prove: Callable[[Prover], Iterator[Broken]]


@dataclass(frozen=True)
class Verdict:
    """What was proved of one law: kept, broken with all that breaks it, or unknown with the rule that could not
    be decided. Only a charter whose every law is kept may come into force."""

    name: str
    law: Law
    state: Literal["kept", "broken", "unknown"]
    broken: tuple[Broken, ...] = ()
    undecided: str = ""


def laws() -> dict[str, Law]:
    """Return the laws on the shelf, by name."""
    return load_shelf("hedgerow.charter.laws", Law)


def prove(charter: Charter, allowance: int = ALLOWANCE) -> list[Verdict]:
    """Return the verdict of every law on a charter; `allowance` bounds Z3's work on each question."""
    prover = Prover(charter, allowance)
    return [_verdict(prover, name, law) for name, law in laws().items()]


def may_come_into_force(charter: Charter, verdicts: Iterable[Verdict]) -> bool:
    """Return whether both sides signed the charter and it keeps every law."""
    return not charter.unsigned and all(verdict.state == "kept" for verdict in verdicts)


def _verdict(prover: Prover, name: str, law: Law) -> Verdict:
    try:
        broken = tuple(law.prove(prover))
    except Undecided as refusal:
        return Verdict(name, law, "unknown", undecided=refusal.rule)
    return Verdict(name, law, "broken" if broken else "kept", broken)


def a_lead(prover: Prover, found: Found, stage: str | None = None) -> str:
    """Return a small lead in words: "a lead with stage nurture and score 62 that is not accepted"."""
    facts = prover.charter.facts
    told = {name: facts[name].phrase(found.lead[name]) for name in found.telling}
    traits = [f"stage {stage}"] if stage else []
    traits += [said for name, said in told.items() if facts[name].type != "boolean" and not (stage and name == "stage")]
    states = [said for name, said in told.items() if facts[name].type == "boolean"]
    having = f" with {_listed(traits)}" if traits else ""
    return f"a lead{having}{' that is ' + _listed(states) if states else ''}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
