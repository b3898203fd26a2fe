"""Seniority: those who decide."""

from hedgerow.score.fit import Fit

FIT = Fit(
    says="They decide: a chief, a head, a director or an owner.",
    trait="seniority",
    when=(
        r"regexp_matches(role, '\b(chief|c[eftimp]o|ciso|president|vp|head|director|owner|founder|"
        r"gesch(ä|ae)ftsf(ü|ue)hrer(in)?|leiter(in)?)\b') and not contains(role, 'product owner')"
    ),
    points=30,
    example="“Head of Platform” gives 30.",
)
