"""Automata: which user agents are programs that nobody sits behind."""

import pyarrow as pa
import pyarrow.compute as pc
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

# Mail providers fetch pictures through a proxy when a person opens the mail, and Meta's applications have a
# browser of their own: a person is there, though the library lists them.
_PERSON = r"(?i)GoogleImageProxy|YahooMailProxy|FastmailUA|MetaIAB"

_OURS = (
    # What calls itself one; "cubot" makes telephones.
    r"(?i)(?:^|[^u])bot(?:[^a-z]|$)|crawler|spider|scraper|slurp",
    # Feed readers that fetch for many.
    r"(?i)feed ?(?:fetcher|parser|burner|bin|validator|demon)|\brss\b|[0-9]+ (?:readers|subscribers)|liferea",
    # Preview and link checks in chats, offices and mail filters.
    r"(?i)link ?(?:preview|check|valid|scan)|url ?(?:preview|log|scan)|Office Protocol Discovery|safelinks",
    r"(?i)barracuda|mimecast|proofpoint|messagelabs|fortiguard|trendmicro|ironport|sophos|zscaler|forcepoint",
    # Monitoring, and programs that name their library or nothing at all.
    r"(?i)uptime|monitoring|healthcheck|pingdom|headless|phantomjs|puppeteer|playwright|selenium",
    r"(?i)^(?:curl|wget|fetch|lwp|libwww|ruby|java|perl|php|python|go|node|axios|okhttp|guzzle|chef client)\b",
    r"(?i)libwww-perl|libfetch|HTTP_Request|http-?client|python-requests|aiohttp|urllib|scrapy|Ezooms|portscout",
    # No browser sends this; mail filters and privacy proxies that fetch ahead do.
    r"^Mozilla/[0-9.]+(?: \(compatible;?\))?$",
)

_AT_ONCE = 50
_LIBRARY = [each["pattern"] for each in CRAWLER_USER_AGENTS_DATA]
_PATTERNS = [
    *("|".join(_LIBRARY[start : start + _AT_ONCE]) for start in range(0, len(_LIBRARY), _AT_ONCE)),
    *_OURS,
]
"""RE2 reads all patterns of a bundle in one pass; larger bundles outgrow its memory and slow down."""

_MOST_KEPT = 1 << 16
_LONGEST_KEPT = 512
_kept: dict[str, bool] = {}


def automata(user_agents: pa.Array) -> pa.Array:
    """Return for each user agent (distinct strings; n) whether it is a crawler, fetcher, scanner or library.

    Patterns are those of the package crawler-user-agents and a few of our own. A user agent that is empty, "-"
    or null is not known, so it is no automaton. The latest verdicts are kept, so that small batches are quick.
    """
    asked = user_agents.fill_null("").to_pylist()
    verdicts = {each: _kept.get(each) for each in asked}
    unknown = [each for each, verdict in verdicts.items() if verdict is None]
    if unknown:
        fresh = dict(zip(unknown, _matched(unknown), strict=True))
        _keep(fresh)
        verdicts |= fresh
    return pa.array([verdicts[each] for each in asked], pa.bool_())


def _matched(user_agents: list[str]) -> list[bool]:
    texts = pa.array(user_agents, pa.string())
    found = pc.is_null(texts)
    for pattern in _PATTERNS:
        found = pc.or_(found, pc.match_substring_regex(texts, pattern))
    return list(pc.and_not(found, pc.match_substring_regex(texts, _PERSON)).to_pylist())


def _keep(verdicts: dict[str, bool]) -> None:
    if len(_kept) + len(verdicts) > _MOST_KEPT:
        _kept.clear()
    short = (item for item in verdicts.items() if len(item[0]) <= _LONGEST_KEPT)
    _kept.update(item for item, _ in zip(short, range(_MOST_KEPT), strict=False))
