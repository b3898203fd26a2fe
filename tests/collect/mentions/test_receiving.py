"""Receiving webmentions: what is taken, what becomes of it, and that each change is written down once."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hedgerow.collect.mentions import JOB, recall, receive, verify
from hedgerow.collect.mentions.receiving import LONGEST_TEXT, Pace
from hedgerow.collect.mentions.states import MENTIONS
from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import stopped_at
from hedgerow.kit.fetch import fetch, place_of
from hedgerow.ledger import Workspace, create_workspace, drops, open_workspace
from hedgerow.ledger.jobs import GiveUp, Handler, jobs, work_once
from tests.ledger.dying import Died, Steps
from tests.ledger.holding import turned
from tests.serving import Site, page, path_of, serving

TARGET = "https://ours.example/page"
LINK = f'<a href="{TARGET}">ours</a>'
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Blog:
    """A blog whose pages are changed as the test goes on."""

    def __init__(self, site: Site, pages: dict[str, bytes]) -> None:
        self.site, self.pages = site, pages

    def url(self, path: str = "/post") -> str:
        """Return the address of a page."""
        return self.site.url(path, "blog.example")

    def put(self, html: str, path: str = "/post", **options: str) -> str:
        """Publish a page and return its address."""
        self.pages[path] = page(html.encode(), **options)
        return self.url(path)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with a site."""
    made = create_workspace(tmp_path / "workspace", "Test", sites=("https://www.ours.example/", "second.example"))
    yield made
    made.close()


@pytest.fixture
def blog() -> Iterator[Blog]:
    """A blog without pages."""
    pages: dict[str, bytes] = {}
    with serving(lambda request: [pages.get(path_of(request), page(b"", status="404 Not Found"))]) as site:
        yield Blog(site, pages)


_near: Callable[..., Any] = partial(fetch, resolve=lambda *_: ["127.0.0.1"], allow=lambda _: True)
check: Handler = partial(verify, fetch=_near, pace=Pace(0))


def verified(workspace: Workspace, source: str, target: str = TARGET) -> None:
    """Receive a webmention and let a worker verify it; raises `GiveUp` with what the job said where it failed."""
    receive(workspace, source, target)
    while work_once(workspace, {JOB: check}):
        pass
    if failed := jobs(workspace):
        raise GiveUp(failed[-1].error)


