"""vCard 3.0 (RFC 2426), which every address book reads and CardDAV asks of every server."""

import re
from collections.abc import Iterable, Iterator

from hedgerow.people.cards import vcard
from hedgerow.people.cards.card import Card
from hedgerow.people.cards.format import Format, Rejected
from hedgerow.people.cards.line import ADDRESSES, TEXTS, Line, ordered

_MEDIA = {"PHOTO": "image", "LOGO": "image", "SOUND": "audio", "KEY": "application"}
_DEFAULTS: dict[str, tuple[str, ...]] = dict.fromkeys((*ADDRESSES, "LOGO", "SOUND"), ("uri", "url"))
_DEFAULTS |= {"BDAY": ("date",)}
_DATA = re.compile(r"data:(?:([a-z]+)/([^;,]+))?;base64,", re.IGNORECASE)


def _read(data: bytes) -> Iterator[Card | Rejected]:
    return vcard.read(data, "3.0", _regular)


def _write(cards: Iterable[Card]) -> bytes:
    named = (card if card.all("N") else card.but([Line("N", ";;;;")]) for card in cards)
    return vcard.written(named, "3.0", _own, _quoted)


def _regular(found: Line) -> Line:
    params, name, value = dict(found.params), found.name, found.value
    if name in _MEDIA:
        value = _as_data(name, value, params)
    elif name == "X-SOCIALPROFILE":
        name, params["SERVICE-TYPE"] = "SOCIALPROFILE", params.pop("TYPE", ())
    if vcard.stated_type(params) in _DEFAULTS.get(name, ("text",) if name in TEXTS else ()):
        params.pop("VALUE")
    return Line(name, value, ordered(params.items()), found.group)


def _as_data(name: str, value: str, params: dict[str, tuple[str, ...]]) -> str:
    """Return what is held within the card as a data: URI, as version 4.0 does."""
    kinds = [kind for kind in params.get("TYPE", ()) if kind != "base64"]
    within = params.get("ENCODING", ("",))[0].lower() in ("b", "base64") or "base64" in params.get("TYPE", ())
    if not within:
        return value
    params.pop("ENCODING", None)
    params.pop("TYPE", None)
    media = f"{_MEDIA[name]}/{kinds[0]}" if kinds else ""
    return f"data:{media};base64,{''.join(value.split())}"


def _own(found: Line) -> Line:
    params, name, value = dict(found.params), found.name, found.value
    held = _DATA.match(value) if name in _MEDIA else None
    if held:
        params |= {"ENCODING": ("b",), "TYPE": (held[2].upper(),) if held[2] else ()}
        value = value[held.end() :]
    elif name in _MEDIA and "://" in value:
        params["VALUE"] = ("uri",)
    if name == "SOCIALPROFILE":
        name, params["TYPE"] = "X-SOCIALPROFILE", params.pop("SERVICE-TYPE", ())
    if params.get("PREF") == ("1",):
        params.pop("PREF")
        params["TYPE"] = (*params.get("TYPE", ()), "pref")
    return Line(name, value, ordered(params.items()), found.group)


def _quoted(value: str) -> str:
    # Version 3.0 has no way to write a quotation mark, or a line break, in a parameter.
    plain = value.replace('"', "'").replace("\n", " ")
    return f'"{plain}"' if re.search(r"[,;:]", plain) else plain


FORMAT = Format(
    says="vCard 3.0, which every address book reads.",
    ending=".vcf",
    fits=lambda data: vcard.version_of(data) in ("3.0", "2.1"),
    read=_read,
    write=_write,
)
