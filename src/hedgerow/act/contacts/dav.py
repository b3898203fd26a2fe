"""WebDAV: requests to one server over a connection that is kept, and the answers' XML (RFC 4918)."""

import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import quote, unquote, urljoin
from xml.etree import ElementTree

from hedgerow.kit import HedgerowError
from hedgerow.kit.fetch.place import Place, place_of

NAMES = {"d": "DAV:", "c": "urn:ietf:params:xml:ns:carddav"}
TIMEOUT = 60.0
MOST = 1 << 28
"""Bytes an answer may have: a thousand cards with photos."""
_REDIRECTS = 5


@dataclass(frozen=True)
class Answer:
    """What was answered: `url` is where in the end, `headers` have names in small letters."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def xml(self) -> ElementTree.Element:
        """The answer as XML; raises `HedgerowError` where it is none."""
        # A document type is how XML is made to swell, and no answer of WebDAV has one.
        if b"<!DOCTYPE" in self.body[:1024]:
            raise HedgerowError(f"{self.url} answered with a document type: give the address of a CardDAV server.")
        try:
            return ElementTree.fromstring(self.body)
        except ElementTree.ParseError as error:
            raise HedgerowError(
                f"{self.url} answered no XML ({error}): give the address of a CardDAV server."
            ) from None


class Dav:
    """A server spoken to as one user, over https, or over http on this machine alone."""

    def __init__(self, url: str, user: str, secret: str) -> None:
        self._place = place_of(url)
        if self._place.scheme == "http" and not _is_here(self._place.host):
            raise HedgerowError(f"{self._place.origin} would get the password in the clear: give an https address.")
        self._login = b64encode(f"{user}:{secret}".encode()).decode()
        self._connection: HTTPConnection | None = None

    def request(self, method: str, url: str, body: bytes = b"", **headers: str) -> Answer:
        """Return what is answered, redirects within the server followed; raises `HedgerowError` where none is."""
        for _ in range(_REDIRECTS):
            place = place_of(urljoin(self._place.url, url))
            if place.host != self._place.host or (place.scheme, self._place.scheme) == ("http", "https"):
                raise HedgerowError(f"{self._place.origin} leads to {place.origin}: give that address if you trust it.")
            answer = self._sent(place, method, body, {name.replace("_", "-"): text for name, text in headers.items()})
            if answer.status not in (301, 302, 303, 307, 308) or "location" not in answer.headers:
                return self._checked(answer)
            url = urljoin(place.url, answer.headers["location"])
        raise HedgerowError(f"{self._place.origin} redirects without end: give the address of the address book itself.")

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _checked(self, answer: Answer) -> Answer:
        if answer.status == 401:
            raise HedgerowError(f"{self._place.origin} does not take this user and password: correct them.")
        if answer.status == 429 or (answer.status >= 500 and answer.status not in (501, 507)):
            raise HedgerowError(f"{self._place.origin} answered {answer.status}: sync again later.")
        return answer

    def _sent(self, place: Place, method: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if place.origin != self._place.origin:
            self._place = place
            self.close()
        sent = {"Authorization": f"Basic {self._login}", "User-Agent": "Hedgerow", **headers}
        for again in (False, True):
            kept = self._connection is not None
            try:
                connection = self._connection = self._connection or _connection(place)
                connection.request(method, place.target, body, sent)
                return _answer(connection.getresponse(), place.url)
            except (HTTPException, OSError) as error:
                self.close()
                # A kept connection may have been closed by the server meanwhile: once, on a new one. A card that had
                # arrived all the same is found changed then, and merged with itself.
                if again or not kept:
                    said = f"{type(error).__name__} {error}".strip()
                    raise HedgerowError(f"{place.origin} can't be reached ({said}): check it, or sync later.") from None
        raise AssertionError


def path_of(href: str) -> str:
    """Return an address as a path that is quoted in one way, however the server wrote it."""
    target = place_of(href).target if "://" in href else href
    return quote(unquote(target), safe="/@:+~!$&'()*,;=")


def responses(xml: ElementTree.Element) -> Iterator[tuple[str, int, Mapping[str, ElementTree.Element]]]:
    """Yield each response of a multistatus: its path, its status, and the properties that were found, by tag."""
    for response in xml.iterfind("d:response", NAMES):
        status, found = _status(response), dict[str, ElementTree.Element]()
        for stated in response.iterfind("d:propstat", NAMES):
            if _status(stated) == 200:
                found |= {each.tag: each for each in stated.iterfind("d:prop/*", NAMES)}
        yield path_of((response.findtext("d:href", "", NAMES) or "").strip()), status or (200 if found else 404), found


def tag(name: str) -> str:
    """Return a tag such as `d:href` as XML knows it."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMES[prefix]}}}{local}"


def _status(element: ElementTree.Element) -> int:
    said = (element.findtext("d:status", "", NAMES) or "").split()
    return int(said[1]) if len(said) > 1 and said[1].isdigit() else 0


def _connection(place: Place) -> HTTPConnection:
    if place.scheme == "http":
        return HTTPConnection(place.host, place.port, timeout=TIMEOUT)
    return HTTPSConnection(place.host, place.port, timeout=TIMEOUT, context=ssl.create_default_context())


def _answer(response: HTTPResponse, url: str) -> Answer:
    body = response.read(MOST + 1)
    if len(body) > MOST:
        raise HedgerowError(f"{url} answered more than {MOST >> 20} MB: split the address book.")
    return Answer(response.status, url, {name.lower(): text for name, text in response.getheaders()}, body)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
