"""Keeping: the workspace's model, trained from its ledger, kept by version, watched, and trained again when due."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import microseconds
from hedgerow.kit.lock import held
from hedgerow.ledger import Workspace
from hedgerow.people import clusters
from hedgerow.score.prediction.drift import Drift, drift
from hedgerow.score.prediction.examples import AT, LOOKBACK, OUTCOME, PERSON, cuts, examples
from hedgerow.score.prediction.model import Model, Reason, load, store
from hedgerow.score.prediction.training import train

HORIZON_DAYS = 30
OLD = timedelta(days=30)
"""The age from which a model is trained again."""
AGAIN = timedelta(days=1)
"""How long after looking, or after training was refused, it is asked again whether one is due."""
_DAY = 86_400_000_000
N = TypeVar("N", bound=msgspec.Struct)


class Refused(msgspec.Struct, frozen=True):
    """When training was last refused, in microseconds since 1970 UTC, and the sentence."""

    at: int
    sentence: str


class Kept(msgspec.Struct, frozen=True):
    """A model with its number among the workspace's."""

    number: int
    model: Model


class Foretold(msgspec.Struct, frozen=True):
    """How likely one person converts within the model's horizon, and the reasons for and against."""

    probability: float
    reasons: tuple[Reason, ...]


def latest(workspace: Workspace) -> Kept | None:
    """Return the newest model; raises `HedgerowError` where a newer program wrote it."""
    numbers = [int(file.stem.rpartition("-")[2]) for file in _folder(workspace).glob("prediction-*.json")]
    return Kept(max(numbers), load(_file(workspace, max(numbers)))) if numbers else None


def retrain(workspace: Workspace, now: datetime, horizon_days: int | None = None) -> Kept:
    """Train on all history whose horizon is over by `now`, keep the model under the next number, and return both.

    The horizon is the last model's where none is named, else 30 days. Raises `HedgerowError`, and notes it, where
    there is too little history; the model there was stays in use.
    """
    with held(_folder(workspace) / "training.lock"):
        before = latest(workspace)
        days = horizon_days or (before.model.horizon_days if before else HORIZON_DAYS)
        try:
            rows = examples(workspace, cuts(workspace, days, now), days)
            model = train(rows, OUTCOME, AT, leave_out=(PERSON,), gap=days * _DAY - 1, as_of=True)
        except HedgerowError as refusal:
            _note(workspace, "refused", Refused(microseconds(now), refusal.sentence))
            raise
        made = msgspec.structs.replace(model, made_at=microseconds(now), horizon_days=days)
        number = before.number + 1 if before else 1
        store(made, _file(workspace, number))
        for name in ("refused", "drift"):
            (_folder(workspace) / f"{name}.json").unlink(missing_ok=True)
        return Kept(number, made)


def due(workspace: Workspace, now: datetime) -> str:
    """Return why a model is to be trained now, "" where none is: there is none, it is old, or it has drifted.

    It looks for drift once a day at the most, and after a refusal waits as long; so the mill may ask each turn.
    """
    refused = last_refusal(workspace)
    if refused and microseconds(now) - refused.at < AGAIN // timedelta(microseconds=1):
        return ""
    kept = latest(workspace)
    if not kept:
        return "there is no model yet"
    age = timedelta(microseconds=microseconds(now) - kept.model.made_at)
    if age >= OLD:
        return f"the model is {age.days} days old"
    seen = last_drift(workspace)
    if age >= AGAIN and (not seen or microseconds(now) - seen.at >= AGAIN // timedelta(microseconds=1)):
        seen = watch(workspace, now)
    return seen.sentence if seen else ""


def watch(workspace: Workspace, now: datetime) -> Drift:
    """Look how far today's people are from those the model learned from, note it, and return it."""
    kept = _needed(workspace)
    model, days = kept.model, kept.model.horizon_days
    newer = [cut for cut in cuts(workspace, days, now) if microseconds(cut) > model.training.until]
    over = examples(workspace, newer, days) if newer else None
    seen = drift(model, standing(workspace, now, days), over, microseconds(now))
    _note(workspace, "drift", seen)
    return seen


def standing(workspace: Workspace, now: datetime, horizon_days: int = HORIZON_DAYS) -> pa.Table:
    """Return what is known `now` of each person who has not converted, as the model reads it."""
    return examples(workspace, [now], horizon_days).drop_columns([OUTCOME])


def predicted(workspace: Workspace, now: datetime) -> pa.Table:
    """Return `person` and `probability` to convert within the horizon, for whoever did something lately.

    Raises `HedgerowError` where no model has been trained.
    """
    model = _needed(workspace).model
    rows = standing(workspace, now, model.horizon_days)
    return pa.table({PERSON: rows[PERSON], "probability": model.predict(rows)})


def why(workspace: Workspace, identifier: str, now: datetime, most: int = 5) -> Foretold:
    """Return how likely the person of an identifier (kind:value) converts, and why.

    Raises `HedgerowError` where nobody has it, or there is nothing to predict of them.
    """
    model = _needed(workspace).model
    rows = standing(workspace, now, model.horizon_days)
    mine = rows.filter(pc.equal(rows[PERSON], _person(workspace, identifier)))
    if not len(mine):
        raise HedgerowError(
            f"{identifier} has converted, or did nothing for {LOOKBACK} days: there is nothing to predict, ask about "
            f"somebody else."
        )
    return Foretold(float(model.predict(mine)[0]), tuple(model.reasons(mine, most)[0]))


def last_refusal(workspace: Workspace) -> Refused | None:
    """Return when and why training was last refused, if no model came after."""
    return _noted(workspace, "refused", Refused)


def last_drift(workspace: Workspace) -> Drift | None:
    """Return what `watch` last saw of the model in use."""
    return _noted(workspace, "drift", Drift)


def _needed(workspace: Workspace) -> Kept:
    kept = latest(workspace)
    if not kept:
        raise HedgerowError("No model has been trained yet: run `hedgerow predict train`.")
    return kept


def _person(workspace: Workspace, identifier: str) -> int:
    kind, _, value = identifier.partition(":")
    asked = pa.table({"kind": [kind], "value": [value]})
    found = workspace.engine.sql("SELECT code FROM identifiers JOIN asked USING (kind, value)", asked=asked)["code"]
    if not len(found):
        raise HedgerowError(f"Nobody is known as '{identifier}': write kind:value, such as email:ann@example.org.")
    return int(clusters(workspace).person[found[0].as_py()])


def _folder(workspace: Workspace) -> Path:
    return workspace.folder / "models"


def _file(workspace: Workspace, number: int) -> Path:
    return _folder(workspace) / f"prediction-{number}.json"


def _note(workspace: Workspace, name: str, what: msgspec.Struct) -> None:
    _folder(workspace).mkdir(exist_ok=True)
    written = _folder(workspace) / f"{name}.tmp"
    written.write_bytes(msgspec.json.encode(what))
    written.replace(_folder(workspace) / f"{name}.json")


def _noted(workspace: Workspace, name: str, kind: type[N]) -> N | None:
    file = _folder(workspace) / f"{name}.json"
    return msgspec.json.decode(file.read_bytes(), type=kind) if file.exists() else None
