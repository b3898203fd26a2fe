"""An X archive: followers, followed, blocked, muted and uploaded contacts, out of the zip or of one of its files."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from hedgerow.people.cards.card import Card
from hedgerow.people.cards.format import Format, Rejected, decoded
from hedgerow.people.cards.line import line
from hedgerow.people.cards.networks import profile

_LISTS = {"follower": "Follower", "following": "Following", "blocking": "Blocked", "muting": "Muted"}
_MEMBER = re.compile(r"(?:.*/)?(?:follower|following|block|mute|contact)(?:-part\d+)?\.js")
_BEGINS = re.compile(r"\s*window\.YTD\.[a-z_]+\.part\d+\s*=\s*")
_MOST = 1 << 29
"""Bytes that a file of the archive may have unpacked: a follower takes about 120."""


def _read(data: bytes) -> Iterator[Card | Rejected]:
    accounts: dict[str, list[str]] = {}
    for member, text in _files(data):
        if text is None:
            yield Rejected(
                1, f"{member} is broken or larger than {_MOST >> 20} MB: unpack it and give it by itself", ""
            )
            continue
        for number, entry in enumerate(_entries(text), 1):
            kind, said = next(iter(entry.items()), ("", None)) if isinstance(entry, dict) else ("", None)
            number_of = str(said.get("accountId", "")) if isinstance(said, dict) else ""
            if kind in _LISTS and number_of.isascii() and number_of.isdigit():
                accounts.setdefault(number_of, []).append(_LISTS[kind])
            elif kind == "contact" and isinstance(said, dict) and (card := _contact(said)).shown_name:
                yield card
            else:
                payload = msgspec.json.encode(entry).decode()
                yield Rejected(number, f"entry {number} of {member} names no account: leave it out", payload)
    for account, lists in accounts.items():
        named = (line("FN", f"x_id:{account}"), profile(f"x_id:{account}"))
        card = Card((*named, line("CATEGORIES", dict.fromkeys(lists))))
        yield card.marked_opted_out() if "Blocked" in lists else card


def _files(data: bytes) -> Iterator[tuple[str, str | None]]:
    if not data.startswith(b"PK"):
        yield "the file", decoded(data)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if _MEMBER.fullmatch(info.filename)]
            for info in members:
                whole = info.file_size <= _MOST
                yield info.filename, decoded(archive.read(info)) if whole else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
        yield "the archive", None


def _entries(text: str) -> list[Any]:
    try:
        return msgspec.json.decode(_BEGINS.sub("", text, count=1), type=list[Any])
    except msgspec.DecodeError:
        return [{"unreadable": text[:200]}]


def _contact(said: dict[str, Any]) -> Card:
    given, surname = str(said.get("firstName") or ""), str(said.get("lastName") or "")
    mails = [line("EMAIL", mail) for mail in _texts(said.get("emails"))]
    phones = [line("TEL", phone) for phone in _texts(said.get("phoneNumbers"))]
    named = [line("N", (surname, given, "", "", ""))] if given or surname else []
    card = Card((*named, *mails, *phones))
    return card.but([line("FN", card.shown_name)]) if card.shown_name else card


def _texts(said: Any) -> list[str]:
    """Return the texts of a list, or of what should have been one."""
    return [str(each) for each in (said if isinstance(said, list) else [said]) if isinstance(each, str | int) and each]


def _fits(data: bytes) -> bool:
    if data.startswith(b"PK"):
        return any(_MEMBER.fullmatch(name) for name in _names(data))
    return bool(re.match(r"window\.YTD\.(follower|following|block|mute|contact)\.part", decoded(data[:200]).strip()))


def _names(data: bytes) -> list[str]:
    try:
        return zipfile.ZipFile(io.BytesIO(data)).namelist()
    except zipfile.BadZipFile:
        return []


FORMAT = Format(
    says="An X archive, or its follower.js, following.js, block.js, mute.js or contact.js; X takes none in.",
    ending=".zip",
    fits=_fits,
    read=_read,
    write=None,
)
