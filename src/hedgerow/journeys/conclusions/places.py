"""Places: the table of known sites, apps and short names, and what kind of place each is."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_PUBLIC = re.compile(r"(?:com?|net|org|edu|gov|ac|ne|or|go|gen|web|info|biz)\.[a-z]{2}|[a-z][a-z0-9-]+")
_PAID_ENDING = re.compile(r"(.+?)(?:[\s_-]+(?:ads?|adverts?|advertising|paid|sponsored|cpc|ppc)|ads)")
_PAID_OPENING = re.compile(r"(?:paid|sponsored)[\s_-]+(.+)")
_ENDING = re.compile(
    r"(.+?)[\s_-]+(?:organic|posts?|stor(?:y|ies)|feed|page|profile|company|channel|bio|social|founder|messenger|dm)"
)
_OPENING = re.compile(r"organic[\s_-]+(.+)")


@dataclass(frozen=True)
class Places:
    """Kinds by host, by host of subdomains only, by host and path, by short name, by first label."""

    hosts: dict[str, str]
    beneath: dict[str, str]
    paths: dict[str, dict[str, str]]
    names: dict[str, str]
    labels: dict[str, str]

    def of_host(self, host: str, path: str = "") -> str | None:
        """Return the kind of a host in lower case and a path from `paths`, or None for a host not known."""
        labels = host.removeprefix("www.").rstrip(".").split(".")
        for place in range(len(labels) - 1):
            for key in _keys(labels[place:]):
                kind = self.paths.get(key, {}).get(path) or (self.beneath.get(key) if place else None)
                if found := kind or self.hosts.get(key):
                    return found
        return self.labels.get(labels[0]) if len(labels) > 2 else None

    def of_name(self, name: str) -> tuple[str, bool] | None:
        """Return the kind of what a marketer called a place, and whether the name says it was paid for.

        Takes a host ("m.facebook.com"), a name ("Hacker News", "fb") and either with a word around it that
        says how ("LinkedIn Ads", "paid_facebook", "instagram story"); None where no place is meant.
        """
        name = name.strip().casefold()
        if kind := self._plain(name):
            return kind, False
        for pattern, paid in (
            (_PAID_ENDING, True), (_PAID_OPENING, True), (_ENDING, False), (_OPENING, False),
        ):  # fmt: skip
            if (match := pattern.fullmatch(name)) and (kind := self._plain(match[1])):
                return kind, paid
        return None

    def _plain(self, name: str) -> str | None:
        kind = self.names.get(squeezed(name))
        if kind is None and "." in name:
            host, _, path = re.sub(r"^[a-z][a-z0-9+.-]*://", "", name).partition("/")
            kind = self.of_host(host, "/" + path.rstrip("/"))
        return kind if kind != "passage" else None


def squeezed(name: str) -> str:
    """Return a name without case, white space and punctuation, as names are compared: "Hacker-News " is hackernews."""
    return re.sub(r"[\W_]+", "", name.casefold())


@cache
def places() -> Places:
    """Return the table of `places.toml`."""
    table = tomllib.loads(files("hedgerow.journeys.conclusions").joinpath("places.toml").read_text("utf-8"))
    known = Places({}, {}, {}, {}, {})
    for kind, words in table.pop("labels").items():
        known.labels.update(dict.fromkeys(words.split(), kind))
    for kind, named in table.items():
        for name, words in named.items():
            _enter(known, kind, name, words.split())
    return known


def _enter(known: Places, kind: str, name: str, words: list[str]) -> None:
    if kind not in ("passage", "other"):
        known.names[squeezed(name)] = kind
    for word in words:
        host, slash, path = word.partition("/")
        if slash:
            known.paths.setdefault(host, {})["/" + path] = kind
        elif "." not in word:
            known.names[squeezed(word)] = kind
        elif word.startswith("."):
            known.beneath[word[1:]] = kind
        else:
            known.hosts[word] = kind


def _keys(labels: list[str]) -> list[str]:
    """Return under which keys a host may stand: itself, and with its public ending as "*"."""
    keys = [".".join(labels)]
    for cut in (-1, -2):
        if labels[:cut] and _PUBLIC.fullmatch(".".join(labels[cut:])):
            keys.append(".".join(labels[:cut]) + ".*")
    return keys
