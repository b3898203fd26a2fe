"""Employer: the company behind its legal form, and the company of a mail address."""

import re

from hedgerow.people.matching.comparison import Comparison, Derived, Level
from hedgerow.people.words.companies import company_key, company_words

_PUBLIC_SAID = """
gmail googlemail yahoo ymail hotmail outlook live msn icloud me mac aol gmx web mail proton protonmail pm yandex
qq 163 126 fastmail hey zoho posteo mailbox freenet tonline orange free laposte wanadoo libero
"""
_PUBLIC = frozenset(_PUBLIC_SAID.split())


def _opening(text: str) -> str | None:
    words = company_words(text)
    return words[0] if words and len(words[0]) >= 4 else None


def _of_mail(text: str) -> str | None:
    labels = text.casefold().rpartition("@")[2].split(".")
    name = re.sub(r"\W", "", labels[-2] if len(labels) > 1 else "")
    return name if len(name) >= 4 and name not in _PUBLIC else None


COMPARISON = Comparison(
    says="Employers are the same company, whatever its legal form.",
    columns=("employer",),
    prepare={
        "companies": Derived("employer", company_key, many=True),
        "company": Derived("companies[1]"),
        "company_openings": Derived("employer", _opening, many=True),
        "company_of_mail": Derived("email", _of_mail, many=True),
    },
    levels=(
        Level("They work for the same company.", "company_l = company_r"),
        Level("They have a company in common.", "list_has_any(companies_l, companies_r)"),
        Level(
            "One writes from the mail domain of the other's company.",
            "list_has_any(companies_l, company_of_mail_r) OR list_has_any(companies_r, company_of_mail_l)",
        ),
        Level(
            "The names of the companies are alike.",
            "jaro_winkler_similarity(company_l, company_r) >= 0.92 "
            "OR list_has_any(company_openings_l, company_openings_r)",
        ),
    ),
    otherwise="They work for different companies.",
    known="len(companies) > 0",
    keys=("company",),
    term_frequency="company",
)
