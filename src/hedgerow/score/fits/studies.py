"""Seniority: those who study or look for work."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="They study or look for work.",
    trait="seniority",
    when=(
        r"regexp_matches(role, '\b(student(in)?|intern|trainee|pupil|professor|teacher|job ?seeker|unemployed|"
        r"retired)\b')"
    ),
    points=-30,
    example="“Student” takes 30.",
)
