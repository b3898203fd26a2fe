"""Links: a site or profile that both point to."""

import re
from urllib.parse import urlsplit

from hedgerow.people.matching.comparison import Comparison, Derived, Level, Plain

_PLATFORMS_SAID = """
twitter.com x.com facebook.com instagram.com linkedin.com github.com gitlab.com youtube.com medium.com
tiktok.com reddit.com mastodon.social bsky.app threads.net linktr.ee t.me keybase.io substack.com wordpress.com
"""
_PLATFORMS = frozenset(_PLATFORMS_SAID.split())


def _link(text: str) -> str | None:
    """Return host and path, or None for a platform's front page, which is nobody's."""
    said = text.strip()
    try:
        parts = urlsplit(said if "//" in said else f"//{said}")
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return None
    path = re.sub(r"/(?:index\.\w+)?$", "", parts.path.casefold())
    if "." not in host or (not path and host in _PLATFORMS):
        return None
    return host + path


def _site(text: str) -> str | None:
    link = _link(text)
    host = link.partition("/")[0] if link else ""
    return host if host and host not in _PLATFORMS else None


_PLAIN = (
    "regexp_full_match(x, 'https?://[a-z0-9-]+(\\.[a-z0-9-]+)+(/[A-Za-z0-9_-]+)*/?') "
    "AND NOT regexp_matches(x, '//(www|m)\\.')"
)
_REST = "lower(rtrim(split_part(x, '//', 2), '/'))"
_HOST = f"split_part({_REST}, '/', 1)"
_FRONT = "({0} NOT IN (" + ", ".join(f"'{name}'" for name in sorted(_PLATFORMS)) + "))"
_LINK, _SITE = (f"CASE WHEN {_FRONT.format(said)} THEN {said} END" for said in (_REST, _HOST))

COMPARISON = Comparison(
    says="They point to the same page or site.",
    columns=("site",),
    prepare={
        "links": Derived("site", _link, True, Plain(_PLAIN, _LINK)),
        "link_first": Derived("list_min(links)"),
        "link_sites": Derived("site", _site, True, Plain(_PLAIN, _SITE)),
    },
    levels=(
        Level(
            "They link to the same page or profile.", "link_first_l = link_first_r OR list_has_any(links_l, links_r)"
        ),
        Level("They link to the same site.", "list_has_any(link_sites_l, link_sites_r)"),
    ),
    otherwise="They link to different sites.",
    known="len(links) > 0",
    keys=("links",),
    rare="link_first",
)
