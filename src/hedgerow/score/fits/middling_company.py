"""Size: fifty people or more."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="Fifty people or more work there.",
    trait="size",
    when="employees >= 50 and employees < 1000",
    points=20,
    example="A company that says “51-200” gives 20.",
)
