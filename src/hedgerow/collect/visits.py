"""Visits: tracked links that are followed, pictures of mails that are opened, and links shared on from a page."""

import asyncio
import hmac
import secrets
import time
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from hedgerow.access import Key
from hedgerow.collect.http.answer import Refused
from hedgerow.collect.http.asked import Asked
from hedgerow.collect.http.keyring import Keyring, host_of
from hedgerow.journeys import automata
from hedgerow.kit import HedgerowError, clock
from hedgerow.ledger import Link, Purpose, Request, Touch, Workspace, find_link, json_line, make_link

TOKEN = "hr"
"""The parameter that carries the share token on to the page: CODE.CLICK, where CLICK opens with its second in hex."""

_KEPT = 50_000
_ROTATED = 600.0
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_EXPECTED = {"anonymousId", "channel", "content", "parent", "url", "writeKey"}


class Links:
    """The tracked links of a workspace, as those who follow them meet them."""

    def __init__(self, workspace: Workspace, now: Callable[[], float] = time.monotonic) -> None:
        self._workspace, self._now = workspace, now
        self._salt, self._salted_at = secrets.token_bytes(32), now()
        self._known = lru_cache(_KEPT)(self._found)

    async def find(self, code: str) -> Link:
        """Return the link of a code; raises `Refused` (404) where there is none."""
        if not code.isascii() or not code.isalnum() or len(code) > 32:
            raise Refused(404, "There is no such link: ask who gave it to you.")
        try:
            return await asyncio.to_thread(self._known, code)
        except LookupError:
            raise Refused(404, "There is no such link: ask who gave it to you.") from None
        except (sa.exc.SQLAlchemyError, OSError):
            raise Refused(503, "Links can't be looked up just now: try again in a moment.", 5) from None

    def followed(self, link: Link, asked: Asked) -> tuple[Request, str]:
        """Return what to keep of a link's being followed, and where to send the visitor on to."""
        program = _program(asked)
        click = f"{int(clock.now().timestamp()):08x}" + "".join(secrets.choice(_LETTERS) for _ in range(10))
        touch = self._touch(link, asked, "fetch" if program else "click", click, program)
        private = program or asked.headers.get("sec-gpc") == "1" or asked.headers.get("dnt") == "1"
        token = link.code if private else f"{link.code}.{click}"
        return _request(touch), link.url if program else _with_token(link.url, token)

    def opened(self, link: Link, asked: Asked) -> Request:
        """Return what to keep of the showing of a message's picture."""
        program = _program(asked)
        return _request(self._touch(link, asked, "fetch" if program else "open", secrets.token_hex(9), program))

    def share(self, keyring: Keyring, asked: Asked) -> tuple[Key, Callable[[], Link]]:
        """Return the key that asks for a link shared on from a page, and what makes it; raises `Refused`."""
        try:
            said = msgspec.json.decode(asked.body, type=dict[str, str | None])
        except (msgspec.DecodeError, RecursionError) as error:
            raise Refused(400, f"The body can't be read ({error}): send an object of texts.") from None
        if unknown := set(said) - _EXPECTED:
            raise Refused(400, f"A link has no {min(unknown)}: say {', '.join(sorted(_EXPECTED))}.")
        key = keyring.find(asked.user or said.get("writeKey") or "")
        if asked.origin:
            keyring.check_site(key, asked.origin)
        url = said.get("url") or ""
        keyring.check_site(key, f"https://{host_of(url)}")
        keyring.spend(key, 1)
        sharer = f"anonymous:{said['anonymousId']}"[:512] if said.get("anonymousId") else None
        purpose = Purpose(channel=said.get("channel"), content=said.get("content"), sharer=sharer)
        parent = (said.get("parent") or "").partition(".")[0]
        return key, lambda: self._shared(url, key.source, purpose, parent)

    def _shared(self, url: str, made_by: str, purpose: Purpose, parent: str) -> Link:
        # A token that was made up is no parent.
        known = find_link(self._workspace, parent) if parent.isascii() and parent.isalnum() else None
        try:
            return make_link(self._workspace, url, made_by, purpose, known.code if known else None)
        except HedgerowError as error:
            raise Refused(400, error.sentence) from None
        except (sa.exc.SQLAlchemyError, OSError):
            raise Refused(503, "The link could not be kept: try again in a moment.", 5) from None

    def _found(self, code: str) -> Link:
        link = find_link(self._workspace, code)
        if not link:
            raise LookupError(code)  # Not remembered: it may be made later.
        return link

    def _touch(self, link: Link, asked: Asked, verb: str, number: str, program: str) -> Touch:
        purpose, headers = link.purpose, asked.headers
        said = {"link": link.code, "root": link.root, "generation": link.generation, "content": purpose.content}
        said |= {"message": purpose.message, "sharer": purpose.sharer, "program": program or None}
        said |= {"from": self._whence(asked)}
        own = f"click:{number}"
        return Touch(
            occurred_at=clock.now(),
            source="links",
            sender_id=f"{verb}:{number}",
            verb=verb,
            actor=purpose.recipient or own,
            claims=(own,) if purpose.recipient and verb == "click" else (),
            channel=purpose.channel,
            medium=purpose.medium,
            campaign=purpose.campaign,
            url=link.url,
            referrer=headers.get("referer", "")[:4000] or None,
            user_agent=headers.get("user-agent", "")[:1000] or None,
            object=f"link:{link.code}",
            parent=f"link:{link.code}",
            language=headers.get("accept-language", "").partition(",")[0][:35] or None,
            properties=msgspec.json.encode({name: value for name, value in said.items() if value is not None}).decode(),
        )

    def _whence(self, asked: Asked) -> str:
        """Return a word for where a request came from that means nothing ten minutes later, nor to anybody else.

        It tells a scanner, which follows every link of a mail at once, from the people it scans for.
        """
        if self._now() - self._salted_at > _ROTATED:
            self._salt, self._salted_at = secrets.token_bytes(32), self._now()
        said = f"{asked.address}\n{asked.headers.get('user-agent', '')}".encode("utf-8", "replace")
        return hmac.digest(self._salt, said, "sha256").hex()[:16]


def _request(touch: Touch) -> Request:
    return Request("touch", "", json_line(touch), clock.microseconds(clock.now()))


def _program(asked: Asked) -> str:
    """Return what shows that a program asks and nobody is there to read, or nothing."""
    if asked.method == "HEAD":
        return "head"
    purposes = (asked.headers.get(name, "").lower() for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))
    if any(word in purpose for purpose in purposes for word in ("prefetch", "prerender", "preview")):
        return "prefetch"
    agent = asked.headers.get("user-agent", "")
    return "agent" if not agent or automata(pa.array([agent]))[0].as_py() else ""


def _with_token(url: str, token: str) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in parts.query.split("&") if part and not part.startswith(f"{TOKEN}="))
    return urlunsplit(parts._replace(query=f"{query}&{TOKEN}={token}" if query else f"{TOKEN}={token}"))
