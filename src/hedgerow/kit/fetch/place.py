"""A place: where a URL leads, its name made regular, and whether its addresses are public."""

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urlsplit

import idna

from hedgerow.kit.errors import HedgerowError

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
Allow = Callable[[Address], bool]

PORTS = {"http": 80, "https": 443}
LONGEST = 4_096
"""Characters a URL may have."""

_NETLOC = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^\s\[\]:@%\\/]+))(?::(?P<port>[0-9]{0,5}))?")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LEFT_ALONE = "!#$%&'()*+,/:;=?@[]~"

_UNICAST = ip_network("2000::/3")
_NOT_PUBLIC = [
    ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "3fff::/20")
]
"""What IANA's registries of special-purpose addresses keep for themselves, as far as older Pythons don't know."""

_CARRIES = {ip_network("64:ff9b::/96"): 0, ip_network("2002::/16"): 80, ip_network("::ffff:0:0/96"): 0}
"""Addresses that carry one of version 4, by how many bits up from their end: NAT64, 6to4, mapped."""


class Unfetchable(HedgerowError):
    """An address that can't, or must not, be fetched; `passing` says that it may be different another time."""

    def __init__(self, sentence: str, passing: bool = False) -> None:
        super().__init__(sentence)
        self.passing = passing


@dataclass(frozen=True)
class Place:
    """Where a URL leads: `host` in ASCII and small letters (no brackets), `target` is what is asked for there."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The host as a URL and the Host header write it, with the port where it isn't the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The URL made regular, without a fragment."""
        return self.origin + self.target


def place_of(url: str) -> Place:
    """Return where a URL leads, without looking any name up; raises `Unfetchable` for one that is no plain web URL.

    What browsers and libraries read differently (user names, backslashes, numbers that are addresses in disguise,
    control characters, % in a host) is refused rather than guessed at.
    """
    if len(url) > LONGEST:
        raise Unfetchable(f"The address has {len(url)} characters: give one of at most {LONGEST}.")
    shown = repr(url[:200])
    if re.search(r"[\x00-\x1f\x7f\\]", url):
        raise Unfetchable(f"{shown} holds a control character or a backslash: give a plain address.")
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise Unfetchable(f"{shown} is no address: give one such as https://example.org/page.") from None
    if parts.scheme not in PORTS:
        raise Unfetchable(f"{shown} is not on the web: give an address that begins with https:// or http://.")
    found = _NETLOC.fullmatch(parts.netloc)
    if not found:
        raise Unfetchable(f"{shown} has no plain host: leave out user names, passwords, spaces and % signs.")
    host = _address(found["six"], shown) if found["six"] else _host(found["name"], shown)
    port = int(found["port"] or PORTS[parts.scheme])
    if port not in PORTS.values() and not 1024 <= port <= 65_535:
        raise Unfetchable(f"{shown} names port {port}: use 80, 443, or one from 1024 to 65535.")
    query = f"?{parts.query}" if parts.query else ""
    target = (parts.path or "/") + query
    return Place(parts.scheme, host, port, quote(target, safe=_LEFT_ALONE, errors="replace"))


def is_public(address: Address) -> bool:
    """Return whether an address can be reached by anybody; one that carries another is what that one is."""
    if isinstance(address, IPv6Address):
        for network, shift in _CARRIES.items():
            if address in network:
                return is_public(IPv4Address(int(address) >> shift & 0xFFFFFFFF))
        if address not in _UNICAST:
            return False
    special = address.is_multicast or address.is_reserved or any(address in network for network in _NOT_PUBLIC)
    return address.is_global and not special


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a name as the system's resolver says them, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(sockaddr[0]) for *_, sockaddr in found]


def addresses(place: Place, resolve: Resolve, allow: Allow) -> list[Address]:
    """Return a place's addresses, each once; raises `Unfetchable` where there is none, or one isn't allowed."""
    try:
        texts = [str(ip_address(place.host))]
    except ValueError:
        texts = list(_resolved(place, resolve))
    found = list(dict.fromkeys(ip_address(text.split("%")[0]) for text in texts))
    if not found:
        raise Unfetchable(f"The name {place.host} has no address: check its spelling, or try again later.", True)
    for address in found:
        if not allow(address):
            raise Unfetchable(f"{place.host} leads to {address}, which is not public: give a public address.")
    return found


def _resolved(place: Place, resolve: Resolve) -> Sequence[str]:
    try:
        return resolve(place.host, place.port)
    except (OSError, UnicodeError) as error:
        raise Unfetchable(
            f"The name {place.host} can't be looked up ({error}): check its spelling, or try again later.", True
        ) from None


def _address(text: str, shown: str) -> str:
    try:
        return str(IPv6Address(text))
    except ValueError:
        raise Unfetchable(f"{shown} has no address of version 6 in its brackets: correct it.") from None


def _host(name: str, shown: str) -> str:
    try:
        host = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise Unfetchable(f"{shown} has a host that can't be a name: correct it.") from None
    host = host.removesuffix(".")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            return str(IPv4Address(host))
        except ValueError:
            raise Unfetchable(f"{shown} writes its host as a number: give a name, or four decimal numbers.") from None
    if not _NAME.fullmatch(host) or len(host) > 253:
        raise Unfetchable(f"{shown} has a host that can't be a name: correct it.")
    return host
