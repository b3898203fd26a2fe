"""Employer: the company behind its legal form, and the company of a mail address."""

import re

from hedgerow.people.matching.comparison import Comparison, Derived, Level, Plain
from hedgerow.people.words.companies import FORMS, company_key, company_words

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


_WORDS = "string_split(lower(rtrim(x, '.')), ' ')"
_OWN = (
    f"{_WORDS}[1] || array_to_string(list_filter({_WORDS}[2:], lambda w : w NOT IN ("
    + ", ".join(f"'{form}'" for form in sorted(FORMS))
    + ")), '')"
)
_PLAIN = "regexp_full_match(x, '[A-Za-z]{4,}( [A-Za-z]+)*\\.?')"
_DOMAIN = "split_part(split_part(x, '@', 2), '.', -2)"
_OF_MAIL = (
    f"CASE WHEN length({_DOMAIN}) >= 4 AND {_DOMAIN} NOT IN ("
    + ", ".join(f"'{name}'" for name in sorted(_PUBLIC))
    + f") THEN {_DOMAIN} END"
)

COMPARISON = Comparison(
    says="Employers are the same company, whatever its legal form.",
    columns=("employer",),
    prepare={
        "companies": Derived("employer", company_key, True, Plain(_PLAIN, _OWN)),
        "company": Derived("companies[1]"),
        "company_openings": Derived("employer", _opening, True, Plain(_PLAIN, f"{_WORDS}[1]")),
        "company_of_mail": Derived(
            "email", _of_mail, True, Plain("regexp_full_match(x, '[a-z0-9._]+@[a-z0-9]+(\\.[a-z0-9]+)+')", _OF_MAIL)
        ),
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
