"""Reading a source: what links, what only looks like it, and what no stranger's page may cost."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.collect.mentions.markup import regular_html
from hedgerow.collect.mentions.reading import read
from hedgerow.kit.fetch import Fetched
from hedgerow.ledger.jobs import GiveUp

CASES = yaml.safe_load((Path(__file__).parent / "reading.yaml").read_text("utf-8"))
TARGET = "https://ours.example/page?a=1&b=2"
LINK = f'<a href="{TARGET}">x</a>'


def source(body: bytes, kind: str = "text/html; charset=utf-8") -> Fetched:
    """Return a source as it was fetched."""
    return Fetched(200, "https://blog.example/2026/post", {"content-type": kind}, body, 0)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["it"]) for case in CASES])
def test_a_source(case: dict[str, Any]) -> None:
    kind = case.get("type", "text/html; charset=utf-8")
    answer = source(case["body"].encode("latin-1" if case.get("latin") else "utf-8"), kind)
    if "gives_up" in case:
        with pytest.raises(GiveUp, match=case["gives_up"]):
            read(answer, TARGET)
        return
    said = read(answer, case.get("target", TARGET))
    if case["says"] is None:
        assert said is None
        return
    assert said
    assert {name: asdict(said)[name] for name in case["says"]} == case["says"]


COSTLY = {
    "signs": "<",
    "declarations": "<!",
    "comments that never end": "<!-- ",
    "tags that never end": "<a ",
    "attributes that never end": "<a b=",
    "quotes that never end": '<a b="',
    "ends that never end": "</a",
    "instructions": "<?",
    "sections": "<![CDATA[",
    "references": "&#x",
    "templates": "<template>",
    "entries inside entries": '<div class="h-entry"><div class="e-content">xxxxxxxxxxxxxxxxxx',
    "cards inside old entries": '<div class="hentry vcard entry-content">xxxxxxxxxx',
    "paragraphs that do not close": '<p class="h-entry e-content p-name p-summary">xxxxxxxxxx',
    "formats that do not close": "<b><p>",
}


@pytest.mark.parametrize("piece", COSTLY.values(), ids=COSTLY.keys())
def test_a_page_costs_no_more_than_its_length(piece: str) -> None:
    body = (LINK + piece * (200_000 // len(piece))).encode()
    begun = time.process_time()
    try:
        assert read(source(body), TARGET) is not None
    except GiveUp:
        assert piece == "<b><p>"
    assert time.process_time() - begun < 4


def test_a_class_of_many_names_is_read_once_each() -> None:
    names = " ".join(f"e-x{number} p-y{number}" for number in range(20_000))
    body = f'<div class="h-entry {names}">{"word " * 20_000}{LINK}</div>'
    begun = time.process_time()
    assert read(source(body.encode()), TARGET) is not None
    assert time.process_time() - begun < 3


def test_a_page_of_too_many_tags_is_refused() -> None:
    with pytest.raises(GiveUp, match="more than 60000 tags"):
        read(source(b"<b>" * 70_000), TARGET)


@given(st.text(alphabet="<>/!-?ab \"'=&;\n", max_size=60))
def test_any_text_is_read_and_what_is_regular_stays_as_it_is(text: str) -> None:
    assert read(source((LINK + text).encode()), TARGET)
    assert regular_html(regular_html(text)) == regular_html(text)


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<b>", "</b>", "text", "&amp;", LINK, "<br>", "<i class='x'>", "</i>"]))
)
def test_a_plain_page_keeps_all_its_text_and_links(pieces: list[str]) -> None:
    page = "".join(pieces)
    plain, regular = (BeautifulSoup(each or "<p>", "html.parser") for each in (page, regular_html(page)))
    assert regular.get_text() == plain.get_text()
    assert len(regular.find_all("a")) == len(plain.find_all("a")) == pieces.count(LINK)
