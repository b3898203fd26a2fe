"""Folding: text in plain small Latin letters, so that spellings of one name come out alike."""

import re
import unicodedata


def _letters(pairs: str) -> dict[str, str]:
    return {pair[0]: pair[1:] for pair in pairs.split()}


_CYRILLIC = _letters(
    "аa бb вv гg дd еe зz иi йi кk лl мm нn оo пp рr сs тt уu фf ыy эe іi їi єe ґg ѕdz јj ћc ђdj џdz љlj њnj ѓg ќk ўu "
    "жzh хkh цts чch шsh щshch ъ ь юyu яya"
)
_GREEK = _letters("αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo")
_LATIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ŋ": "n"}
_LETTERS = str.maketrans({**_CYRILLIC, **_GREEK, **_LATIN})
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
PLAIN = "regexp_full_match(x, '[A-Za-z0-9 -]*')"
"""SQL over a text `x`: whether it is so plain that `SQUEEZED` is what `squeezed` makes of it."""

SQUEEZED = "translate(lower(x), ' -', '')"
_APART = re.compile(r"[\W_]+")
_INSIDE = re.compile(r"(?<=\w)['’`´ʼ](?=\w)")


def folded(text: str) -> str:
    """Return small letters and digits, one space between words: "Łukasz O’Neill-Груша" is "lukasz oneill grusha".

    Diacritics go, Cyrillic and Greek are written in Latin letters (close to ISO 9 and ELOT 743 without marks);
    scripts without a letter-for-letter spelling stay as they are.
    """
    small = unicodedata.normalize("NFKC", text).casefold()
    # The short i and its like are letters of their own, which taking the marks off would turn into others.
    latin = unicodedata.normalize("NFKD", small.replace("й", "i").replace("ё", "e").translate(_LETTERS))
    plain = "".join(letter for letter in latin if not unicodedata.combining(letter)).translate(_LETTERS)
    return _APART.sub(" ", _INSIDE.sub("", plain)).strip()


def squeezed(text: str) -> str:
    """Return `folded` without spaces: "Mary Ann" and "mary-ann" are both "maryann"."""
    return folded(text).replace(" ", "")


def spelt_out(text: str) -> str:
    """Return `squeezed` with umlauts written as two letters, as passports do: "Müller" is "mueller"."""
    return squeezed(unicodedata.normalize("NFC", text).casefold().translate(_SPELT_OUT))
