"""Industry: one the workspace names."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="Their industry is one we sell to.",
    trait="industry",
    when="target_industry",
    points=15,
    example="With `industries = [“software”]`, who says Software gets 15.",
)
