"""Employer: the company behind its legal form, and the company of a mail address."""

import re

from hedgerow.people.matching.comparison import Comparison, Derived, Level, Plain
from hedgerow.people.words.folding import folded

_FORMS_SAID = """
inc incorporated corp corporation co company llc llp lp ltd limited plc pllc pty gmbh ggmbh mbh ag kg kgaa ohg
gbr ug ev eg se sa sas sarl sasu sprl srl spa snc bv nv vof cv ab as asa aps oy oyj kft zrt bt doo dd ad ood
eood sl slu sro spol zoo sp ooo oao zao pao tov kk gk yk pte sdn bhd ltda eireli me cia group holding holdings
und and
"""
_FORMS = frozenset(_FORMS_SAID.split())
_PUBLIC_SAID = """
gmail googlemail yahoo ymail hotmail outlook live msn icloud me mac aol gmx web mail proton protonmail pm yandex
qq 163 126 fastmail hey zoho posteo mailbox freenet tonline orange free laposte wanadoo libero
"""
_PUBLIC = frozenset(_PUBLIC_SAID.split())


def _words(text: str) -> list[str]:
    """Return the words of a name without its legal form; the first is the company's own, whatever it is."""
    words = folded(re.sub(r"(?<=\b\w)\.(?=\w\b)", "", text)).split()
    own = words[1:] if words[:1] == ["the"] else words
    return [word for place, word in enumerate(own) if not place or word not in _FORMS]


def _company(text: str) -> str | None:
    return "".join(_words(text)) or None


def _opening(text: str) -> str | None:
    words = _words(text)
    return words[0] if words and len(words[0]) >= 4 else None


def _of_mail(text: str) -> str | None:
    labels = text.casefold().rpartition("@")[2].split(".")
    name = re.sub(r"\W", "", labels[-2] if len(labels) > 1 else "")
    return name if len(name) >= 4 and name not in _PUBLIC else None


_WORDS = "string_split(lower(rtrim(x, '.')), ' ')"
_OWN = (
    f"{_WORDS}[1] || array_to_string(list_filter({_WORDS}[2:], lambda w : w NOT IN ("
    + ", ".join(f"'{form}'" for form in sorted(_FORMS))
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
        "companies": Derived("employer", _company, True, Plain(_PLAIN, _OWN)),
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
