"""Country: none the workspace names."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="Their country is none we sell to.",
    trait="country",
    when="not target_country",
    points=-20,
    example="With `countries = [“DE”]`, who says FR loses 20.",
)
