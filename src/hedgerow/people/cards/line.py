"""A line: one property of a card in the regular form, which is vCard 4.0's (RFC 6350) whatever it was read from."""

import re
from collections.abc import Iterable

import msgspec

Params = tuple[tuple[str, tuple[str, ...]], ...]

LABEL = "X-ABLABEL"
"""The parameter that holds a label of the user's own; on the wire it is a line beside, tied by a group."""

LISTED = ("NICKNAME", "CATEGORIES")
STRUCTURED = ("N", "ADR", "ORG", "GENDER")
TEXTS = ("FN", "EMAIL", "TEL", "TITLE", "ROLE", "NOTE", *LISTED, *STRUCTURED)
"""Properties whose value is text; those of `LISTED` hold several with commas, `STRUCTURED` parts with semicolons."""

ADDRESSES = ("URL", "UID", "IMPP", "SOCIALPROFILE", "PHOTO", "SOURCE", "MEMBER")
"""Properties whose value is a URI, in which nothing is escaped."""

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PIECE = re.compile(r"\\.|\\$|[^\\,;]+|[,;]", re.DOTALL)


class Line(msgspec.Struct, frozen=True):
    """A property: its name in capitals, its value as vCard 4.0 writes it, its parameters in order of their names."""

    name: str
    value: str
    params: Params = ()
    group: str = ""

    def param(self, name: str) -> tuple[str, ...]:
        """Return the values of a parameter; none where the line has it not."""
        return next((values for known, values in self.params if known == name), ())

    @property
    def kinds(self) -> tuple[str, ...]:
        """What kind of mail address, number or place it is, in small letters: home, work, cell."""
        return self.param("TYPE")

    @property
    def preferred(self) -> bool:
        """Whether it is the one to use first."""
        return self.param("PREF") == ("1",)

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of a structured value, as text; several values of one part stay joined by a comma."""
        return tuple(unescaped(part) for part in cut(self.value, ";"))

    @property
    def texts(self) -> tuple[str, ...]:
        """The values of a listed property, as text."""
        return tuple(text for part in cut(self.value, ",") if (text := unescaped(part).strip()))

    @property
    def text(self) -> str:
        """The value as text."""
        return self.value if self.name in ADDRESSES else unescaped(self.value)

    def but(self, **params: Iterable[str]) -> "Line":
        """Return the line with other parameters; a parameter without values goes."""
        named = dict(self.params) | {name.replace("_", "-"): tuple(values) for name, values in params.items()}
        return Line(self.name, self.value, ordered(named.items()), self.group)


def line(name: str, value: str | Iterable[str], kinds: Iterable[str] = (), **params: str) -> Line:
    """Return a line of plain text, of several texts (`LISTED`) or of parts (`STRUCTURED`)."""
    if not isinstance(value, str):
        mark = "," if name in LISTED else ";"
        written = mark.join(escaped(part) for part in value)
    else:
        written = value if name in ADDRESSES else escaped(value)
    named = {key.replace("_", "-"): (text,) for key, text in params.items() if text}
    return Line(name, written, ordered([("TYPE", tuple(sorted(set(kinds)))), *named.items()]))


def ordered(params: Iterable[tuple[str, tuple[str, ...]]]) -> Params:
    """Return parameters in order of their names, those without a value left out."""
    return tuple(sorted((name, values) for name, values in params if values))


def escaped(text: str) -> str:
    """Return text as a value writes it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\\", "\\\\")
    return text.replace(",", "\\,").replace(";", "\\;").replace("\n", "\\n")


def unescaped(value: str) -> str:
    """Return the text that a value writes; a mark escaped without need is that mark."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def cut(value: str, mark: str) -> list[str]:
    """Return the parts of a value between marks that are not escaped, each still escaped."""
    parts = [""]
    for piece in _PIECE.findall(value):
        if piece == mark:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def made_regular(found: Line) -> Line:
    """Return a line whose value is written in the one way we write it, so that equal meanings are equal lines."""
    if found.name in LISTED:
        value = ",".join(escaped(text) for text in found.texts)
    elif found.name in STRUCTURED:
        parts = [_components(part) for part in cut(found.value, ";")]
        while found.name != "N" and parts and not parts[-1]:
            parts.pop()
        value = ";".join(parts)
    elif found.name in TEXTS:
        value = escaped(unescaped(found.value))
    elif found.name in ADDRESSES:
        value = re.sub(r"\\([:,;\\])", r"\1", found.value.strip())
    else:
        value = found.value
    return Line(found.name, value, found.params, found.group)


def _components(part: str) -> str:
    return ",".join(escaped(unescaped(each)) for each in cut(part, ","))
