"""prediction owns how likely an outcome is and why: training, leakage, model files and drift; it acts on none."""

from hedgerow.score.prediction.drift import BAR, Drift, drift
from hedgerow.score.prediction.examples import cuts, examples
from hedgerow.score.prediction.keeping import (
    HORIZON_DAYS,
    Kept,
    due,
    last_drift,
    last_refusal,
    latest,
    predicted,
    retrain,
    watch,
    why,
)
from hedgerow.score.prediction.leakage import Suspect, suspects
from hedgerow.score.prediction.learning.quality import Quality
from hedgerow.score.prediction.model import Model, Reason, Tried, load, store
from hedgerow.score.prediction.reading import check, read
from hedgerow.score.prediction.training import LEAST, train

__all__ = [
    "BAR",
    "HORIZON_DAYS",
    "LEAST",
    "Drift",
    "Kept",
    "Model",
    "Quality",
    "Reason",
    "Suspect",
    "Tried",
    "check",
    "cuts",
    "drift",
    "due",
    "examples",
    "last_drift",
    "last_refusal",
    "latest",
    "load",
    "predicted",
    "read",
    "retrain",
    "store",
    "suspects",
    "train",
    "watch",
    "why",
]
