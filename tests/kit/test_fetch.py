"""Fetching what strangers name: private places are never spoken to, and nobody takes more time or room than given."""

import gzip
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.kit.fetch import Fetched, Unfetchable, fetch, is_public, place_of
from hedgerow.kit.fetch.place import Address
from tests.serving import page, path_of, serving

CASES = yaml.safe_load((Path(__file__).parent / "nasty_urls.yaml").read_text("utf-8"))
OURS = "site.example"


def anything(_: Address) -> bool:
    """Allow every address."""
    return True


def loopback(host: str, port: int) -> list[str]:
    """Find every name at home."""
    return ["127.0.0.1"]


def no_name(host: str, port: int) -> list[str]:
    """Fail the test that looks a name up."""
    raise AssertionError(f"{host}:{port} was looked up")


def got(answer: bytes | Callable[[bytes], Iterable[bytes]], **options: Any) -> Fetched:
    """Return what is fetched from a site that gives this answer."""
    with serving(answer if callable(answer) else lambda _: [answer]) as site:
        return fetch(site.url(), allow=anything, **options)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["it"]) for case in CASES])
def test_a_strange_address_is_refused_or_read_as_what_it_is(case: dict[str, str]) -> None:
    if "is" in case:
        assert place_of(case["url"]).url == case["is"]
        return
    with pytest.raises(Unfetchable) as refusal:
        fetch(case["url"], resolve=no_name)
    assert case["refused"] in refusal.value.sentence
    assert not refusal.value.passing


@given(st.text(max_size=40), st.sampled_from(["", "http://", "https://", "http://[", "http://a@", "//"]))
def test_any_text_is_a_place_or_a_refusal(text: str, before: str) -> None:
    try:
        place = place_of(before + text)
    except Unfetchable:
        return
    assert place_of(place.url) == place
    assert place.url.isascii()
    assert not set(place.host) & set("@%/\\ ")


@given(st.ip_addresses(v=4))
def test_an_address_carried_by_version_6_is_as_public_as_itself(address: IPv4Address) -> None:
    number = int(address)
    carriers = (0xFFFF << 32, 0x64FF9B << 96)
    carried = [IPv6Address(carrier | number) for carrier in carriers] + [IPv6Address(0x2002 << 112 | number << 80)]
    assert {is_public(each) for each in carried} == {is_public(address)}


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_an_address_that_the_registries_keep_is_never_public(address: Address) -> None:
    kept = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
    carries = any(address in ip_network(network) for network in ("64:ff9b::/96", "::ffff:0:0/96"))
    assert not (is_public(address) and not carries and (kept or address.is_unspecified or address.is_reserved))


