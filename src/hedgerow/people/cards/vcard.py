"""vCard: the grammar that versions 3.0 (RFC 2426) and 4.0 (RFC 6350, 6868) have in common; cards out of bytes and back.

Cards are cut before they are read, so that one that can't be read takes no other with it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from hedgerow.people.cards.card import Card
from hedgerow.people.cards.format import Rejected, encoding_of
from hedgerow.people.cards.line import ADDRESSES, LABEL, TEXTS, Line, line, made_regular, ordered

_HEAD = re.compile(r"(?:([A-Za-z0-9-]+)\.)?([A-Za-z0-9-]+)")
_PARAM = re.compile(r';([A-Za-z0-9-]+)(?:=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*))?')
_VALUE = re.compile(r'"([^"]*)"|([^",]+)')
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WIDTH = 75
"""Octets a line may have before it is folded."""

Turn = Callable[[Line], Line]


def read(data: bytes, version: str, turn: Turn) -> Iterator[Card | Rejected]:
    """Yield the cards of a file, and what can't be read; `turn` makes a line of this version regular."""
    # Bytes that are no UTF-8 are let through as surrogates, so that they spoil their own card only.
    for number, lines in _cut(data.decode(encoding_of(data) or "utf-8", "surrogateescape")):
        try:
            yield _card(lines, version, turn)
        except ValueError as fault:
            yield Rejected(number, str(fault), "\n".join(lines).encode("utf-8", "replace").decode())


def version_of(data: bytes) -> str:
    """Return the version that the first card of some bytes states, "" where there is none."""
    found = re.search(rb"(?im)^VERSION:\s*([0-9.]+)", data[: 1 << 16].lstrip(b"\xef\xbb\xbf"))
    return found[1].decode() if found and b"BEGIN:VCARD" in data[: 1 << 12].upper() else ""


def written(cards: Iterable[Card], version: str, turn: Turn, quoted: Callable[[str], str]) -> bytes:
    """Return cards as a file of a version; `turn` makes of a regular line one of that version."""
    out: list[str] = []
    for card in cards:
        out += ["BEGIN:VCARD", f"VERSION:{version}"]
        for number, each in enumerate(card.lines, 1):
            out += [_folded(text) for text in _texts(turn(each), number, quoted)]
        out.append("END:VCARD")
    return "".join(f"{text}\r\n" for text in out).encode()


def dated(found: Line, basic: bool) -> Line:
    """Return a line whose whole date is written with dashes, or `basic` without; any other value stays."""
    date = _DATE.fullmatch(found.value)
    if not date or found.name not in ("BDAY", "ANNIVERSARY", "DEATHDATE"):
        return found
    return Line(found.name, ("" if basic else "-").join(date.groups()), found.params, found.group)


def stated_type(params: Mapping[str, tuple[str, ...]]) -> str:
    """Return the type of value that parameters state, in small letters, "" where they state none."""
    return "".join(params.get("VALUE", ())).lower()


