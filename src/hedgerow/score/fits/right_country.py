"""Country: one the workspace names."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="Their country is one we sell to.",
    trait="country",
    when="target_country",
    points=10,
    example="With `countries = [“DE”]`, who says DE gets 10.",
)
