"""A model: how the credit of one outcome is divided among the steps that led to it."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hedgerow.attribution.steps import normalised, per_journey
from hedgerow.journeys.paths import Paths
from hedgerow.kit import HedgerowError, load_shelf, nearest

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Parameter:
    """The one number a model may be set by, with its bounds, both included."""

    name: str
    default: float
    least: float
    most: float
    says: str
    kind: type[int] | type[float] = float


@dataclass(frozen=True)
class Model:
    """An attribution model: it weighs steps row by row, or is fitted to all paths; one of the two.

    `weigh` takes paths and the parameter's value (0.0 where the model has none) and returns (n,) weights, not
    negative, that sum to 1 in every journey that has steps. `fit` takes all paths, in blocks that share their
    `labels`, and returns (k,) weights, not negative, one a label: an outcome is then divided among its own
    steps in proportion to the weights of their labels, in equal shares where all of them are zero.
    """

    says: str
    """One sentence: who earns."""
    rule: str
    """What it does exactly, printed by pages and documentation."""
    example: str
    """A worked example, small enough to check in one's head."""
    weigh: Callable[[Paths, float], Floats] | None = None
    fit: Callable[[Iterable[Paths], float], Floats] | None = None
    parameter: Parameter | None = None

    def __post_init__(self) -> None:
        if (self.weigh is None) == (self.fit is None):
            raise HedgerowError("A model weighs rows or is fitted to all paths: give it `weigh` or `fit`, not both.")


@dataclass(frozen=True)
class Chosen:
    """A model of the shelf with the value of its parameter (0.0 where it has none)."""

    name: str
    model: Model
    value: float

    @property
    def spec(self) -> str:
        """The shortest text that `choose` makes this choice of: "markov:3", or "linear"."""
        parameter = self.model.parameter
        plain = parameter is None or self.value == parameter.default
        return self.name if plain else f"{self.name}:{self.value:.15g}"

    def fit(self, blocks: Iterable[Paths]) -> Floats:
        """Return (k,) weights of the labels; (0,) from a model that weighs rows, which reads no block."""
        return self.model.fit(blocks, self.value) if self.model.fit else np.zeros(0)

    def weights(self, paths: Paths, fitted: Floats) -> Floats:
        """Return (n,) weights that sum to 1 in every journey with steps; `fitted` is what `fit` returned.

        Raises `HedgerowError` where the model breaks its contract, before a cent is divided by it.
        """
        if self.model.weigh is None:
            return normalised(paths, fitted[paths.label])
        weights = self.model.weigh(paths, self.value)
        if len(weights) != len(paths.label) or not _sums_to_one(paths, weights):
            raise HedgerowError(
                f"The weights of the model '{self.name}' do not sum to 1 in every journey: correct its `weigh`."
            )
        return weights


def model_shelf() -> dict[str, Model]:
    """Return every attribution model there is, by name."""
    return load_shelf("hedgerow.attribution.models", Model)


def choose(spec: str) -> Chosen:
    """Return the model that a spec names, with its parameter: "linear", "markov:3", "time_decay:14".

    Raises `HedgerowError` for a model that isn't on the shelf, with the nearest name, and for a parameter that
    the model does not have or that lies out of its bounds.
    """
    name, given, text = (part.strip() for part in spec.partition(":"))
    shelf = model_shelf()
    if name not in shelf:
        raise HedgerowError(f"No attribution model is called '{name}'.{nearest(name, shelf)}")
    model = shelf[name]
    if model.parameter is None:
        if given:
            raise HedgerowError(f"The model {name} has no parameter: write '{name}' instead of '{spec}'.")
        return Chosen(name, model, 0.0)
    return Chosen(name, model, _value(name, model.parameter, text) if given else float(model.parameter.default))


def _value(name: str, parameter: Parameter, text: str) -> float:
    try:
        value = float(parameter.kind(text))
    except ValueError:
        value = math.nan
    if not parameter.least <= value <= parameter.most:
        number = "whole number" if parameter.kind is int else "number"
        raise HedgerowError(
            f"'{text}' is no {parameter.name} for the model {name}: write {name}:{parameter.default:g}, or any "
            f"{number} from {parameter.least:g} to {parameter.most:g}."
        )
    return value


def _sums_to_one(paths: Paths, weights: Floats) -> bool:
    near = np.abs(per_journey(paths, weights) - (paths.sizes > 0)) <= 1e-9
    return bool(near.all()) and not bool((weights < 0).any())