def test_addresses_that_anybody_can_reach_are_public() -> None:
    assert all(is_public(ip_address(text)) for text in ("1.1.1.1", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"))


@pytest.mark.parametrize("found", [["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["93.184.216.34", "fe80::1%eth0"]])
def test_a_name_with_one_private_address_is_refused_whole(found: list[str]) -> None:
    with pytest.raises(Unfetchable, match="not public"):
        fetch("https://rebind.example/", resolve=lambda *_: found)


def test_a_name_that_answers_differently_the_second_time_is_asked_once() -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    with serving(lambda _: [page(b"hello")]) as site:
        url = site.url(host="rebind.example")
        answer = fetch(url, resolve=rebinding, allow=lambda address: str(address) == "127.0.0.1")
    assert (answer.body, asked) == (b"hello", ["rebind.example"])
    assert f"host: rebind.example:{site.port}\r\n".encode() in site.requests[0]


def test_each_name_on_the_way_is_checked_anew() -> None:
    met: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"] if host == OURS else ["192.168.1.1"]

    with serving(lambda _: [page(b"", status="302 Found", Location="http://router.example/admin")]) as site:
        with pytest.raises(Unfetchable, match=r"router\.example leads to 192\.168\.1\.1"):
            fetch(
                site.url(host=OURS),
                resolve=resolve,
                allow=lambda address: str(address) == "127.0.0.1",
                meet=lambda place: met.append(place.host),
            )
        assert met == [OURS, "router.example"]


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("http://169.254.169.254/", "not public"),
        ("//[::1]/", "not public"),
        ("file:///etc/passwd", "not on the web"),
        ("http://a@b.example/", "no plain host"),
        ("http://2130706433/", "as a number"),
    ],
)
def test_a_redirect_to_where_nobody_may_go_is_not_followed(location: str, said: str) -> None:
    with serving(lambda _: [page(b"", status="301 Moved", Location=location)]) as site:
        with pytest.raises(Unfetchable, match=said):
            fetch(site.url(host=OURS), resolve=loopback, allow=lambda address: str(address) == "127.0.0.1")
        assert len(site.requests) == 1


def test_redirects_are_followed_and_counted() -> None:
    def answer(request: bytes) -> list[bytes]:
        path = path_of(request)
        if path == "/done/b%C3%BCcher":
            return [page(b"here")]
        return [page(b"x" * 100, status="307 There", Location={"/": "a/b?c", "/a/b?c": "../done/bücher#x"}[path])]

    found = got(answer, most=50)
    assert (found.status, found.body, found.redirects) == (200, b"here", 2)
    assert found.url.endswith("/done/b%C3%BCcher")


def test_endless_redirects_end() -> None:
    with pytest.raises(Unfetchable, match="redirects more than 5 times"):
        got(lambda request: [page(b"", status="302 On", Location=path_of(request) + "x")])
    assert got(page(b"", status="302 On")).status == 302


def test_what_is_meant_for_one_origin_does_not_go_to_another() -> None:
    with serving(lambda _: [page(b"hello")]) as other:
        there = other.url(host="other.example")
        with serving(lambda _: [page(b"", status="302 Found", Location=there)]) as site:
            sent = {"Authorization": "Bearer hush", "Accept": "text/html"}
            fetch(site.url(host=OURS), headers=sent, resolve=loopback, allow=anything)
    assert b"authorization: Bearer hush" in site.requests[0]
    assert b"hush" not in other.requests[0]
    assert b"accept: text/html" in other.requests[0]


def test_a_body_is_posted_and_its_answer_is_final() -> None:
    with serving(lambda _: [page(b"moved", status="302 Found", Location="/other")]) as site:
        answer = fetch(site.url("/hook"), body=b"{}", headers={"Content-Type": "application/json"}, allow=anything)
    assert (answer.status, answer.body, len(site.requests)) == (302, b"moved", 1)
    assert site.requests[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert b"content-length: 2\r\n" in site.requests[0]


def test_a_header_can_not_smuggle_another() -> None:
    with pytest.raises(Unfetchable, match="line break"):
        got(page(b""), headers={"X": "a\r\nHost: other.example"})


def _drip(head: bytes) -> Iterator[bytes]:
    yield head
    while True:
        time.sleep(0.02)
        yield b"x"


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n",
        b"HTTP/1.1 100 Continue\r\n",
    ],
)
def test_a_server_that_drips_is_left_in_time(head: bytes) -> None:
    begun = time.monotonic()
    with pytest.raises(Unfetchable, match="in time") as refusal:
        got(lambda _: _drip(head), timeout=0.3)
    assert time.monotonic() - begun < 2
    assert refusal.value.passing


def test_a_resolver_that_sleeps_is_left_in_time() -> None:
    def slow(host: str, port: int) -> list[str]:
        time.sleep(1)
        return ["127.0.0.1"]

    begun = time.monotonic()
    with pytest.raises(Unfetchable, match="in time"):
        fetch("http://slow.example/", timeout=0.2, resolve=slow)
    assert time.monotonic() - begun < 0.9


def test_time_is_shared_by_all_redirects() -> None:
    def answer(request: bytes) -> Iterator[bytes]:
        time.sleep(0.15)
        yield page(b"", status="302 On", Location=path_of(request) + "x")

    begun = time.monotonic()
    with pytest.raises(Unfetchable, match="in time"):
        got(answer, timeout=0.4, redirects=1_000)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("padding", [b"", gzip.compress(b"", mtime=0)])
def test_a_bomb_is_not_unpacked(padding: bytes) -> None:
    bomb = padding + gzip.compress(b"\0" * (64 << 20))
    assert len(bomb) < 1 << 20
    with pytest.raises(Unfetchable, match="larger than 1048576 bytes"):
        got(page(bomb, Content_Encoding="gzip"))


def test_what_is_packed_is_unpacked_and_must_be_whole() -> None:
    packed = gzip.compress(b"hello ", mtime=0) + gzip.compress(b"world", mtime=0)
    assert got(page(packed, Content_Encoding="gzip")).body == b"hello world"
    for broken in (packed[:-3], b"no gzip", packed + b"more"):
        with pytest.raises(Unfetchable, match="broken answer"):
            got(page(broken, Content_Encoding="gzip"))
    with pytest.raises(Unfetchable, match="not asked for"):
        got(page(b"x", Content_Encoding="br"))


@pytest.mark.parametrize(
    "declared", ["Content-Length: 101\r\n", "", "Content-Length: -5\r\n", "Content-Length: many\r\n"]
)
def test_a_body_too_large_is_refused_whatever_its_head_says(declared: str) -> None:
    head = f"HTTP/1.1 200 OK\r\n{declared}\r\n".encode()
    with pytest.raises(Unfetchable, match="larger than 100 bytes"):
        got(head + b"x" * 101, most=100)
    assert got(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100, most=100).body == b"x" * 100


def test_a_body_in_chunks_is_bounded_too() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert got(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").body == b"abcde"
    with pytest.raises(Unfetchable, match="larger than 100 bytes"):
        got(head + b"1\r\nx\r\n" * 101, most=100)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 " + b"y" * 70_000,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
        b"HTTP/1.1 2000 OK\r\n\r\n",
    ],
)
def test_an_answer_that_is_broken_or_cut_short_is_no_answer(answer: bytes) -> None:
    with pytest.raises(Unfetchable, match=r"broken answer|can't be reached") as refusal:
        got(answer)
    assert refusal.value.passing


def test_hints_before_the_answer_are_passed_over() -> None:
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    found = got(hints + page(b"hello", X_Kind="one", x_kind="two"))
    assert (found.status, found.body, found.headers["x-kind"]) == (200, b"hello", "one, two")
    assert "link" not in found.headers


def test_a_port_where_nobody_listens_is_a_passing_refusal() -> None:
    with serving(lambda _: []) as site:
        pass
    with pytest.raises(Unfetchable, match="can't be reached") as refusal:
        fetch(site.url(), allow=anything)
    assert refusal.value.passing


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    with serving(lambda _: [page(b"hello")]) as site:
        answer = fetch(site.url(host=OURS), resolve=lambda *_: ["127.0.0.9", "::1", "127.0.0.1"], allow=anything)
    assert answer.body == b"hello"


def test_a_certificate_is_checked_against_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("no openssl is here to make a certificate")
    key, made = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={OURS}"]
    command += ["-addext", f"subjectAltName=DNS:{OURS}", "-keyout", str(key), "-out", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    asked: list[str | None] = []
    context.sni_callback = lambda _, name, __: asked.append(name)
    with serving(lambda _: [page(b"hello")], context) as site:
        with pytest.raises(Unfetchable, match="bad certificate"):
            fetch(f"https://{OURS}:{site.port}/", resolve=loopback, allow=anything)
        monkeypatch.setenv("SSL_CERT_FILE", str(made))
        assert fetch(f"https://{OURS}:{site.port}/", resolve=loopback, allow=anything).body == b"hello"
        with pytest.raises(Unfetchable, match="bad certificate"):
            fetch(f"https://other.example:{site.port}/", resolve=loopback, allow=anything)
    assert asked == [OURS, OURS, "other.example"]
