"""Markup: a stranger's HTML made regular in one pass, so that no page costs more than its length to parse.

Both parsers that are at hand take minutes for some pages of a megabyte. This reads tokens as the HTML standard's
tokenizer does (https://html.spec.whatwg.org/multipage/parsing.html), leaves out what is no markup (comments,
scripts, templates, the text of fields), and writes what is left as plain tags with quoted attributes.
"""

import re
from collections.abc import Iterator
from html import escape, unescape

from hedgerow.ledger.jobs import GiveUp

MOST_TAGS = 60_000
"""Tags a page may have."""

_KEPT = ("class", "href", "src", "cite", "data", "poster", "title", "alt", "datetime", "value", "lang", "rel", "id")
_RAW = ("script", "style", "xmp", "iframe", "noembed", "noframes", "textarea", "title")
_NAME = re.compile(r"[A-Za-z][^\s/>]*")
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9-]*")
_BETWEEN = re.compile(r"[\s/]*")
_ATTRIBUTE = re.compile(r"(=?[^\s/>=]*)(?:\s*(=)\s*)?")
_UNQUOTED = re.compile(r"[^\s>]*")
_COMMENT_END = re.compile(r"--!?>")


def regular_html(html: str) -> str:
    """Return the page as plain tags and text; what stands in templates, scripts and the like is left out.

    Raises `GiveUp` for a page of more than `MOST_TAGS` tags.
    """
    written: list[str] = []
    templates = tags = 0
    for name, is_end, text in _tokens(html):
        if name == "template":
            templates = max(templates + (-1 if is_end else 1), 0)
        elif not templates:
            tags += bool(name)
            written.append(text)
        if tags > MOST_TAGS:
            raise GiveUp(f"The page has more than {MOST_TAGS} tags: send a page for each post instead.")
    return "".join(written)


def _tokens(html: str) -> Iterator[tuple[str, bool, str]]:
    """Yield tags and pieces of text: the tag's name ("" for text), whether it is an end tag, how it is written."""
    place = 0
    while True:
        begin = html.find("<", place)
        yield "", False, _text(html[place : begin if begin >= 0 else len(html)])
        if begin < 0:
            return
        is_end = html.startswith("/", begin + 1)
        named = _NAME.match(html, begin + 1 + is_end)
        if not named:
            place = _after_no_tag(html, begin)
            if place == begin + 1:
                yield "", False, "&lt;"
            continue
        name = named[0].lower()
        attributes, place = _attributes(html, named.end())
        if place < 0 or name == "plaintext":
            return
        if _PLAIN_NAME.fullmatch(name):
            yield name, is_end, f"</{name}>" if is_end else f"<{name}{attributes}>"
        if name in _RAW and not is_end:
            end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, place)
            if name == "title":
                yield "", False, _text(html[place : end.start() if end else len(html)])
            if not end:
                return
            place = end.start()


def _after_no_tag(html: str, begin: int) -> int:
    """Return where to go on after a `<` that begins no tag: a comment, a declaration, or a mere sign."""
    if html.startswith(("<!-->", "<!--->"), begin):
        return html.index(">", begin) + 1
    if html.startswith("<!--", begin):
        end = _COMMENT_END.search(html, begin + 4)
        return end.end() if end else len(html)
    if html.startswith(("<!", "<?", "</"), begin):
        closed = html.find(">", begin)
        return closed + 1 if closed >= 0 else len(html)
    return begin + 1


def _attributes(html: str, place: int) -> tuple[str, int]:
    """Return the attributes of a tag as they are to be written, and the place behind it: -1 where it never ends."""
    found: dict[str, str] = {}
    while True:
        place = _skipped(_BETWEEN, html, place)
        if place >= len(html):
            return "", -1
        if html[place] == ">":
            return "".join(f' {name}="{escape(value)}"' for name, value in found.items()), place + 1
        name = _ATTRIBUTE.match(html, place)
        assert name  # it matches the empty text
        place, value = name.end(), ""
        if name[2]:
            quote = html[place : place + 1]
            quoted = quote in ('"', "'") and quote != ""
            end = html.find(quote, place + 1) if quoted else _skipped(_UNQUOTED, html, place)
            if end < 0:
                return "", -1
            value, place = html[place + quoted : end], end + quoted
        if (plain := name[1].lower()) in _KEPT:
            found.setdefault(plain, unescape(value))


def _skipped(pattern: re.Pattern[str], html: str, place: int) -> int:
    found = pattern.match(html, place)
    return found.end() if found else place


def _text(text: str) -> str:
    return escape(unescape(text), quote=False)
