"""Size: ten people or more."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="Ten people or more work there.",
    trait="size",
    when="employees >= 10 and employees < 50",
    points=10,
    example="A company of 12 gives 10.",
)
