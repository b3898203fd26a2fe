"""vCard 4.0 (RFC 6350), with the encoding of parameters of RFC 6868 and the profiles of RFC 9554."""

import re
from collections.abc import Iterable, Iterator

from hedgerow.people.cards import vcard
from hedgerow.people.cards.card import Card
from hedgerow.people.cards.format import Format, Rejected
from hedgerow.people.cards.line import ADDRESSES, TEXTS, Line, ordered

_DEFAULTS: dict[str, tuple[str, ...]] = dict.fromkeys((*ADDRESSES, "LOGO", "SOUND", "KEY"), ("uri",))
_DEFAULTS |= {"TEL": ("text", "uri"), "BDAY": ("date-and-or-time",), "REV": ("timestamp",), "LANG": ("language-tag",)}
_CARETS = {"^n": "\n", "^'": '"', "^^": "^"}


def _read(data: bytes) -> Iterator[Card | Rejected]:
    return vcard.read(data, "4.0", _regular)


def _write(cards: Iterable[Card]) -> bytes:
    return vcard.written(cards, "4.0", _own, _quoted)


def _regular(found: Line) -> Line:
    params = {name: tuple(_uncareted(value) for value in values) for name, values in found.params}
    name, value = found.name, found.value
    if name == "X-SOCIALPROFILE":
        name = "SOCIALPROFILE"
        params.setdefault("SERVICE-TYPE", params.pop("TYPE", ()))
    if name == "SOCIALPROFILE":
        params["SERVICE-TYPE"] = tuple(each.lower() for each in params.get("SERVICE-TYPE", ()))
    if name == "TEL" and value.lower().startswith("tel:"):
        value = value[4:].replace(";", "\\;")
    if vcard.stated_type(params) in _DEFAULTS.get(name, ("text",) if name in TEXTS else ()):
        params.pop("VALUE")
    return Line(name, value, ordered(params.items()), found.group)


def _own(found: Line) -> Line:
    own = vcard.dated(found, basic=True)
    if own.name == "SOCIALPROFILE" and "://" not in own.value and not re.match(r"[a-z][a-z0-9+.-]+:", own.value):
        return own.but(VALUE=["text"])
    return own


def _quoted(value: str) -> str:
    careted = value.replace("^", "^^").replace('"', "^'").replace("\n", "^n")
    return f'"{careted}"' if re.search(r"[,;:]", careted) else careted


def _uncareted(value: str) -> str:
    return re.sub(r"\^[n'^]", lambda found: _CARETS[found[0]], value)


FORMAT = Format(
    says="vCard 4.0, as newer phones, Nextcloud and Thunderbird write it.",
    ending=".vcf",
    fits=lambda data: vcard.version_of(data) == "4.0",
    read=_read,
    write=_write,
)
