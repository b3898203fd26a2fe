"""Channels: what is concluded of where a touch came from."""

import gzip
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedgerow.journeys import conclude
from hedgerow.journeys.conclusions.channels import GROUPS, PARTS, Seen, Traffic, group_of
from hedgerow.journeys.conclusions.places import places, squeezed
from tests.conftest import real_data

HERE = Path(__file__).parent
COLUMNS = ("verb", "channel", "medium", "campaign", "url", "referrer", "user_agent")
SITES = ("acme.test",)
NAMES = {group.name for group in GROUPS}
CASES = [
    case for file in sorted((HERE / "channels").glob("*.yaml")) for case in yaml.safe_load(file.read_text("utf-8"))
]
GA4 = (
    "Direct", "Cross-network", "Paid Shopping", "Paid Search", "Paid Social", "Paid Video", "Display", "Paid Other",
    "Organic Shopping", "Organic Social", "Organic Video", "Organic Search", "Referral", "Email", "Affiliates",
    "Audio", "SMS", "Mobile Push Notifications",
)  # fmt: skip
FILTH = st.text(max_size=60) | st.sampled_from(
    ["http://", "https://[::1", "%%%", "a@b@c:99999/?utm_source=%", "//?utm_medium=%FF&gclid=", "x" * 10_000, "\x00"]
)
ADDRESS = st.builds(
    "https://{}/{}?utm_source={}&utm_medium={}&gclid={}#{}".format, FILTH, FILTH, FILTH, FILTH, FILTH, FILTH
)


def _touches(rows: list[dict[str, str | None]]) -> pa.Table:
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in COLUMNS})


def _concluded(*rows: dict[str, str | None]) -> list[dict[str, str | None]]:
    answer: list[dict[str, str | None]] = conclude(_touches(list(rows)), SITES).to_pylist()
    return answer


@pytest.mark.parametrize("case", CASES, ids=[case["it"] for case in CASES])
def test_it(case: dict[str, str | None]) -> None:
    touch = {"verb": "view"} | {name: case[name] for name in COLUMNS if name in case}
    (made,) = _concluded(touch)
    assert made["channel_group"] == case["group"]
    kept = case.get("kept", touch.get("channel") if touch.get("channel") != "(not set)" else None)
    assert made["channel"] == (None if case["group"] is None else kept or case["group"])
    if "said" in case or "url" not in case:
        assert made["campaign"] == case.get("said", case.get("campaign"))
    elif "campaign" in case:
        assert made["campaign"] == case["campaign"]


def test_all_cases_together_are_concluded_as_each_alone() -> None:
    rows = [{"verb": "view"} | {name: case[name] for name in COLUMNS if name in case} for case in CASES]
    assert [made["channel_group"] for made in _concluded(*rows)] == [case["group"] for case in CASES]


def test_the_groups_of_google_analytics_stand_in_its_order() -> None:
    assert tuple(group.name for group in GROUPS if group.name in GA4) == GA4


def test_every_group_and_every_part_carries_its_sentence() -> None:
    assert all(says.endswith(".") for says in [group.says for group in GROUPS] + [says for says, _ in PARTS.values()])


def test_something_belongs_to_every_group() -> None:
    assert {case["group"] for case in CASES} - {None} == NAMES


def test_the_last_rule_takes_everything() -> None:
    assert GROUPS[-1].when(Traffic("?", "?", "?"))


def test_a_verb_makes_one_kind_of_touch() -> None:
    verbs = [verb for _, words in PARTS.values() for verb in words.split()]
    assert sorted(verbs) == sorted(set(verbs))


def test_a_verb_of_the_ledger_has_its_part() -> None:
    verbs = {verb for _, words in PARTS.values() for verb in words.split()}
    file = Path(__file__).parents[2] / "src/hedgerow/ledger/verbs.toml"
    known = {verb for group in tomllib.loads(file.read_text("utf-8")).values() for verb in group}
    assert known <= verbs


@pytest.mark.parametrize("group", sorted(NAMES))
def test_a_stated_group_is_that_group_whatever_the_medium(group: str) -> None:
    for name in (group, group.upper(), group.replace(" ", "_"), f"  {group.casefold()} "):
        assert group_of(Seen("arrives", channel=name.casefold(), medium="cpc")) == group


def test_a_name_means_one_kind_of_place() -> None:
    kinds = defaultdict(set)
    file = Path(__file__).parents[2] / "src/hedgerow/journeys/conclusions/places.toml"
    table = tomllib.loads(file.read_text("utf-8"))
    del table["labels"]
    for kind, named in table.items():
        for name, words in named.items():
            kinds[squeezed(name)].add(kind if kind not in ("other", "passage") else None)
            for word in words.split():
                kinds[word if "." in word else squeezed(word)].add(kind)
    assert {name: kind for name, kind in kinds.items() if len(kind - {None}) > 1} == {}


def test_a_host_is_known_by_its_longest_ending() -> None:
    of = places().of_host
    assert [of(host) for host in ("google.com.br", "www.google.com", "mail.google.com", "docs.google.de")] == [
        "search", "search", "mail", "other",
    ]  # fmt: skip
    assert (of("bing.com"), of("bing.com", "/chat"), of("github.com", "/chat")) == ("search", "ai", "community")
    assert (of("example.org"), of("com"), of(""), of("google")) == (None, None, None, None)


