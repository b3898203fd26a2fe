"""Tracked links: programs that follow them are no clicks, and nobody is led anywhere but where the link says."""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow.kit import HedgerowError
from hedgerow.ledger import Purpose, Workspace, make_link
from tests.collect.door.asking import AGENT, Asked

Headers = Sequence[tuple[bytes, bytes]]
PERSON: Headers = [(b"user-agent", AGENT.encode())]
PROGRAMS: dict[str, tuple[str, Headers]] = {
    "HEAD": ("HEAD", PERSON),
    "no agent": ("GET", []),
    "empty agent": ("GET", [(b"user-agent", b"")]),
    "prefetch": ("GET", [*PERSON, (b"sec-purpose", b"prefetch;prerender")]),
    "old prefetch": ("GET", [*PERSON, (b"purpose", b"Prefetch")]),
    "Firefox prefetch": ("GET", [*PERSON, (b"x-moz", b"prefetch")]),
    "Safari preview": ("GET", [*PERSON, (b"x-purpose", b"preview")]),
    "Slack": ("GET", [(b"user-agent", b"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)")]),
    "Facebook": ("GET", [(b"user-agent", b"facebookexternalhit/1.1")]),
    "curl": ("GET", [(b"user-agent", b"curl/8.5.0")]),
    "Barracuda": ("GET", [(b"user-agent", b"Mozilla/5.0 (compatible; BarracudaCentral)")]),
}
TARGET = "https://example.org/guide?a=1#part"


def _link(door: Asked, url: str = TARGET) -> str:
    return make_link(door.workspace, url, "user:1", Purpose(channel="Email", recipient="email:bob@example.org")).code


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_that_follows_a_link_clicks_nothing(door: Asked, program: str) -> None:
    method, headers = PROGRAMS[program]
    answer = door.ask(method, f"/l/{_link(door)}", headers=headers)
    assert (answer.status, answer.headers["location"]) == (302, TARGET)
    opened = door.ask("GET", f"/o/{_link(door)}.gif", headers=headers) if method == "GET" else None
    followed = [touch["verb"] for touch in door.turned() if touch["object"] and touch["parent"]]
    assert followed == ["fetch"] * (2 if opened else 1)
    people = door.workspace.engine.sql(
        "SELECT count(*) AS n FROM marks WHERE NOT automaton AND verb IN ('click', 'open', 'fetch')"
    )
    assert people["n"].to_pylist() == [0]


def test_a_person_who_follows_a_link_clicks_once_and_carries_a_token(door: Asked) -> None:
    code = _link(door)
    answer = door.ask("GET", f"/l/{code}", headers=PERSON)
    parts = urlsplit(answer.headers["location"])
    assert (parts.netloc, parts.path, parts.fragment) == ("example.org", "/guide", "part")
    assert parse_qs(parts.query)["hr"][0].startswith(f"{code}.")
    assert [touch["verb"] for touch in door.turned()].count("click") == 1


@pytest.mark.parametrize("header", [(b"sec-gpc", b"1"), (b"dnt", b"1")])
def test_who_asks_not_to_be_followed_carries_no_token_of_their_own(door: Asked, header: tuple[bytes, bytes]) -> None:
    code = _link(door)
    answer = door.ask("GET", f"/l/{code}", headers=[*PERSON, header])
    assert answer.headers["location"].endswith(f"&hr={code}#part")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    code=st.sampled_from(
        ["", "https:%2F%2Fevil.test", "%2F%2Fevil.test", "..", "%0d%0aLocation:%20x", "a" * 33, "\ud800"]
    )
    | st.text(max_size=20),
    query=st.sampled_from([b"url=https://evil.test", b"to=//evil.test", b"next=evil.test", b"hr=x.y", b"%0d%0aX:%20y"]),
)
def test_no_address_leads_to_another_site(door: Asked, code: str, query: bytes) -> None:
    known = _link(door)
    for path in (
        f"/l/{code.encode('utf-8', 'replace').decode()}",
        f"/l/{known}",
        f"/l/{known}/{code.encode('utf-8', 'replace').decode()}",
    ):
        for host in (b"door", b"evil.test", b"evil.test\\@door"):
            headers = [*PERSON, (b"host", host), (b"x-forwarded-host", host), (b"referer", b"https://evil.test/")]
            answer = door.ask("GET", path, headers=headers, query=query)
            assert answer.status in (302, 404)
            if "location" in answer.headers:
                assert answer.headers["location"].startswith("https://example.org/guide?a=1&hr=")
                assert answer.headers["location"].isprintable()


@pytest.mark.parametrize(
    "url",
    ["//evil.test", "javascript:alert(1)", "https://example.org@evil.test", "https://a\r\nSet-Cookie: b", "data:,x",
     "https:\\\\evil.test", "https://example.org/\x00", "https://exämple.org", "/path", "", "https://", "https://a b",
     "HTTPS://", "ftp://a", "https://[", "https://a:99999", "https://" + "a" * 5_000],
)  # fmt: skip
def test_a_link_to_no_address_is_not_made(workspace: Workspace, url: str) -> None:
    with pytest.raises(HedgerowError, match=r"https://"):
        make_link(workspace, url, "user:1")


def test_a_page_shares_links_to_its_own_sites_alone(door: Asked) -> None:
    origin = (b"origin", b"https://example.org")
    elsewhere = ["https://evil.test", "https://example.org.evil.test", "https://example.org@evil.test", "//example.org"]
    elsewhere += ["https://evil.test\\example.org", "javascript:example.org", "https://evil.test#.example.org", ""]
    for url in elsewhere:
        said = b'{"writeKey": "%s", "url": "%s"}' % (door.key.encode(), url.replace("\\", "\\\\").encode())
        answer = door.ask("POST", "/v1/links", said, [origin])
        assert answer.status in (400, 403), url
        assert answer.said["error"].endswith(".")
    assert door.turned() == []
