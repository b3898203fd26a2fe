"""Conclude: the channel, group and campaign of every touch, and whether a program made it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hedgerow.journeys.conclusions.automata import automata
from hedgerow.journeys.conclusions.channels import PARTS, Seen, campaign_kind, group_of
from hedgerow.journeys.conclusions.places import places

RULES_VERSION = 2
"""Higher by one whenever any touch could be concluded otherwise, so that marks made before are made again."""

_ADDRESS = (
    r"(?s)^\s*(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?[/\\]{2})?(?:[^/\\?#@]*@)?"
    r"(?P<host>\[[^\]]*\]|[^/\\?#:]*)(?::[0-9]*)?(?P<path>[^?#]*)(?P<query>.*)$"
)
_TAGGED = r"(?i)utm_|clk?id|braid|li_fat_id"
_CLICK_ID = r"(?i)((?:clk?id|braid|li_fat_id)=[^&;#])[^&;#]*"
_CLICK = r"(?i)[?&;#](?P<value>gclid|gbraid|wbraid|msclkid|dclid|ttclid|li_fat_id|twclid)=[^&;#]"
_FACEBOOK = r"(?i)[?&;#](?P<value>fbclid)=[^&;#]"
_HOME = (
    r"(?i)^[/\\]*(?:(?:index|default|home)(?:\.[a-z]+)?/?"
    r"|(?:ar|cs|da|de|en|es|fi|fr|he|hu|it|ja|ko|nl|no|pl|pt|ru|sv|tr|uk|zh)(?:[-_][a-z]{2})?/?)?\s*$"
)
_UNSAID = {
    "",
    "-",
    "null",
    "none",
    "(none)",
    "(not set)",
    "not set",
    "(direct)",
    "undefined",
    "nan",
    "n/a",
    "(not provided)",
}
_PART = {verb: part for part, (_, verbs) in PARTS.items() for verb in verbs.split()}


@dataclass(frozen=True)
class Coded:
    """A column as codes (n,) into its distinct values, so that text is looked at once however often it occurs."""

    codes: NDArray[np.int64]
    values: pa.Array

    def through(self, change: Callable[[pa.Array], pa.Array]) -> "Coded":
        """Return the column with `change` made to its distinct values."""
        changed = _coded(change(self.values))
        return Coded(changed.codes[self.codes], changed.values)

    def each(self, change: Callable[[str], str | None]) -> "Coded":
        """Return the column with `change` made to every distinct text; null stays null."""
        return self.through(
            lambda values: pa.array(
                [None if value is None else change(value) for value in values.to_pylist()], pa.string()
            )
        )

    def or_else(self, other: "Coded") -> "Coded":
        """Return the column with its nulls filled from `other`."""
        return _coded(pc.coalesce(self.column(), other.column()))

    def column(self) -> pa.Array:
        """Return the column as it was, one value a row."""
        return self.values.take(pa.array(self.codes))


def conclude(touches: pa.Table, sites: tuple[str, ...]) -> pa.Table:
    """Return what is concluded of each touch: channel, channel_group, campaign, automaton; n rows as they came.

    Reads the columns verb, channel, medium, campaign, url, referrer, user_agent (strings, nullable). `sites` are
    the workspace's own hosts, their subdomains included. A channel of null is a touch that earns nothing; channel
    and group are null together. What is stated is kept, its white space folded; otherwise the channel is its
    group's name. Never raises for what a column holds.
    """
    channel = _text(touches, "channel").each(_said)
    address, origin = _Address(_text(touches, "url")), _Address(_text(touches, "referrer"))
    campaign = _text(touches, "campaign").each(_said).or_else(address.tag("utm_campaign"))
    medium = _text(touches, "medium").each(_said).or_else(address.tag("utm_medium"))
    source = address.tag("utm_source")
    own = tuple(host for site in sites if (host := _host_of(site)))
    seen = {
        "part": _text(touches, "verb").through(_parts),
        "channel": channel.each(str.casefold),
        "medium": medium.each(str.casefold),
        "campaign": campaign.each(campaign_kind),
        "source": source.each(_kind_of_source),
        "paid": source.each(_paid_of_source),
        "click": address.click(),
        "referrer": _same_host(origin, address, origin.spot(own)),
        "spot": address.spot(own),
        "landing": address.landing(),
    }
    codes, distinct = _combined(list(seen.values()))
    groups = [group_of(Seen(**dict(zip(seen, each, strict=True)))) for each in distinct]
    group = pa.array(groups, pa.string()).take(pa.array(codes))
    agents = _text(touches, "user_agent")
    return pa.table(
        {
            "channel": pc.if_else(pc.is_valid(group), pc.coalesce(channel.column(), group), group),
            "channel_group": group,
            "campaign": campaign.column(),
            "automaton": automata(agents.values).take(pa.array(agents.codes)),
        }
    )


class _Address:
    """A column of addresses, taken apart: host, path and query, whatever filth they hold."""

    def __init__(self, text: Coded) -> None:
        parts = pc.extract_regex(text.values, _ADDRESS)
        self._text = text
        self._host = text.through(lambda _: pc.struct_field(parts, "host")).each(_clean_host)
        self._path = text.through(lambda _: pc.struct_field(parts, "path"))
        self._query = text.through(lambda _: _tags(pc.struct_field(parts, "query")))

    @property
    def host(self) -> Coded:
        return self._host

    def tag(self, name: str) -> Coded:
        """Return a parameter's value, decoded once, its white space folded; null where it says nothing."""
        return self._query.through(lambda values: _found(values, rf"(?i)[?&;#]{name}=(?P<value>[^&;#]*)")).each(
            lambda value: _said(unquote_plus(value, errors="replace"))
        )

    def click(self) -> Coded:
        """Return the name of the click id in the query; Facebook's, which it adds to every link, only alone."""
        return self._query.through(
            lambda values: pc.utf8_lower(pc.coalesce(_found(values, _CLICK), _found(values, _FACEBOOK)))
        )

    def landing(self) -> Coded:
        """Return "home" for a page people type (no path, an index page, a language), else "deep"."""
        said = self._text.through(lambda texts: pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(texts)), 0))
        pages = self._path.through(lambda values: pc.if_else(pc.match_substring_regex(values, _HOME), "home", "deep"))
        return _coded(pc.if_else(said.column(), pages.column(), pa.scalar(None, pa.string())))

    def spot(self, own: tuple[str, ...]) -> Coded:
        """Return the kind of place of each address: of `places.toml`, "own", "other", or null for none."""
        codes, distinct = _combined((self._host, self._path.through(lambda values: _found(values, _paths()))))
        kinds = pa.array([_spot(host, path or "", own) for host, path in distinct], pa.string())
        return Coded(codes, kinds).through(lambda values: values)


