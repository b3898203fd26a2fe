"""Mail: an address of one's own company."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="They write from their company's own domain.",
    trait="mail",
    when="not free_mail",
    points=15,
    example="ann@copperkettle.example gives 15, beside whatever private address she has.",
)
