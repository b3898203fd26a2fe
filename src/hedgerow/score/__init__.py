"""score owns signals, fit, engagement with decay and the reasons for each; it decides nothing about anybody."""

from hedgerow.score.asking.explaining import Explanation, earned, explain
from hedgerow.score.asking.moments import scores_at
from hedgerow.score.asking.naming import names_of, person_of, ranked
from hedgerow.score.fit import Fit, fit_shelf, fits_of
from hedgerow.score.points import give, prepare, rules_of_points
from hedgerow.score.reading import changed
from hedgerow.score.scores import community_scores, scores
from hedgerow.score.signal import GROUPS, Signal, signal_shelf, signals_of
from hedgerow.score.weights import WEIGHTS, Weight

__all__ = [
    "GROUPS",
    "WEIGHTS",
    "Explanation",
    "Fit",
    "Signal",
    "Weight",
    "changed",
    "community_scores",
    "earned",
    "explain",
    "fit_shelf",
    "fits_of",
    "give",
    "names_of",
    "person_of",
    "prepare",
    "ranked",
    "rules_of_points",
    "scores",
    "scores_at",
    "signal_shelf",
    "signals_of",
]