def _text(touches: pa.Table, name: str) -> Coded:
    return _coded(touches[name].cast(pa.string()))


def _coded(column: pa.Array | pa.ChunkedArray) -> Coded:
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    encoded = column.dictionary_encode(null_encoding="encode")
    return Coded(encoded.indices.to_numpy().astype(np.int64), encoded.dictionary)


def _combined(columns: Sequence[Coded]) -> tuple[NDArray[np.int64], list[tuple[Any, ...]]]:
    """Return codes (n,) into the distinct rows of `columns`, and these rows."""
    codes = columns[0].codes
    for column in columns[1:]:
        # Coded anew at each step, so that the product of two stays far below 2^63.
        codes = _coded(pa.array(codes * max(len(column.values), 1) + column.codes)).codes
    first = np.zeros(codes.max(initial=-1) + 1, np.int64)
    first[codes] = np.arange(len(codes))
    rows = [column.values.take(pa.array(column.codes[first])).to_pylist() for column in columns]
    return codes, list(zip(*rows, strict=True))


def _same_host(origin: _Address, address: _Address, kinds: Coded) -> Coded:
    """Return the referrer's kinds, "own" where its host is also the page's."""
    place = pc.index_in(origin.host.values, value_set=address.host.values).fill_null(-1).to_numpy()
    same = pa.array(place[origin.host.codes] == address.host.codes)
    column = kinds.column()
    return _coded(pc.if_else(pc.and_(same, pc.is_valid(column)), "own", column))


def _parts(verbs: pa.Array) -> pa.Array:
    return pa.array([_PART.get((verb or "").strip().casefold(), "proves") for verb in verbs.to_pylist()])


def _found(texts: pa.Array, pattern: str) -> pa.Array:
    return pc.struct_field(pc.extract_regex(texts, pattern), "value")


def _tags(queries: pa.Array) -> pa.Array:
    """Return the queries that hold a tag, click ids cut to a letter: each click has its own, we need only its name."""
    tagged = pc.if_else(pc.match_substring_regex(queries, _TAGGED), queries, pa.scalar(None, pa.string()))
    return pc.replace_substring_regex(tagged, _CLICK_ID, r"\1")


@cache
def _paths() -> str:
    known = {path for paths in places().paths.values() for path in paths}
    return f"(?P<value>{'|'.join(sorted(known, key=len, reverse=True))})(?:/|$)"


def _said(text: str) -> str | None:
    folded = " ".join(text.split())
    return None if folded.casefold() in _UNSAID else folded


def _clean_host(text: str) -> str | None:
    host = text.strip().lower().removeprefix("www.").rstrip(".")
    return None if not host or re.search(r"\s", host) else host


def _host_of(site: str) -> str | None:
    host: str | None = _Address(_coded(pa.array([site]))).host.values[0].as_py()
    return host


def _spot(host: str | None, path: str, own: tuple[str, ...]) -> str | None:
    if host is None:
        return None
    if any(host == site or host.endswith("." + site) for site in own):
        return "own"
    if "." not in host:
        # Some trackers write a name for a referrer; a word that names no place is nobody.
        named = places().of_name(host)
        return named[0] if named else None
    kind = places().of_host(host, path)
    return "own" if kind == "passage" else kind or "other"


def _kind_of_source(name: str) -> str | None:
    place = places().of_name(name)
    return place[0] if place else "other"


def _paid_of_source(name: str) -> str | None:
    place = places().of_name(name)
    return "paid" if place and place[1] else None
