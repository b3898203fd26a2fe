"""CardDAV: an address book on a server (RFC 6352), found by RFC 6764 and followed by RFC 6578 where it can be."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from hedgerow.act.contacts.dav import NAMES, Answer, Dav, path_of, responses, tag
from hedgerow.kit import HedgerowError

_TOGETHER = 100
_ROOT = '<?xml version="1.0" encoding="utf-8"?>\n<{0} xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav">{1}</{0}>'
_WHAT_IT_IS = _ROOT.format(
    "d:propfind",
    "<d:prop><d:resourcetype/><d:displayname/><d:current-user-principal/><c:addressbook-home-set/></d:prop>",
)
_ETAGS = _ROOT.format("d:propfind", "<d:prop><d:getetag/><d:resourcetype/></d:prop>")
Properties = Mapping[str, Element]
_XML = "application/xml; charset=utf-8"


class Changed(HedgerowError):
    """A card that is no longer as it was when it was read."""


class Refused(HedgerowError):
    """A card that a server does not take."""


@dataclass(frozen=True)
class Listing:
    """What a server says of a book: the etag of each card by its address, of all (`whole`) or of those changed; the
    addresses of those gone; and where to go on next time."""

    etags: Mapping[str, str]
    gone: frozenset[str]
    token: str
    whole: bool


@dataclass(frozen=True)
class Fetched:
    """A card as a server keeps it."""

    href: str
    etag: str
    data: bytes


class Remote(Protocol):
    """The server's side of a book."""

    def listing(self, token: str) -> Listing:
        """Return what changed since `token`, or everything."""

    def fetch(self, hrefs: Sequence[str]) -> Iterator[Fetched]:
        """Yield the cards at these addresses that are there."""

    def put(self, href: str, data: bytes, etag: str | None) -> str:
        """Write a card that is still as `etag` says (None: not there) and return its etag; raises `Changed`."""

    def delete(self, href: str, etag: str) -> None:
        """Take a card away that is still as `etag` says; one that is gone already is gone. Raises `Changed`."""

    def place(self, uid: str) -> str:
        """Return the address for a card that is new."""


class AddressBook:
    """An address book on a server; find it with `find_address_book`."""

    def __init__(self, dav: Dav, path: str) -> None:
        self._dav, self._path = dav, path

    def listing(self, token: str) -> Listing:
        """Return what changed since `token`; everything where the server keeps no such list or forgot the token."""
        return self._changes(token) or (self._changes("") if token else None) or self._all()

    def fetch(self, hrefs: Sequence[str]) -> Iterator[Fetched]:
        """Yield the cards at these addresses that are there."""
        wanted = "<d:prop><d:getetag/><c:address-data/></d:prop>"
        for start in range(0, len(hrefs), _TOGETHER):
            listed = "".join(f"<d:href>{escape(href)}</d:href>" for href in hrefs[start : start + _TOGETHER])
            answer = self._asked("REPORT", _ROOT.format("c:addressbook-multiget", wanted + listed), "1")
            if answer.status != 207:
                raise HedgerowError(f"{answer.url} hands out no cards (status {answer.status}): check the address.")
            for href, _, found in responses(answer.xml):
                data, etag = found.get(tag("c:address-data")), found.get(tag("d:getetag"))
                if data is not None and data.text:
                    yield Fetched(href, (etag.text or "") if etag is not None else "", data.text.encode())

    def put(self, href: str, data: bytes, etag: str | None) -> str:
        """Write a card that is still as `etag` says (None: not there, "*": there) and return its etag.

        Raises `Changed` where it is not, and `Refused` where the server takes no such card.
        """
        only = {"If_None_Match": "*"} if etag is None else {"If_Match": etag}
        answer = self._dav.request("PUT", href, data, Content_Type="text/vcard; charset=utf-8", **only)
        if answer.status == 412 or (answer.status == 404 and etag is not None):
            raise Changed(f"{href} was changed on the server: sync again.")
        if answer.status not in (200, 201, 204):
            raise Refused(f"the server refuses it with {answer.status} ({_said(answer)}): correct the card")
        return answer.headers.get("etag", "")

    def delete(self, href: str, etag: str) -> None:
        """Take a card away that is still as `etag` says; raises `Changed` where it is not."""
        answer = self._dav.request("DELETE", href, If_Match=etag or "*")
        if answer.status == 412:
            raise Changed(f"{href} was changed on the server: sync again.")
        if answer.status not in (200, 202, 204, 404, 410):
            raise Refused(f"the server keeps it with {answer.status} ({_said(answer)}): take it out there")

    def place(self, uid: str) -> str:
        """Return the address for a card that is new."""
        plain = re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", uid) and not uid.startswith(".")
        return f"{self._path}{uid if plain else hashlib.sha256(uid.encode()).hexdigest()}.vcf"

    def close(self) -> None:
        """Let go of the connection."""
        self._dav.close()

    def _asked(self, method: str, body: str, depth: str) -> Answer:
        return self._dav.request(method, self._path, body.encode(), Depth=depth, Content_Type=_XML)

    def _changes(self, token: str) -> Listing | None:
        """Return the server's own list of changes, None where it has none, or none that begins at `token`."""
        etags: dict[str, str] = {}
        gone: set[str] = set()
        upto = token
        while True:
            asked = f"<d:sync-token>{escape(upto)}</d:sync-token><d:sync-level>1</d:sync-level>"
            body = _ROOT.format("d:sync-collection", f"{asked}<d:prop><d:getetag/></d:prop>")
            answer = self._asked("REPORT", body, "0")
            if answer.status != 207:
                return None
            more = False
            for href, status, found in responses(answer.xml):
                if href == self._path:
                    more = status == 507  # RFC 6578, 3.6: the list was cut, and goes on behind its token
                elif status in (404, 410):
                    gone.add(href)
                    etags.pop(href, None)
                elif (etag := found.get(tag("d:getetag"))) is not None and not href.endswith("/"):
                    etags[href] = etag.text or ""
                    gone.discard(href)
            before, upto = upto, answer.xml.findtext("d:sync-token", "", NAMES) or ""
            if not upto or (more and upto == before):
                return None
            if not more:
                return Listing(etags, frozenset(gone), upto, whole=not token)

    def _all(self) -> Listing:
        answer = self._asked("PROPFIND", _ETAGS, "1")
        if answer.status != 207:
            raise HedgerowError(f"{answer.url} lists no cards (status {answer.status}): check the address.")
        etags = {
            href: (etag.text or "")
            for href, _, found in responses(answer.xml)
            if (etag := found.get(tag("d:getetag"))) is not None and not _is(found, "d:collection")
        }
        return Listing(etags, frozenset(), "", whole=True)


