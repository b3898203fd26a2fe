"""prediction owns how likely an outcome is and why: training, the leakage check, model files, drift; it acts on none."""

from hedgerow.score.prediction.leakage import Suspect, suspects
from hedgerow.score.prediction.model import Model, Reason, load, store
from hedgerow.score.prediction.training import train

__all__ = ["Model", "Reason", "Suspect", "load", "store", "suspects", "train"]
