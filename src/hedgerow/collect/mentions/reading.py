"""Reading a source: whether it links to the target, and what it says there by its microformats."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin

import mf2py
import webencodings
from bs4 import BeautifulSoup, Tag

from hedgerow.collect.mentions.markup import regular_html
from hedgerow.kit.fetch import Fetched, Unfetchable, place_of
from hedgerow.ledger.jobs import GiveUp

KINDS = {"repost-of": "share", "like-of": "like", "in-reply-to": "reply", "bookmark-of": "bookmark"}
"""What a post does to the target, by the property of its h-entry that names it; else it is a mention."""

_LINKS = {
    **dict.fromkeys(("a", "area", "link"), ("href",)),
    **dict.fromkeys(("img", "audio", "source", "track", "embed"), ("src",)),
    **dict.fromkeys(("blockquote", "q", "ins", "del"), ("cite",)),
    "video": ("src", "poster"),
    "object": ("data",),
}
_BLOCKS = ("p", "li", "blockquote", "td", "dd", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6")
_ROOT = re.compile(r"h-[a-z0-9-]{1,40}")
_READ = {
    *(f"{prefix}-{name}" for prefix in "pu" for name in (*KINDS, "author", "url", "uid", "name")),
    *("p-summary", "e-content", "dt-published", "dt-updated", "value", "value-title"),
    *("hentry", "vcard", "author", "fn", "url", "published", "updated"),
    *("entry-title", "entry-content", "entry-summary"),
}
_DEEPEST_CLASS, _DEEPEST_TAG = 8, 200


@dataclass(frozen=True)
class Said:
    """What a source says of a target; all but `kind` may be missing. Times are as they were stated."""

    kind: str = "mention"
    title: str = ""
    text: str = ""
    author: str = ""
    author_url: str = ""
    published: str = ""
    updated: str = ""


def read(answer: Fetched, target: str) -> Said | None:
    """Return what the answer says of `target`, or None where it does not link there.

    HTML has to link to it, JSON to have it as a value, plain text to contain it; URLs are compared when they are
    absolute and regular, their fragments included. Raises `GiveUp` for another type of content.
    """
    kind = answer.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
    charset = re.search(r"charset=[\"']?([\w.:-]+)", answer.headers.get("content-type", ""), re.IGNORECASE)
    if kind in ("text/html", "application/xhtml+xml"):
        return _of_html(_decoded(answer.body, charset and charset[1]), answer.url, target)
    if kind == "application/json" or kind.endswith("+json"):
        return _of_json(answer.body, target)
    if kind.startswith("text/"):
        return _of_text(_decoded(answer.body, charset and charset[1]), target)
    raise GiveUp(f"The source is {kind!r}, in which no link is looked for: send a page, JSON or plain text.")


def regular_url(url: str) -> str | None:
    """Return an absolute URL in the form in which two are compared, with its fragment; None for one of no page."""
    plain, fragment = urldefrag(url)
    try:
        return place_of(plain).url + (f"#{fragment}" if fragment else "")
    except Unfetchable:
        return None


def _decoded(body: bytes, charset: str | None) -> str:
    declared = re.search(rb"<meta[^>]{0,200}?charset=[\"']?([\w.:-]+)", body[:1_024], re.IGNORECASE)
    label = charset or (declared[1].decode("ascii", "replace") if declared else "utf-8")
    text, _ = webencodings.decode(body, webencodings.lookup(label) or webencodings.UTF8)
    return text


def _of_json(body: bytes, target: str) -> Said | None:
    try:
        waiting = [json.loads(body)]
    except (ValueError, RecursionError) as error:
        raise GiveUp(f"The source is no JSON that can be read ({error}): correct it and send it again.") from None
    wanted = regular_url(target)
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and value.startswith("http") and regular_url(value) == wanted:
            return Said()
        waiting += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return None


def _of_text(text: str, target: str) -> Said | None:
    wanted = regular_url(target)
    for found in re.findall(r"https?://[^\s<>\"']{1,4096}", text):
        if wanted in (regular_url(found), regular_url(found.rstrip(".,;:!?)]}*_"))):
            return Said(text=text.strip())
    return None


def _of_html(html: str, url: str, target: str) -> Said | None:
    soup = _parsed(regular_html(html))
    based = soup.find("base", href=True)
    base = _joined(url, str(based.get("href"))) if isinstance(based, Tag) else url
    wanted = regular_url(target)
    link = next((tag for tag, address in _links(soup, base) if address == wanted), None)
    if link is None:
        return None
    block, title = link.find_parent(_BLOCKS), soup.find("title")
    plain = Said(title=_plain(title), text=_plain(block))
    if _pruned(soup) > _DEEPEST_TAG:
        return plain
    try:
        found = mf2py.parse(soup, url=url)
    except (RecursionError, ValueError, TypeError, AttributeError, KeyError, IndexError):
        return plain  # a page that mf2py stumbles over still links
    entry = _entry(list(_entries(found["items"])), base, wanted)
    return plain if entry is None else _of_entry(entry, found["rels"], base, wanted, plain)


def _parsed(html: str) -> BeautifulSoup:
    # Text without a tag has no link, and the parser warns of text that looks like a file or a URL.
    return BeautifulSoup(html if "<" in html else "", "html.parser")


def _links(soup: Tag, base: str) -> Iterator[tuple[Tag, str | None]]:
    for tag in soup.find_all(list(_LINKS)):
        for attribute in _LINKS[tag.name]:
            if tag.get(attribute) is not None:
                yield tag, regular_url(_joined(base, str(tag[attribute]).strip()))


def _joined(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def _plain(tag: Any) -> str:
    return " ".join(tag.get_text().split()) if tag else ""


def _pruned(soup: BeautifulSoup) -> int:
    """Leave only the classes that are read, and of those inside each other the outer ones; return how deep tags go.

    Each class copies all the text beneath it, so that a page could make a thousand pages of itself.
    """
    deepest, depths = 0, {id(soup): (0, 0)}
    for tag in soup.find_all(True):
        depth, roots = depths[id(tag.parent)]
        classes = tag.get_attribute_list("class") if roots < _DEEPEST_CLASS else []
        kept: Any = [str(name) for name in dict.fromkeys(classes) if name in _READ or _ROOT.fullmatch(str(name))][:8]
        tag["class"] = kept
        depths[id(tag)] = (depth + 1, roots + bool(kept))
        deepest = max(deepest, depth + 1)
    return deepest


def _entries(items: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the h-entries in order of the page, those inside others after them."""
    for item in items:
        if not isinstance(item, dict) or "properties" not in item:
            continue
        if "h-entry" in item["type"]:
            yield item
        yield from _entries(item.get("children", []))