def find_address_book(url: str, user: str, secret: str) -> AddressBook:
    """Return the address book at `url`, or the only one of the user on that server.

    Raises `HedgerowError` where there is none, or several: then it names them.
    """
    dav = Dav(url, user, secret)
    for start in (url, "/.well-known/carddav", "/"):
        for href, found in _described(dav, start, "0"):
            if _is(found, "c:addressbook"):
                return AddressBook(dav, _folder(href))
            if books := _of_user(dav, found):
                return AddressBook(dav, _only(url, books))
    raise HedgerowError(f"No address book is at {url}: give its own address, as the server's settings show it.")


def _of_user(dav: Dav, found: Properties) -> list[str]:
    """Return the paths of the address books of whom a resource belongs to."""
    homes = _hrefs(found, "c:addressbook-home-set")
    for principal in _hrefs(found, "d:current-user-principal") if not homes else []:
        for _, described in _described(dav, principal, "0"):
            homes += _hrefs(described, "c:addressbook-home-set")
    return [_folder(href) for home in homes for href, each in _described(dav, home, "1") if _is(each, "c:addressbook")]


def _described(dav: Dav, url: str, depth: str) -> list[tuple[str, Properties]]:
    answer = dav.request("PROPFIND", url, _WHAT_IT_IS.encode(), Depth=depth, Content_Type=_XML)
    return [(href, found) for href, _, found in responses(answer.xml)] if answer.status == 207 else []


def _hrefs(found: Properties, name: str) -> list[str]:
    element = found.get(tag(name))
    return (
        [path_of(each.text.strip()) for each in element.iterfind("d:href", NAMES) if each.text]
        if element is not None
        else []
    )


def _is(found: Properties, name: str) -> bool:
    kind = found.get(tag("d:resourcetype"))
    return kind is not None and kind.find(name, NAMES) is not None


def _folder(href: str) -> str:
    return href if href.endswith("/") else f"{href}/"


def _only(url: str, books: Sequence[str]) -> str:
    if len(books) > 1:
        raise HedgerowError(f"The server at {url} has several address books: give one of {', '.join(books)}.")
    return books[0]


def _said(answer: Answer) -> str:
    text = re.sub(r"<[^>]*>", " ", answer.body[:500].decode("utf-8", "replace"))
    return " ".join(text.split())[:120] or "without a word"