def touches(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the touches of webmentions in order of their versions, their properties read."""
    turned(workspace)
    rows = workspace.engine.sql("SELECT * FROM touches WHERE source = 'webmention'").to_pylist()
    for row in rows:
        row["properties"] = json.loads(row["properties"])
    return sorted(rows, key=lambda row: int(row["properties"]["version"]))


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("https://blog.example/post", "https://else.example/page", "takes no webmentions here"),
        ("https://blog.example/post", "https://notours.example/page", "takes no webmentions here"),
        ("https://blog.example/post", "https://ours.example.else.example/", "takes no webmentions here"),
        ("https://ours.example/page", "https://ours.example/page", "the same page"),
        ("https://ours.example/page#a", "HTTPS://OURS.example:443/page#b", "the same page"),
        ("ftp://blog.example/post", TARGET, "not on the web"),
        ("", TARGET, "not on the web"),
        ("https://blog.example/post", "mailto:ann@ours.example", "not on the web"),
        ("https://ann:secret@blog.example/post", TARGET, "no plain host"),
        ("https://blog.example/" + "x" * 5_000, TARGET, "at most 4096"),
    ],
)
def test_what_can_not_be_a_mention_is_refused_before_anything_is_fetched(
    workspace: Workspace, source: str, target: str, said: str
) -> None:
    with pytest.raises(HedgerowError, match=said):
        receive(workspace, source, target)
    assert jobs(workspace) == []


@pytest.mark.parametrize(
    "target", [TARGET, "http://www.ours.example/", "https://blog.ours.example:8443/a#b", "https://second.example"]
)
def test_every_page_of_our_sites_and_their_subdomains_is_taken(workspace: Workspace, target: str) -> None:
    receive(workspace, " https://blog.example/post\n", target)
    assert [job.payload for job in jobs(workspace)] == [{"source": "https://blog.example/post", "target": target}]


def test_a_pair_that_waits_is_not_asked_for_twice(workspace: Workspace) -> None:
    for source in ("https://blog.example/1", "https://blog.example/1", "https://blog.example/2"):
        receive(workspace, source, TARGET)
    assert [job.payload["source"][-1] for job in jobs(workspace)] == ["1", "2"]


def test_a_mention_becomes_a_touch_with_all_that_it_says(workspace: Workspace, blog: Blog) -> None:
    entry = (
        '<div class="h-entry"><a class="p-author h-card" href="https://ann.example">Ann</a>'
        f'<a class="u-in-reply-to" href="{TARGET}">re</a><h1 class="p-name">On that</h1>'
        '<time class="dt-published" datetime="2026-02-01T10:00:00+0100"></time><p class="e-content">I agree.</p></div>'
    )
    with stopped_at(NOW):
        verified(workspace, blog.put(entry))
    (touch,) = touches(workspace)
    expected = {
        "verb": "create",
        "relation": "reply",
        "actor": "url:https://ann.example/",
        "url": blog.url(),
        "object": TARGET,
        "title": "On that",
        "text": "I agree.",
        "parent": None,
    }
    assert {name: touch[name] for name in expected} == expected
    assert touch["occurred_at"] == datetime(2026, 2, 1, 9, tzinfo=UTC)
    assert touch["properties"] | {"digest": ""} == {
        "kind": "reply",
        "author": "Ann",
        "author_url": "https://ann.example/",
        "published": "2026-02-01T10:00:00+0100",
        "version": 1,
        "digest": "",
    }


@pytest.mark.parametrize(
    ("name", "verb", "relation"),
    [
        ("repost-of", "announce", "share"),
        ("like-of", "like", None),
        ("in-reply-to", "create", "reply"),
        ("bookmark-of", "mention", None),
        ("url", "mention", None),
    ],
)
def test_each_kind_has_its_verb(workspace: Workspace, blog: Blog, name: str, verb: str, relation: str | None) -> None:
    verified(workspace, blog.put(f'<div class="h-entry"><a class="u-{name}" href="{TARGET}">x</a></div>'))
    (touch,) = touches(workspace)
    assert (touch["verb"], touch["relation"], touch["actor"]) == (verb, relation, "site:blog.example")


def test_the_same_again_says_nothing_new(workspace: Workspace, blog: Blog) -> None:
    source = blog.put(LINK)
    verified(workspace, source)
    verified(workspace, source)
    blog.put(f"<!-- a number that changes each time: 42 -->{LINK}")
    verified(workspace, source)
    assert [touch["verb"] for touch in touches(workspace)] == ["mention"]


def test_a_mention_is_changed_taken_down_and_put_up_again(workspace: Workspace, blog: Blog) -> None:
    source = blog.put(f"<p>Good: {LINK}</p>")
    verified(workspace, source)
    blog.put(f"<p>Bad: {LINK}</p>")
    verified(workspace, source)
    blog.pages["/post"] = page(b"gone", status="410 Gone")
    verified(workspace, source)
    verified(workspace, source)
    blog.put(f"<p>Good: {LINK}</p>")
    verified(workspace, source)
    blog.put("<p>No link any more.</p>")
    verified(workspace, source)
    first, *later = touches(workspace)
    assert [touch["verb"] for touch in (first, *later)] == ["mention", "update", "delete", "update", "delete"]
    assert {touch["parent"] for touch in later} == {first["touch_id"]}
    assert [touch["text"] for touch in (first, *later)] == ["Good: ours", "Bad: ours", None, "Good: ours", None]
    assert {touch["actor"] for touch in (first, *later)} == {"site:blog.example"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (page(b"<p>Nothing here.</p>"), "does not link to"),
        (page(b"", status="404 Not Found"), "does not link to"),
        (page(b"", status="410 Gone"), "does not link to"),
        (page(b"", status="403 Forbidden"), "answered 403"),
        (page(b"x", kind="image/png"), "no link is looked for"),
        (page(b"", status="302 Found", Location="file:///etc/passwd"), "not on the web"),
        (page(b"", status="302 Found", Location="/post"), "redirects more than 5 times"),
        (page(LINK.encode() + b"x" * (1 << 20)), "larger than 1048576 bytes"),
    ],
)
def test_what_mentions_nothing_leaves_a_reason_and_no_touch(
    workspace: Workspace, blog: Blog, answer: bytes, said: str
) -> None:
    blog.pages["/post"] = answer
    with pytest.raises(GiveUp, match=said):
        verified(workspace, blog.url())
    assert touches(workspace) == []
    with workspace.record.connect() as connection:
        assert connection.execute(sa.select(MENTIONS)).all() == []


def test_a_source_in_a_private_place_is_given_up_and_not_spoken_to(workspace: Workspace, blog: Blog) -> None:
    with pytest.raises(GiveUp, match="not public"):
        verify(workspace, {"source": blog.site.url(), "target": TARGET}, pace=Pace(0))
    assert blog.site.requests == []


@pytest.mark.parametrize("status", ["500 Oops", "503 Later", "429 Slower", "408 Slow"])
def test_a_source_in_trouble_is_tried_again_and_not_taken_to_be_gone(
    workspace: Workspace, blog: Blog, status: str
) -> None:
    source = blog.put(LINK)
    verified(workspace, source)
    blog.pages["/post"] = page(b"", status=status)
    receive(workspace, source, TARGET)
    assert work_once(workspace, {JOB: check})
    assert [(job.state, job.attempts) for job in jobs(workspace)] == [("waiting", 1)]
    assert [touch["verb"] for touch in touches(workspace)] == ["mention"]


def test_an_answer_cut_short_is_not_taken_for_a_link_taken_away(workspace: Workspace, blog: Blog) -> None:
    source = blog.put(LINK)
    verified(workspace, source)
    blog.pages["/post"] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\n<p>half"
    with pytest.raises(HedgerowError, match="broken answer"):
        check(workspace, {"source": source, "target": TARGET})
    assert [touch["verb"] for touch in touches(workspace)] == ["mention"]


def test_a_source_is_followed_where_it_redirects_and_keeps_its_name(workspace: Workspace, blog: Blog) -> None:
    blog.put(f'<div class="h-entry"><a class="u-author" href="../ann">Ann</a>{LINK}</div>', "/new/post")
    blog.pages["/post"] = page(b"", status="301 Moved", Location="/new/post")
    verified(workspace, blog.url())
    (touch,) = touches(workspace)
    assert (touch["url"], touch["actor"]) == (blog.url(), f"url:{blog.url('/ann')}")


@pytest.mark.parametrize(
    ("stated", "instant"),
    [
        ("2026-02-01T10:00:00Z", datetime(2026, 2, 1, 10, tzinfo=UTC)),
        ("2026-02-01T10:00", datetime(2026, 2, 1, 10, tzinfo=UTC)),
        ("2026-02-01", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-03-01T14:00:00+02:00", NOW),
        ("2026-03-02", NOW),
        ("1899-12-31", NOW),
        ("0001-01-01T00:00:00+14:00", NOW),
        ("9999-12-31T23:59:59-12:00", NOW),
        ("yesterday", NOW),
        ("", NOW),
    ],
)
def test_a_time_is_believed_where_it_can_be(workspace: Workspace, blog: Blog, stated: str, instant: datetime) -> None:
    html = f'<div class="h-entry"><time class="dt-published" datetime="{stated}">x</time><p class="e-content">{LINK}'
    with stopped_at(NOW):
        verified(workspace, blog.put(html))
    (touch,) = touches(workspace)
    assert touch["occurred_at"] == instant


def test_a_long_text_is_cut_and_says_so(workspace: Workspace, blog: Blog) -> None:
    verified(workspace, blog.put(f"<p>{LINK}{'x' * 30_000}</p>"))
    (touch,) = touches(workspace)
    assert len(touch["text"]) == LONGEST_TEXT
    assert touch["text"].endswith("x…")
    assert touch["properties"]["cut"] is True


def test_an_author_too_long_to_be_an_identifier_gives_way_to_the_site(workspace: Workspace, blog: Blog) -> None:
    html = f'<div class="h-entry"><a class="u-author" href="/{"a" * 600}">Ann</a>{LINK}</div>'
    verified(workspace, blog.put(html))
    assert [touch["actor"] for touch in touches(workspace)] == ["site:blog.example"]


def _lives(workspace: Workspace, source: str, fatal: int) -> bool:
    """Verify a source, dying before the durable step number `fatal`; return whether it came to the end."""
    steps, inner = Steps(fatal), workspace.inbox.accept

    def accept(batch: Any) -> None:
        steps.before("accept")
        inner(batch)
        steps.before("accepted")

    def commit(_: sa.Connection) -> None:
        steps.before("commit")

    sa.event.listen(workspace.record, "commit", commit)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workspace.inbox, "accept", accept)
        try:
            check(workspace, {"source": source, "target": TARGET})
        except Died:
            return False
        finally:
            sa.event.remove(workspace.record, "commit", commit)
    return True


@pytest.mark.parametrize("fatal", range(5))
def test_dying_anywhere_makes_no_touch_twice_and_loses_none(workspace: Workspace, blog: Blog, fatal: int) -> None:
    source = blog.put(f"<p>One {LINK}</p>")
    assert _lives(workspace, source, fatal) is (fatal == 4)
    workspace.close()
    again = open_workspace(workspace.folder)
    blog.put(f"<p>Two {LINK}</p>")
    for _ in range(2):
        check(again, {"source": source, "target": TARGET})
    told = [(touch["verb"], touch["text"]) for touch in touches(again)]
    # Before the first step nothing was decided; after it, what was decided is delivered whatever happens.
    assert told == ([("mention", "Two ours")] if fatal == 0 else [("mention", "One ours"), ("update", "Two ours")])
    assert drops(again) == {}
    again.close()


def test_two_workers_on_one_pair_decide_once(workspace: Workspace, blog: Blog) -> None:
    source = blog.put(LINK)
    both, faults = threading.Barrier(2), []

    def waiting(*args: Any, **options: Any) -> Any:
        answer = _near(*args, **options)
        both.wait(10)
        return answer

    def run() -> None:
        try:
            verify(workspace, {"source": source, "target": TARGET}, waiting, Pace(0))
        except HedgerowError as error:
            faults.append(error.sentence)

    workers = [threading.Thread(target=run) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert len(touches(workspace)) == 1
    assert all("another worker" in fault for fault in faults)
    assert len(faults) == 1


def test_states_are_made_again_from_the_ledger(workspace: Workspace, blog: Blog) -> None:
    sources = [blog.put(f"<p>{LINK}</p>", f"/{number}") for number in range(3)]
    for source in sources:
        verified(workspace, source)
    blog.put(f"<p>Changed {LINK}</p>", "/1")
    blog.pages.pop("/2")
    for source in sources[1:]:
        verified(workspace, source)
    turned(workspace)
    columns = [column for column in MENTIONS.c if column.name != "verified_at"]
    with workspace.record.begin() as connection:
        before = connection.execute(sa.select(*columns).order_by(MENTIONS.c.pair)).all()
        connection.execute(sa.delete(MENTIONS))
    assert (recall(workspace), recall(workspace)) == (3, 0)
    with workspace.record.connect() as connection:
        assert connection.execute(sa.select(*columns).order_by(MENTIONS.c.pair)).all() == before
    for source in sources:
        verified(workspace, source)
    assert len(touches(workspace)) == 5


def test_one_host_is_asked_once_in_a_while_and_others_meanwhile() -> None:
    pace, asked = Pace(0.1), []
    begun = time.monotonic()

    def ask(host: str) -> None:
        for _ in range(2):
            pace.wait(place_of(f"https://{host}/"))
            asked.append((host, time.monotonic() - begun))

    threads = [threading.Thread(target=ask, args=(host,)) for host in ("a.example", "a.example", "b.example")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    times = {host: sorted(when for name, when in asked if name == host) for host in ("a.example", "b.example")}
    assert all(later - sooner > 0.09 for sooner, later in zip(times["a.example"], times["a.example"][1:], strict=False))
    assert times["b.example"][-1] < times["a.example"][-1]


def test_the_table_of_mentions_is_as_its_migration_made_it(workspace: Workspace) -> None:
    made = sa.inspect(workspace.record).get_columns("mentions")
    assert [column["name"] for column in made] == [column.name for column in MENTIONS.c]
