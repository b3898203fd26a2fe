"""Seniority: those who do the work."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="They do the work that the product is for.",
    trait="seniority",
    when=(
        r"regexp_matches(role, '\b(engineer|developer|administrator|architect|analyst|consultant|specialist|scientist|"
        r"designer|marketer|coordinator)\b')"
    ),
    points=12,
    example="“Platform Engineer” gives 12.",
)
