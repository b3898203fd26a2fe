"""Industry: none the workspace names."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="Their industry is none we sell to.",
    trait="industry",
    when="not target_industry",
    points=-10,
    example="With `industries = [“software”]`, who says Farming loses 10.",
)
