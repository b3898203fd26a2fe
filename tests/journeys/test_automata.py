"""Automata: which user agents are programs."""

import gzip

import pyarrow as pa
import pytest

from hedgerow.journeys import conclude
from hedgerow.journeys.conclusions import automata as room
from hedgerow.journeys.conclusions.automata import automata
from tests.conftest import real_data

PROGRAMS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "curl/8.5.0",
    "Wget/1.21",
    "python-requests/2.31.0",
    "Go-http-client/2.0",
    "Tiny Tiny RSS/1.11 (http://tt-rss.org/)",
    "Feedbin - 1 subscribers",
    "UniversalFeedParser/4.2-pre-314-svn +http://feedparser.org/",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36",
    "Barracuda Sentinel (EE)",
    "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
    "Mozilla/5.0",
    "Mozilla/4.0 (compatible;)",
)
PEOPLE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/455]",
    "Mozilla/5.0 (Linux; Android 9; CUBOT X18 Plus) AppleWebKit/537.36 Chrome/99.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 9; CUBOT) AppleWebKit/537.36 Chrome/99.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 16; wv) AppleWebKit/537.36 Chrome/146.0 Mobile Safari/537.36 MetaIAB Facebook",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)",
    "Lynx/2.8.9rel.1 libwww-FM/2.14",
    "-",
    "",
)


def _verdict(user_agent: str | None) -> bool:
    return bool(automata(pa.array([user_agent], pa.string()))[0].as_py())


@pytest.mark.parametrize("user_agent", PROGRAMS)
def test_a_program_is_an_automaton(user_agent: str) -> None:
    assert _verdict(user_agent)


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_a_person_is_none(user_agent: str) -> None:
    assert not _verdict(user_agent)


def test_a_user_agent_that_is_not_known_is_none() -> None:
    assert not _verdict(None)


def test_verdicts_stand_in_the_order_of_the_question() -> None:
    asked = [*PROGRAMS, *PEOPLE, *PROGRAMS[:2]]
    expected = [True] * len(PROGRAMS) + [False] * len(PEOPLE) + [True] * 2
    assert automata(pa.array(asked)).to_pylist() == expected


def test_what_is_kept_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST_KEPT", 10)
    monkeypatch.setattr(room, "_kept", {})
    asked = [f"browser {number}" for number in range(8)]
    for start in range(0, 40, 8):
        automata(pa.array([f"{text} {start}" for text in asked] + ["curl/8"]))
        assert len(room._kept) <= 10
    assert _verdict("curl/8")
    assert not _verdict("x" * 10_000)
    assert "x" * 10_000 not in room._kept


def test_a_touch_of_a_program_is_marked_and_keeps_its_channel() -> None:
    names = ("verb", "channel", "medium", "campaign", "url", "referrer", "user_agent")
    row = dict.fromkeys(names) | {"verb": "view", "channel": "Email", "user_agent": PROGRAMS[0]}
    touches = pa.table({name: pa.array([row[name], row[name]], pa.string()) for name in names})
    assert (
        conclude(touches, ()).to_pylist()
        == [{"channel": "Email", "channel_group": "Email", "campaign": None, "automaton": True}] * 2
    )


def test_a_real_log_shows_its_crawlers() -> None:
    with gzip.open(real_data("logs/apache_2015.log.gz"), "rt", errors="replace") as lines:
        agents = [line.split('"')[5] for line in lines]
    marked = automata(pa.array(agents)).to_pylist()
    named = (
        "Googlebot",
        "bingbot",
        "Baiduspider",
        "YandexBot",
        "UniversalFeedParser",
        "Tiny Tiny RSS",
        "curl/",
        "Wget/",
    )
    for name in named:
        verdicts = {mark for agent, mark in zip(agents, marked, strict=True) if name in agent}
        assert verdicts == {True}, name
    assert 2000 < sum(marked) < 3500
