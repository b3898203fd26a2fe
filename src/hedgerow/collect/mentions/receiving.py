"""Receiving webmentions (https://www.w3.org/TR/webmention/): asked for, verified, written down."""

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec

from hedgerow.collect.mentions.reading import Said, read
from hedgerow.collect.mentions.states import SOURCE, State, decide, known, pair_of
from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import microseconds, now
from hedgerow.kit.fetch import Fetched, Place, Unfetchable, fetch, place_of
from hedgerow.ledger import Touch, Workspace
from hedgerow.ledger.jobs import GiveUp, Payload, ask_for

JOB = "webmention"
"""The kind of job that verifies a webmention; its handler is `verify`."""
LONGEST_TEXT = 20_000
"""Characters of a text or title that are kept; one that was longer ends in … and says `cut` in its properties."""

_ASKED = {"accept": "text/html, application/json;q=0.9, text/plain;q=0.8", "user-agent": "Hedgerow (Webmention)"}
_VERBS = {"share": "announce", "like": "like", "reply": "create"}
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


class Pace:
    """Keeps requests to one host `gap` seconds apart, whichever thread sends them."""

    def __init__(self, gap: float = 1.0) -> None:
        self._gap, self._busy = gap, threading.Lock()
        self._free: dict[str, float] = {}

    def wait(self, place: Place) -> None:
        """Return when the place's host may be spoken to."""
        with self._busy:
            present = time.monotonic()
            if len(self._free) > 10_000:
                self._free = {host: free for host, free in self._free.items() if free > present}
            turn = max(present, self._free.get(place.host, present))
            self._free[place.host] = turn + self._gap
        time.sleep(turn - present)


_PACE = Pace()


def receive(workspace: Workspace, source: str, target: str) -> None:
    """Ask for a webmention to be verified; one that waits already is not asked for twice.

    Raises `HedgerowError` where source or target is no web address, both are the same page, or the target is on
    none of the workspace's sites (their subdomains included).
    """
    source, target = source.strip(), target.strip()
    there, here = place_of(source), place_of(target)
    if there.url == here.url:
        raise HedgerowError("Source and target are the same page: send the page that links to the target as source.")
    if not _is_ours(here.host, workspace.settings.workspace.sites):
        raise HedgerowError(
            f"{here.host} takes no webmentions here: send them where that site says, or add it to sites."
        )
    with workspace.record.begin() as connection:
        ask_for(connection, JOB, {"source": source, "target": target}, once=pair_of(source, target))


def verify(workspace: Workspace, payload: Payload, fetch: Callable[..., Fetched] = fetch, pace: Pace = _PACE) -> None:
    """Fetch a source and write down what became of its mention: new, changed, gone, or as it was.

    May be called any number of times. Raises `GiveUp` where there is no mention and never was, or the source must
    not be fetched, and `HedgerowError` where it may be different later.
    """
    source, target = str(payload["source"]), str(payload["target"])
    state = known(workspace, source, target)
    said = _said(source, target, fetch, pace)
    if said is None and not state.version:
        raise GiveUp(f"{source} does not link to {target}: put the link there and send the webmention again.")
    digest = sha256(msgspec.json.encode(_stated(said))).hexdigest()[:32] if said else ""
    after = replace(state, state="live" if said else "deleted", digest=digest, verified_at=microseconds(now()))
    if (after.state, after.digest) != (state.state, state.digest):
        after = replace(after, version=state.version + 1, actor=_actor(source, said) if said else state.actor)
        after = replace(after, owed=msgspec.json.encode(_touch(state, after, said)).decode())
    else:
        after = replace(after, owed="")
    decide(workspace, state, after)


def _said(source: str, target: str, fetch: Callable[..., Fetched], pace: Pace) -> Said | None:
    """Return what the source says of the target; None where it is gone or links there no more."""
    try:
        answer = fetch(source, headers=_ASKED, meet=pace.wait)
    except Unfetchable as error:
        raise (error if error.passing else GiveUp(error.sentence)) from None
    if answer.status in (404, 410):
        return None
    if answer.status in (408, 425, 429) or answer.status >= 500:
        raise HedgerowError(f"{source} answered {answer.status}: try again later.")
    if not 200 <= answer.status < 300:
        raise GiveUp(f"{source} answered {answer.status}: make the page public and send the webmention again.")
    return read(answer, target)


def _touch(before: State, after: State, said: Said | None) -> Touch:
    first = not before.version
    verb = "delete" if said is None else "update" if not first else _VERBS.get(said.kind, "mention")
    said = said or Said(kind="")
    stated: dict[str, Any] = {"kind": said.kind, "author": said.author, "author_url": said.author_url}
    stated |= {"published": said.published, "updated": said.updated}
    stated |= {"version": after.version, "digest": after.digest}
    if max(len(said.text), len(said.title)) > LONGEST_TEXT:
        stated["cut"] = True
    return Touch(
        source=SOURCE,
        sender_id=f"{after.pair}:{after.version}",
        occurred_at=_instant(said.published if first else said.updated),
        verb=verb,
        actor=after.actor,
        url=after.source,
        object=after.target,
        parent=None if first else f"{after.pair}:1",
        relation={"share": "share", "reply": "reply"}.get(said.kind) if first else None,  # type: ignore[arg-type]
        title=_cut(said.title) or None,
        text=_cut(said.text) or None,
        properties=msgspec.json.encode({name: value for name, value in stated.items() if value != ""}).decode(),
    )


def _actor(source: str, said: Said) -> str:
    if said.author_url and len(said.author_url) <= 500:
        return f"url:{said.author_url}"
    return f"site:{place_of(source).host}"


def _stated(said: Said) -> dict[str, str]:
    # When it says it was published is no content: some pages state it anew each time.
    return {name: value for name, value in asdict(said).items() if name not in ("published", "updated")}


def _instant(stated: str) -> datetime:
    """Return the time that was stated, in UTC where it names no zone; the present for none that can be."""
    try:
        instant = datetime.fromisoformat(stated.strip())
        instant = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return now()
    return instant if _EARLIEST <= instant <= now() else now()


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _is_ours(host: str, sites: tuple[str, ...]) -> bool:
    hosts = (urlsplit(site if "//" in site else f"//{site}").hostname for site in sites)
    ours = [own.removeprefix("www.") for own in hosts if own]
    return any(host == own or host.endswith(f".{own}") for own in ours)
