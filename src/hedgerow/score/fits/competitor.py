"""Competitor: a mail domain the workspace names."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="They write from a competitor.",
    trait="competition",
    when="competitor",
    points=-100,
    example="With `competitors = [“rival.example”]`, ann@rival.example loses 100.",
)
