"""Completeness: name, role, employer and country."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="Their name, role, employer and country are known.",
    trait="completeness",
    when="answers = 4",
    points=5,
    example="Who told all four gets 5.",
)
