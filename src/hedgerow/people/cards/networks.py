"""Networks: which account on which network an address stands for, and the address of an account."""

import re
from urllib.parse import quote, unquote, urlsplit

from hedgerow.people.cards.line import Line, line

_PAGES: tuple[tuple[str, str, str], ...] = (
    ("linkedin", r"(?:[a-z]{2,3}\.)?linkedin\.com", r"/in/([^/]+)/?"),
    ("x", r"(?:mobile\.)?(?:twitter|x)\.com", r"/(?:@|#!/)?([A-Za-z0-9_]{1,15})/?"),
    ("bluesky", r"bsky\.app", r"/profile/([^/]+)/?"),
    ("github", r"github\.com", r"/([A-Za-z0-9-]{1,39})/?"),
    ("instagram", r"instagram\.com", r"/([A-Za-z0-9_.]{1,30})/?"),
    ("facebook", r"(?:m\.)?facebook\.com", r"/([A-Za-z0-9.]{5,50})/?"),
    ("youtube", r"(?:m\.)?youtube\.com", r"/@([^/]+)/?"),
    ("reddit", r"(?:old\.)?reddit\.com", r"/(?:u|user)/([A-Za-z0-9_-]+)/?"),
    ("threads", r"threads\.(?:net|com)", r"/@([A-Za-z0-9_.]+)/?"),
)
"""A network, its hosts, and where in the path of a profile the account stands."""

_NOT_ACCOUNTS = {"x": {"i", "intent", "home", "search", "share"}, "facebook": {"profile.php", "people", "groups"}}
_NO_FEDIVERSE = {"medium.com", "tiktok.com", "t.me", "vk.com", "patreon.com", "ko-fi.com", "unsplash.com", "dev.to"}
"""Hosts that write an @ before a name and are not of the fediverse."""
_AT_A_HOST = re.compile(r"/(?:@|users/|web/@)([A-Za-z0-9_.-]+)/?")
_NUMBERED = re.compile(r"(?:user_id|id)=(\d+)")

_WRITTEN = {
    "linkedin": "https://www.linkedin.com/in/{}",
    "x": "https://x.com/{}",
    "x_id": "https://x.com/i/user/{}",
    "bluesky": "https://bsky.app/profile/{}",
    "github": "https://github.com/{}",
    "instagram": "https://www.instagram.com/{}",
    "facebook": "https://www.facebook.com/{}",
    "youtube": "https://www.youtube.com/@{}",
    "reddit": "https://www.reddit.com/user/{}",
    "threads": "https://www.threads.net/@{}",
}
_SERVICES = {"twitter": "x", "mastodon": "mastodon", "activitypub": "mastodon", "fediverse": "mastodon"}
_CHATS = {"xmpp": "xmpp", "sip": "sip", "matrix": "matrix", "skype": "skype", "aim": "aim", "irc": "irc"}


def account_of(found: Line) -> str | None:
    """Return the account that a SOCIALPROFILE, IMPP or URL stands for as an identifier; None for any other page.

    Names of networks that don't tell small letters from capitals are in small letters.
    """
    service = next(iter((*found.param("SERVICE-TYPE"), *found.kinds)), "").casefold()
    scheme, _, rest = found.text.partition(":")
    if scheme.casefold() in _CHATS and found.name != "URL":
        return _identifier(_CHATS[scheme.casefold()], unquote(rest).removeprefix("//"))
    if scheme.casefold() == "acct":
        return mastodon(rest)
    if page := _page(found.text, _SERVICES.get(service) == "mastodon"):
        return page
    if found.name == "SOCIALPROFILE" and service and "://" not in found.text:
        network = _SERVICES.get(service, service)
        handle = next(iter(found.param("X-USER")), "") or found.text.removeprefix("x-apple:")
        if network == "mastodon":
            return mastodon(handle)
        return _identifier(network, handle.lstrip("@")) if re.fullmatch(r"[a-z][a-z0-9_.-]{0,63}", network) else None
    return None


def mastodon(text: str) -> str | None:
    """Return the identifier of an account such as `@ann@social.example`; None for what is no such account."""
    found = re.fullmatch(r"@?([A-Za-z0-9_.-]+)@([A-Za-z0-9.-]+\.[A-Za-z0-9-]+(?::\d+)?)", text.strip())
    return f"mastodon:{found[1]}@{found[2]}".lower() if found else None


def profile(identifier: str) -> Line:
    """Return the line of a card that stands for an account; `account_of` reads the same account from it."""
    network, _, handle = identifier.partition(":")
    if network == "mastodon":
        name, _, host = handle.partition("@")
        return line("SOCIALPROFILE", f"https://{host}/@{name}", SERVICE_TYPE="mastodon")
    if network in _WRITTEN:
        return line("SOCIALPROFILE", _WRITTEN[network].format(quote(handle, safe="@.-_~")), SERVICE_TYPE=network)
    if network in _CHATS.values():
        return line("IMPP", f"{network}:{quote(handle, safe='@.-_~:/')}")
    return line("SOCIALPROFILE", handle, SERVICE_TYPE=network)


def _page(text: str, fediverse: bool) -> str | None:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if re.fullmatch(r"(?:mobile\.)?(?:twitter|x)\.com", host):
        numbered = re.fullmatch(r"/i/user/(\d+)/?", parts.path) or _NUMBERED.search(parts.query)
        if numbered:
            return f"x_id:{numbered[1]}"
    for network, hosts, path in _PAGES:
        if re.fullmatch(hosts, host):
            found = re.fullmatch(path, parts.path)
            known = found and found[1].casefold() not in _NOT_ACCOUNTS.get(network, ())
            return _identifier(network, unquote(found[1])) if found and known else None
    found = _AT_A_HOST.fullmatch(parts.path)
    if found and "." in host and (fediverse or host not in _NO_FEDIVERSE):
        return mastodon(f"{found[1]}@{parts.netloc.rpartition('@')[2]}")
    return None


def _identifier(network: str, handle: str) -> str | None:
    handle = handle.strip()
    return f"{network}:{handle.lower()}" if handle and len(handle) <= 400 else None
