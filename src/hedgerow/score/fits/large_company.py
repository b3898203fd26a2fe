"""Size: a thousand people or more."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="A thousand people or more work there.",
    trait="size",
    when="employees >= 1000",
    points=25,
    example="A company of 1,200 gives 25.",
)