def _cut(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the unfolded lines of each card, with the number of its first line in the file."""
    card: list[list[str]] = []
    begun = 0
    for number, raw in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if raw[:1] in (" ", "\t") and card:
            card[-1].append(raw[1:])
            continue
        mark = raw.strip().upper()
        if mark == "BEGIN:VCARD":
            if card:  # the one before never ended: it is handed over as it is, to be rejected by name
                yield begun, _unfolded(card)
            begun, card = number, [[raw]]
        elif card and raw.strip():
            card.append([raw])
        elif mark:
            yield number, [raw]
        if mark == "END:VCARD" and card:
            yield begun, _unfolded(card)
            card = []
    if card:
        yield begun, _unfolded(card)


def _unfolded(card: list[list[str]]) -> list[str]:
    return ["".join(parts) for parts in card]


def _card(lines: list[str], version: str, turn: Turn) -> Card:
    if lines[0].strip().upper() != "BEGIN:VCARD":
        raise ValueError("it stands outside of any card: begin cards with BEGIN:VCARD")
    if lines[-1].strip().upper() != "END:VCARD":
        raise ValueError("it breaks off without END:VCARD: export the book again")
    read = [_line(text) for text in lines[1:-1]]
    stated = next((each.value.strip() for each in read if each.name == "VERSION"), "")
    if stated != version:
        raise ValueError(f"it is of version {stated or 'none'}, not {version}: export it as vCard 3.0 or 4.0")
    if any(_SURROGATE.search(text) for text in lines):
        raise ValueError("it holds bytes that are no UTF-8: export the book as UTF-8")
    turned = [turn(each) for each in read if each.name != "VERSION"]
    card = Card(tuple(each for each in map(_regular, _labelled(turned)) if not _says_nothing(each)), version)
    if not card.shown_name:
        raise ValueError("it names nobody: give it a name, a mail address or a number")
    return card if card.text("FN") else card.but([line("FN", card.shown_name)])


def _regular(found: Line) -> Line:
    return dated(made_regular(found), basic=False)


def _says_nothing(found: Line) -> bool:
    return found.name in (*TEXTS, *ADDRESSES) and not found.value.strip(";, ")


def _line(text: str) -> Line:
    head = _HEAD.match(text)
    if not head:
        raise ValueError(f"it has a line that begins with no property: correct {text[:40]!r}")
    place, params = head.end(), dict[str, tuple[str, ...]]()
    while found := _PARAM.match(text, place):
        name, given = found[1].upper(), found[2]
        values = [quoted or bare for quoted, bare in _VALUE.findall(given)] if given is not None else [name]
        name = name if given is not None else "TYPE"  # TEL;HOME: as version 2.1 wrote it, and many still do
        params[name] = (*params.get(name, ()), *values)
        place = found.end()
    if text[place : place + 1] != ":":
        raise ValueError(f"it has a line without a colon behind its property: correct {text[:40]!r}")
    value = text[place + 1 :]
    if params.get("ENCODING", ("",))[0].upper() == "QUOTED-PRINTABLE":
        raise ValueError("it is written as quoted-printable: export it as vCard 3.0 or 4.0")
    kinds = {kind.lower() for kind in params.get("TYPE", ())}
    if "pref" in kinds:
        params.setdefault("PREF", ("1",))
    params["TYPE"] = tuple(sorted(kinds - {"pref"}))
    params.pop("CHARSET", None)
    return Line(head[2].upper(), value, ordered(params.items()), (head[1] or "").lower())


def _labelled(lines: list[Line]) -> Iterator[Line]:
    """Yield the lines with the labels that stand on lines of their own put where they belong."""
    labels = {each.group: each.value for each in lines if each.name == LABEL and each.group}
    owners = {each.group for each in lines if each.group and not each.name.startswith("X-AB")}
    for each in lines:
        if each.name == LABEL and each.group in owners:
            continue
        if each.group in labels and not each.name.startswith("X-AB"):
            labelled = each.but(**{LABEL.replace("-", "_"): [labels[each.group]]})
            alone = sum(other.group == each.group for other in lines) == 2
            yield Line(labelled.name, labelled.value, labelled.params, "" if alone else each.group)
        else:
            yield each


def _texts(found: Line, number: int, quoted: Callable[[str], str]) -> Iterator[str]:
    label = next(iter(found.param(LABEL)), None)
    group = found.group or (f"label{number}" if label is not None else "")
    before = f"{group}." if group else ""
    params = "".join(
        f";{name}={','.join(quoted(value) for value in values)}" for name, values in found.params if name != LABEL
    )
    yield f"{before}{found.name}{params}:{found.value}"
    if label is not None:
        yield f"{before}{LABEL}:{label}"


def _folded(text: str) -> str:
    """Return a line folded at 75 octets, never within a character."""
    if text.isascii():
        rest = (text[at : at + _WIDTH - 1] for at in range(_WIDTH, len(text), _WIDTH - 1))
        return "\r\n ".join([text[:_WIDTH], *rest])
    parts: list[str] = []
    part: list[str] = []
    width = 0
    for character in text:
        size = len(character.encode())
        if width + size > _WIDTH:
            parts.append("".join(part))
            part, width = [], 1
        part.append(character)
        width += size
    return "\r\n ".join([*parts, "".join(part)])
