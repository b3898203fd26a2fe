"""A walk round the door: what answers to which method, which pages may read it, how much a key may send."""

import itertools
import json
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.access import limit_key, make_key
from hedgerow.collect.http.keyring import Bucket, _of
from tests.collect.door.asking import Asked

TRACK = json.dumps({"event": "a", "userId": "u"}).encode()
PATHS = {
    "/v1/batch": "POST", "/v1/b": "POST", "/v1/track": "POST", "/v1/t": "POST", "/v1/links": "POST", "/i": "GET",
    "/com.snowplowanalytics.snowplow/tp2": "POST", "/hedgerow.js": "GET", "/healthz": "GET", "/openapi.json": "GET",
    "/v1/pixel/track": "GET", "/v1/projects/k/settings": "GET", "/l/abcd": "GET, HEAD", "/o/abcd.gif": "GET",
}  # fmt: skip

MAY = (
    "https://example.org", "http://example.org", "https://www.example.org", "https://a.b.example.org",
    "https://example.org:8443", "https://EXAMPLE.org", "HTTPS://Example.Org",
)  # fmt: skip
MAY_NOT = (
    "https://evil-example.org", "https://example.org.evil.test", "https://example.orgevil.test", "null", "*", "",
    "https://evil.test/example.org", "https://evil.test#example.org", "https://evil.test?example.org",
    "https://evil.test\\example.org", "https://example.org@evil.test", "https://user:example.org@evil.test",
    "https://evil.test\\@example.org", "ftp://example.org", "example.org", "//example.org", "https:/example.org",
    "file://example.org", "chrome-extension://example.org", "https://example.org.", "https://.", "https://:443",
    "https://example.org%2eevil.test", "https://example．org", "https://[::1]", "https://exаmple.org", "javascript://",
)  # fmt: skip


def _origin(origin: str) -> list[tuple[bytes, bytes]]:
    return [(b"origin", origin.encode())] if origin else []


@pytest.mark.parametrize("path", PATHS)
def test_a_path_takes_its_methods_alone(door: Asked, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
        answer = door.ask(method, path)
        if method in PATHS[path].split(", "):
            assert answer.status != 405
        else:
            assert (answer.status, answer.headers.get("allow")) == (405, PATHS[path])
            assert (method == "HEAD" and not answer.body) or answer.said["error"].endswith("ask it so.")


@pytest.mark.parametrize(
    "path",
    ["/", "", "/v1", "/v1/", "/v1/batch/", "/V1/BATCH", "//v1/batch", "/v1/%62atch/x", "/l/", "/l/a/b", "/o/a.png"],
)
def test_what_is_not_there_is_told(door: Asked, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS", "HEAD"):
        answer = door.ask(method, path)
        assert answer.status == 404
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("origin", MAY)
def test_pages_of_the_sites_of_a_key_may_use_it(door: Asked, origin: str) -> None:
    sent = door.ask("POST", "/v1/track", TRACK, [*door.basic(), *_origin(origin)])
    asked = door.ask("OPTIONS", "/v1/track", headers=_origin(origin))
    assert (sent.status, asked.status) == (200, 204)
    for answer in (sent, asked):
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", MAY_NOT)
def test_pages_of_other_sites_may_not(door: Asked, origin: str) -> None:
    sent = door.ask("POST", "/v1/track", TRACK, [*door.basic(), *_origin(origin)])
    asked = door.ask("OPTIONS", "/v1/track", headers=_origin(origin))
    assert sent.status == (403 if origin else 200)
    # Why it was refused, any page may read; whether it may send, a browser is told before.
    assert sent.headers.get("access-control-allow-origin") == ("*" if origin else None)
    assert "access-control-allow-origin" not in asked.headers
    assert len(door.turned()) == (0 if origin else 1)


@given(
    st.sampled_from(["https://", "http://", "", "https:", "x://"]),
    st.lists(st.sampled_from([*"a.:/@\\#?[]%0&=", "example.org", "evil.test", ":443", "%2e"]), max_size=6).map("".join),
)
def test_who_is_known_is_of_the_site_as_browsers_read_it(scheme: str, rest: str) -> None:
    origin = scheme + rest
    if _of(origin, ("example.org",)):
        host = urlsplit(origin.replace("\\", "/")).hostname or ""
        assert host == "example.org" or host.endswith(".example.org")


def test_a_key_of_no_site_is_for_no_page(door: Asked) -> None:
    key = make_key(door.workspace, "server", rate=0).key
    door.door.keyring.refresh()
    for origin in (*MAY, "null"):
        assert door.ask("POST", "/v1/track", TRACK, [*door.basic(key), *_origin(origin)]).status == 403
    assert door.ask("POST", "/v1/track", TRACK, door.basic(key)).status == 200


def test_a_key_that_sends_more_than_its_rate_is_told_how_long_to_wait(door: Asked) -> None:
    limit_key(door.workspace, "site", rate=2)
    door.door.keyring.refresh()
    answers = [door.ask("POST", "/v1/track", TRACK, door.basic()) for _ in range(30)]
    refused = [answer for answer in answers if answer.status == 429]
    assert 15 <= sum(answer.status == 200 for answer in answers) <= 30 - len(refused)
    assert refused
    for answer in refused:
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.said["code"] == "rate_limited"
        assert answer.said["error"] == "This key may send 2 events a second: send it again later."
    assert len(door.turned()) == 30 - len(refused)


@given(
    st.integers(1, 1_000),
    st.lists(st.tuples(st.floats(0, 30, allow_subnormal=False), st.integers(1, 5_000)), min_size=1, max_size=60),
)
def test_a_bucket_never_lets_more_through_than_its_rate(rate: int, asked: list[tuple[float, int]]) -> None:
    now = 0.0
    bucket = Bucket(rate, lambda: now)
    taken: list[tuple[float, int]] = []
    for pause, many in asked:
        now += pause
        if bucket.take(many) == 0:
            taken.append((now, many))
    for start, stop in itertools.combinations_with_replacement(range(len(taken)), 2):
        inside = sum(many for _, many in taken[start:stop])  # what the last one takes may leave it in debt
        assert inside <= rate * (10 + taken[stop][0] - taken[start][0]) + 1e-6 * rate


@given(st.integers(1, 1_000), st.lists(st.integers(1, 5_000), min_size=1, max_size=30))
def test_a_bucket_lets_in_again_who_waits_as_long_as_it_says(rate: int, asked: list[int]) -> None:
    now = 0.0
    bucket = Bucket(rate, lambda: now)
    for many in asked:
        wait = bucket.take(many)
        if wait:
            now += wait
            assert bucket.take(many) == 0
