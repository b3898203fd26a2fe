"""Mail: an address anybody can have."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="They write from an address anybody can have.",
    trait="mail",
    when="free_mail",
    points=-5,
    example="ann@gmail.com alone takes 5.",
)