# Hypothesis loads its table of characters within the first example.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.fixed_dictionaries({name: st.none() | FILTH | ADDRESS for name in COLUMNS}), max_size=8))
def test_any_filth_gives_a_row_each_of_a_known_group_or_none(rows: list[dict[str, str | None]]) -> None:
    made = conclude(_touches(rows), SITES)
    assert made.num_rows == len(rows)
    assert made.schema.types == [pa.string(), pa.string(), pa.string(), pa.bool_()]
    assert set(made["channel_group"].to_pylist()) <= NAMES | {None}
    for one in made.to_pylist():
        assert (one["channel"] is None) == (one["channel_group"] is None)


@settings(deadline=None)
@given(
    st.sampled_from(["google", "LinkedIn", "reddit", "newsletter", "jo", "chatgpt.com", "facebook ads"]),
    st.sampled_from(["cpc", "email", "paid social", "organic", "social media", "qr", "podcast"]),
    st.sampled_from(["upper", "lower", "title", "swapcase"]),
    st.sampled_from(["+", "%20", "%09", "++", "%0A"]),
)
def test_case_and_white_space_of_tags_change_nothing(source: str, medium: str, how: str, blank: str) -> None:
    def tagged(left: str, right: str) -> dict[str, str | None]:
        return {"verb": "view", "url": f"https://acme.test/a?utm_source={left}&utm_medium={right}"}

    def written(text: str) -> str:
        return blank + str(getattr(text, how)()).replace(" ", blank) + blank

    plain, other = _concluded(
        tagged(source.replace(" ", "+"), medium.replace(" ", "+")), tagged(written(source), written(medium))
    )
    assert plain == other


def test_chunks_of_a_table_change_nothing() -> None:
    rows = [{"verb": "view"} | {name: case[name] for name in COLUMNS if name in case} for case in CASES]
    whole, half = _touches(rows), len(rows) // 2
    pieces = pa.concat_tables([_touches(rows[:half]), _touches(rows[half:])])
    assert conclude(pieces, SITES).equals(conclude(whole, SITES))


def test_sites_may_be_written_as_addresses() -> None:
    rows = _touches([{"verb": "view", "url": "https://shop.test/a", "referrer": "https://docs.acme.test/"}])
    for sites in (("acme.test",), ("https://www.ACME.test/",), ("other.test", "docs.acme.test:443")):
        assert conclude(rows, sites)["channel"].to_pylist() == [None]
    assert conclude(rows, ())["channel"].to_pylist() == ["Referral"]


def test_a_real_log_shows_its_searches() -> None:
    with gzip.open(real_data("logs/apache_2015.log.gz"), "rt", errors="replace") as lines:
        parts = [line.split('"') for line in lines]
    rows: list[dict[str, str | None]] = [
        {"verb": "view", "url": "http://semicomplete.com" + part[1].split()[1], "referrer": part[3]} for part in parts
    ]
    groups = conclude(_touches(rows), ("semicomplete.com",))["channel_group"].to_pylist()
    google = Counter(group for row, group in zip(rows, groups, strict=True) if "google" in (row["referrer"] or ""))
    assert google["Organic Search"] >= 560
    overflow = [g for row, g in zip(rows, groups, strict=True) if "//stackoverflow.com" in (row["referrer"] or "")]
    assert overflow == ["Community"] * 34
    own = ("http://semicomplete.com", "http://www.semicomplete.com")
    assert groups.count(None) == sum((row["referrer"] or "").startswith(own) for row in rows)


def test_a_real_advertisers_file_keeps_its_channels() -> None:
    with gzip.open(real_data("attribution/journeys_july2018.csv.gz"), "rt") as lines:
        names = sorted({line.rstrip().rpartition(",")[2] for line in lines} - {"channel"})
    made = conclude(_touches([{"verb": "view", "channel": name} for name in names]), SITES).to_pylist()
    assert {one["channel"]: one["channel_group"] for one in made} == {
        "Facebook": "Organic Social",
        "Instagram": "Organic Social",
        "Online Display": "Display",
        "Online Video": "Paid Video",
        "Paid Search": "Paid Search",
    }


def test_it_knows_the_search_engines_that_others_know() -> None:
    theirs = yaml.safe_load(real_data("referrers/SearchEngines.yml").read_text("utf-8"))
    hosts = {
        name: [url.replace("{}", "de").split("/")[0] for each in listed for url in each["urls"]]
        for name, listed in theirs.items()
    }
    known = {
        name: [host for host in listed if places().of_host(host) in ("search", "ai")] for name, listed in hosts.items()
    }
    used = (
        "360search", "AOL", "Ask", "Baidu", "Bing", "Brave", "Cốc Cốc", "Daum", "DuckDuckGo", "Ecosia", "Google",
        "Haosou", "Kagi", "Lilo", "Mailru", "Metager", "Mojeek", "Naver", "Perplexity", "Presearch", "Qwant",
        "Rambler", "Seznam", "Sogou", "StartPage", "Swisscows", "Yahoo!", "Yandex", "Yep", "You", "ZapMeta",
    )  # fmt: skip
    assert [name for name in used if not known[name]] == []
    assert sum(map(len, known.values())) / sum(map(len, hosts.values())) > 0.5
