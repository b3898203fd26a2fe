"""The pages of collecting: links are made and shown, faults are read and tried again, arrivals are seen."""

import asyncio
import json

import msgspec
import pytest
from starlette.requests import Request as HttpRequest

from hedgerow import mill
from hedgerow.ledger import Dropped, Purpose, Request, Workspace, links, make_link
from hedgerow.web import create_app
from hedgerow.web.pages import arrivals
from tests.web.conftest import SignedIn

FILTH = "<script>alert(1)</script>"


def fill(workspace: Workspace) -> None:
    """Drop a message that holds a script, and one row of an import's kind."""
    head = json.dumps({"source": "key:web"})
    text = f'{{"type":"track","event":"{FILTH}","userId":"ann"}}'
    body = msgspec.json.encode(Dropped(f"it holds {FILTH}", text, "segment", head))
    workspace.inbox.commit([Request("drop", "", body, 1_795_325_220_000_000)])
    mill.turn(workspace)


def test_a_link_is_made_by_who_may_and_shows_its_address_and_its_picture(
    workspace: Workspace, signed_in: SignedIn
) -> None:
    client = signed_in(create_app(workspace), role="sales")
    said = {"act": "make", "url": "https://acme.example/guide", "channel": "LinkedIn", "content": "launch"}
    page = client.post("/links", data=said)
    (link,) = links(workspace)
    assert link.made_by == "email:sales@hedgerow.example"
    assert f"http://127.0.0.1:8401/l/{link.code}" in page.text
    picture = client.get(f"/links/{link.code}/qr.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert client.get("/links/nothere/qr.svg").status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "javascript:alert(1)"},
        {"url": "https://user:secret@acme.example/"},
        {"url": "//acme.example"},
        {"url": "https://acme.example/\r\nSet-Cookie: a=b"},
        {"channel": ""},
        {"sharer": "ann"},
        {"parent": "nothere"},
    ],
)
def test_a_link_that_leads_nowhere_is_refused_beside_the_form_and_what_was_written_stays(
    workspace: Workspace, signed_in: SignedIn, wrong: dict[str, str]
) -> None:
    said = {"act": "make", "url": "https://acme.example/", "channel": "LinkedIn", "campaign": "kept", **wrong}
    page = signed_in(create_app(workspace)).post("/links", data=said)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert 'value="kept"' in page.text
    assert links(workspace) == []


def test_a_viewer_neither_makes_links_nor_sees_faults(workspace: Workspace, signed_in: SignedIn) -> None:
    client = signed_in(create_app(workspace), role="viewer")
    assert client.get("/links").status_code == 403
    assert client.get("/faults").status_code == 403
    assert client.post("/faults", data={"reason": "any"}).status_code == 403
    assert client.get("/live").status_code == 200


def test_a_fault_is_shown_as_text_and_kept_once_it_is_tried_again(workspace: Workspace, signed_in: SignedIn) -> None:
    fill(workspace)
    client = signed_in(create_app(workspace), role="marketing")
    page = client.get("/faults").text
    assert FILTH not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    told = client.post("/faults", data={"act": "retry", "reason": f"it holds {FILTH}"}).text
    assert "1 went back to the inbox" in told
    mill.turn(workspace)
    assert workspace.engine.sql("SELECT title FROM touches")["title"].to_pylist() == [FILTH]
    assert "Everything that came was kept" in client.get("/faults").text


def test_a_links_page_shows_what_others_wrote_as_text(workspace: Workspace, signed_in: SignedIn) -> None:
    filthy = Purpose(channel=FILTH, content=FILTH, sharer=f"anonymous:{FILTH}")
    make_link(workspace, f"https://acme.example/?q={FILTH}", "key:website", filthy)
    assert FILTH not in signed_in(create_app(workspace)).get("/links").text


def test_what_arrives_is_told_within_a_second_with_how_many_are_not_shown(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "_SECONDS", 0.01)
    monkeypatch.setattr(arrivals, "_TOGETHER", 5)
    app = create_app(workspace)

    async def first_event() -> dict[str, object]:
        request = HttpRequest({"type": "http", "app": app, "headers": []}, _connected)
        events = arrivals._events(request)
        assert (await anext(events)).startswith(b"retry:")
        for place in range(8):
            body = f'[{{"type":"track","event":"{FILTH}{place}","userId":"ann"}}]'.encode()
            workspace.inbox.commit([Request("segment", '{"source":"key:web"}', body, 1_795_325_220_000_000)])
        async for event in events:
            if event.startswith(b"data: "):
                found: dict[str, object] = json.loads(event[6:])
                return found
        raise AssertionError("nothing was told")

    said = asyncio.run(first_event())
    rows = said["rows"]
    assert isinstance(rows, list)
    assert [row["where"] for row in rows] == [f"{FILTH}{place}" for place in range(3, 8)]
    assert said["more"] == 3


async def _connected() -> dict[str, object]:
    await asyncio.sleep(3_600)
    return {"type": "http.disconnect"}
