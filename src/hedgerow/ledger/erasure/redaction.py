"""Redaction: every form in which an erased person's identifiers stand in a text, found and taken out."""

import hashlib
import json
import quopri
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from urllib.parse import quote

import pyarrow as pa

NOBODY = "erased:nobody"
"""What stands where a whole identifier stood: an identifier that nobody has."""

_ERASED = "erased"
_TOGETHER = 200
_LETTER = r"[^\W_]"
_BEHIND_ESCAPE = r"(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrtbf])|(?<=\\u[0-9A-Fa-f]{4})"
_BEGIN = rf"(?:(?<!{_LETTER})|{_BEHIND_ESCAPE})"
_WHOLE_BEGIN = rf"(?:(?<!{_LETTER})(?<!{_LETTER}[.+_-])|{_BEHIND_ESCAPE})"
_FILE = r"\.(?:csv|gz|jsonl?|log|md|ndjson|parquet|pdf|tsv|txt|vcf|xlsx?|zip)\b"
_END, _WHOLE_END = rf"(?!{_LETTER})", rf"(?!{_LETTER})(?:(?![._-]{_LETTER})|(?={_FILE}))"
# An address or a whole identifier may be the end, or the beginning, of a longer one that is somebody else's; a file
# may be called by it.


def telling(value: str) -> bool:
    """Return whether an identifier's value says who is meant where it stands without its kind.

    A word of letters alone may be any word, and a short number any number.
    """
    return len(value) >= 6 and not value.isalpha() and (not value.isdigit() or len(value) >= 9)


_HANDLE = re.compile(r"[^\W\d][\w.-]{2,}")


def _locals(wholes: Iterable[str]) -> set[str]:
    """Return what accounts are called on their own server: "@ann" of "mastodon:ann@social.example"."""
    split = (whole.partition(":") for whole in wholes)
    names = {value.partition("@")[0] for kind, _, value in split if kind != "email" and "@" in value}
    return {f"@{name}" for name in names if _HANDLE.fullmatch(name)}


class Redactor:
    """Takes identifiers (`kind:value`) and bare values out of texts, whatever the case they are written in."""

    def __init__(self, identifiers: Iterable[str], values: Iterable[str] = ()) -> None:
        wholes = sorted(set(identifiers))
        split = [whole.partition(":")[2] for whole in wholes]
        bare = {value for value in split if telling(value)} | set(values)
        handles = {f"@{value}" for value in split if _HANDLE.fullmatch(value)}
        self._near = _once(form for handle in _locals(wholes) for form in _written(handle))
        self._wholes = _once(form for whole in wholes for form in _written(whole))
        addresses = {value for value in bare if "@" in value}
        self._addresses = _once(form for value in addresses for form in _written(value))
        plain = {*(bare - addresses), *handles}
        hashed = (form for value in {*wholes, *bare} for form in _hashed(value))
        self._others = _once([*(form for value in plain for form in _written(value)), *hashed])

    def __bool__(self) -> bool:
        return bool(self._wholes or self._addresses or self._others or self._near)

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """The patterns (RE2's, without regard to case) of which one at least is in every text that names the person."""
        forms = _once([*self._wholes, *self._addresses, *self._others, *self._near])
        some = [forms[start : start + _TOGETHER] for start in range(0, len(forms), _TOGETHER)]
        return tuple(f"(?i){_any(part)}" for part in some)

    def found_in(self, columns: Sequence[str]) -> str:
        """Return the SQL that is true of a row of which one of these columns may name the person."""
        if not columns:
            return "false"
        whole = f"concat_ws(chr(31), {', '.join(columns)})"
        tests = [f"regexp_matches({whole}, '{pattern.replace(chr(39), chr(39) * 2)}')" for pattern in self.patterns]
        return f"({' OR '.join(tests) or 'false'})"

    def text(self, said: str) -> str:
        """Return a text with the person taken out of it."""
        for pattern, instead in self._replacing:
            said = pattern.sub(instead, said)
        return said

    def names(self, said: str) -> bool:
        """Return whether a text names the person."""
        return self.text(said) != said

    def column(self, column: pa.ChunkedArray) -> pa.Array:
        """Return a column of texts with the person taken out of each."""
        texts = [None if said is None else self.text(said) for said in column.to_pylist()]
        return pa.array(texts, column.type)

    @cached_property
    def _replacing(self) -> list[tuple[re.Pattern[str], str]]:
        listed = (
            (self._wholes, _WHOLE_BEGIN, _WHOLE_END, NOBODY),
            (self._addresses, _WHOLE_BEGIN, _WHOLE_END, _ERASED),
            (self._others, _BEGIN, _END, _ERASED),
            (self._near, _WHOLE_BEGIN, rf"{_WHOLE_END}(?!@)", _ERASED),
        )
        return [
            (re.compile(f"{begin}{_any(forms)}{end}", re.IGNORECASE), instead)
            for forms, begin, end, instead in listed
            if forms
        ]


def _written(value: str) -> list[str]:
    """Return a value as it stands in plain text, in addresses, in JSON, in HTML and in mail (quoted-printable)."""
    once = quote(value, safe="")
    spared = quote(value, safe=":@/+")
    escaped = json.dumps(value)[1:-1]
    signs = ((":", "\\u003a", "&#58;"), ("@", "\\u0040", "&#64;"))
    in_json, in_html = escaped, value
    for sign, for_json, for_html in signs:
        in_json, in_html = in_json.replace(sign, for_json), in_html.replace(sign, for_html)
    printable = quopri.encodestring(value.encode()).decode().replace("=\n", "")
    in_mail = (printable, printable.replace("@", "=40"), printable.replace("@", "=40").replace(":", "=3A"))
    return [value, once, spared, quote(value, safe=":"), quote(once, safe=""), escaped, in_json, in_html, *in_mail]


def _hashed(value: str) -> list[str]:
    """Return the digests and encodings that a value is passed on as, as they are written."""
    digests = []
    for said in {value, value.lower()}:
        raw = said.encode()
        digests += [hashlib.new(name, raw).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")]
        digests += [encoded(raw).decode().rstrip("=") for encoded in (b64encode, urlsafe_b64encode)]
    return digests


def _once(forms: Iterable[str]) -> list[str]:
    """Return each form once, longer ones first, so that none hides a longer one."""
    return sorted({form for form in forms if form}, key=lambda form: (-len(form), form))


def _any(forms: Collection[str]) -> str:
    return f"(?:{'|'.join(_literal(form) for form in forms)})"


def _literal(form: str) -> str:
    # Escaped for Python's expressions and for RE2 alike: `re.escape` writes spaces and signs that RE2 refuses.
    return "".join(sign if sign.isalnum() or sign in "_@%:/ " or ord(sign) > 127 else f"\\{sign}" for sign in form)