def _entry(entries: list[dict[str, Any]], base: str, wanted: str | None) -> dict[str, Any] | None:
    """Return the entry that does something to the target, else the one whose content links to it, else the first."""
    for entry in entries:
        if _kind(entry, base, wanted) != "mention":
            return entry
    for entry in entries:
        for content in entry["properties"].get("content", []):
            inner = _parsed(content.get("html", "") if isinstance(content, dict) else "")
            if any(address == wanted for _, address in _links(inner, base)):
                return entry
    return entries[0] if entries else None


def _kind(entry: dict[str, Any], base: str, wanted: str | None) -> str:
    for name, kind in KINDS.items():
        urls = (url for value in entry["properties"].get(name, []) for url in _urls(value))
        if any(regular_url(_joined(base, url)) == wanted for url in urls):
            return kind
    return "mention"


def _urls(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        nested = value.get("properties", {})
        yield from (url for url in (value.get("value"), *nested.get("url", []), *nested.get("uid", [])) if url)


def _of_entry(entry: dict[str, Any], rels: Mapping[str, list[str]], base: str, wanted: str | None, plain: Said) -> Said:
    properties = entry["properties"]
    text = _first(properties, "content") or _first(properties, "summary")
    name = _first(properties, "name")
    author, author_url = "", ""
    for value in properties.get("author", [])[:1]:
        inside = value.get("properties", {}) if isinstance(value, dict) else {}
        urls = [url for url in _urls(value) if url.startswith(("http://", "https://"))]
        author_url = _first(inside, "url") or (urls[0] if urls else "")
        author = _first(inside, "name") or ("" if urls and not inside else str(value) if isinstance(value, str) else "")
    author_url = author_url or next(iter(rels.get("author", [])), "")
    return Said(
        _kind(entry, base, wanted),
        "" if name == text else name or ("" if text else plain.title),
        text,
        author,
        regular_url(_joined(base, author_url)) or "" if author_url else "",
        _first(properties, "published"),
        _first(properties, "updated"),
    )


def _first(properties: Mapping[str, Any], name: str) -> str:
    for value in properties.get(name, []):
        found = value.get("value", "") if isinstance(value, dict) else value
        if isinstance(found, str) and found.strip():
            return found.strip()
    return ""
