"""Companies: the words of a company's name without its legal form."""

import re

from hedgerow.people.words.folding import folded

_FORMS_SAID = """
inc incorporated corp corporation co company llc llp lp ltd limited plc pllc pty gmbh ggmbh mbh ag kg kgaa ohg
gbr ug ev eg se sa sas sarl sasu sprl srl spa snc bv nv vof cv ab as asa aps oy oyj kft zrt bt doo dd ad ood
eood sl slu sro spol zoo sp ooo oao zao pao tov kk gk yk pte sdn bhd ltda eireli me cia group holding holdings
und and
"""
FORMS = frozenset(_FORMS_SAID.split())
"""Legal forms, and what stands between them."""


def company_words(text: str) -> list[str]:
    """Return the words of a name without its legal form; the first is the company's own, whatever it is."""
    words = folded(re.sub(r"(?<=\b\w)\.(?=\w\b)", "", text)).split()
    own = words[1:] if words[:1] == ["the"] else words
    return [word for place, word in enumerate(own) if not place or word not in FORMS]


def company_key(text: str) -> str | None:
    """Return what spellings of one company's name have in common: "bramblefoods" of "The Bramble Foods GmbH"."""
    return "".join(company_words(text)) or None
