"""Seniority: those who lead a team."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="They lead a team.",
    trait="seniority",
    when=r"regexp_matches(role, '\b(manager(in)?|lead|team ?lead|supervisor)\b')",
    points=20,
    example="“Engineering Manager” gives 20.",
)
