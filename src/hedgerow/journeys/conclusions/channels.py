"""Channels: the groups a touch can belong to, and the rules that say which, in the order they are asked."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from hedgerow.journeys.conclusions.places import places, squeezed


class Seen(NamedTuple):
    """What the rules see of a touch; all in lower case, None where nothing is said.

    `source` and `referrer` are kinds of `places.toml`, or "other" for a site that isn't there; `spot` is such a
    kind for the touch's own page, and `landing` is "home" or "deep".
    """

    part: str = "proves"
    channel: str | None = None
    medium: str | None = None
    campaign: str | None = None
    source: str | None = None
    paid: str | None = None
    click: str | None = None
    referrer: str | None = None
    spot: str | None = None
    landing: str | None = None


class Traffic(NamedTuple):
    """Where a visit came from in Google Analytics' three words, the source reduced to its kind."""

    source: str = ""
    medium: str = ""
    campaign: str = ""
    deep: bool = False


@dataclass(frozen=True)
class Group:
    """A channel group: its name, its sentence, and which traffic is its own."""

    name: str
    says: str
    when: Callable[[Traffic], bool]


DIRECT = "(direct)"
_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*")
_DISPLAY = ("display", "banner", "expandable", "interstitial", "cpm")
_SOCIAL = ("social", "social-network", "social-media", "sm", "social network", "social media")
_EMAIL = ("email", "e-mail", "e_mail", "e mail")


def _paid(traffic: Traffic, *kinds: str) -> bool:
    return traffic.source in kinds and bool(_PAID.fullmatch(traffic.medium))


# Names, order and regular expressions are those of Google Analytics 4's default channel group ("[GA4] Default
# channel group", support.google.com/analytics/answer/9756891). Ours are Dark, AI Assistants, Community, Review
# and Advocate, which take part of what would be Direct, Referral or Organic Social there, and the kinds display,
# affiliate and other of a source. Each rule is asked only of what no rule above it took.
GROUPS: tuple[Group, ...] = (
    Group("Direct", "Nothing says where they came from, and they opened the home page, or no page is known.",
          lambda t: t.source == DIRECT and not t.deep),
    Group("Dark", "Dark social: nothing says where they came from, but they opened a page that nobody types.",
          lambda t: t.source == DIRECT),
    Group("Cross-network", "An advertisement that runs on several networks at once.",
          lambda t: t.campaign == "cross-network"),
    Group("Paid Shopping", "An advertisement on a shopping site, or of a shopping campaign.",
          lambda t: _paid(t, "shopping") or (t.campaign == "shop" and _paid(t, t.source))),
    Group("Paid Search", "An advertisement in search results.", lambda t: _paid(t, "search")),
    Group("Paid Social", "An advertisement on a social network or in a community.",
          lambda t: _paid(t, "social", "community")),
    Group("Paid Video", "An advertisement on a video site.", lambda t: _paid(t, "video")),
    Group("Display", "A banner or another advertisement on somebody's page.",
          lambda t: t.medium in _DISPLAY or t.source == "display"),
    Group("Paid Other", "Paid for, in a place that no other group names.", lambda t: _paid(t, t.source)),
    Group("AI Assistants", "A link in an answer of an AI assistant.", lambda t: t.source == "ai"),
    Group("Advocate", "Passed on by a customer, colleague or partner who speaks for us.",
          lambda t: t.source == "advocate"),
    Group("Community", "A forum, a chat or another community where practitioners talk.",
          lambda t: t.source == "community"),
    Group("Review", "A site where customers review products.", lambda t: t.source == "review"),
    Group("Organic Shopping", "An unpaid link on a shopping site, or of a shopping campaign.",
          lambda t: t.source == "shopping" or t.campaign == "shop"),
    Group("Organic Social", "An unpaid link on a social network.",
          lambda t: t.source == "social" or t.medium in _SOCIAL),
    Group("Organic Video", "An unpaid link on a video site.",
          lambda t: t.source == "video" or "video" in t.medium),
    Group("Organic Search", "An unpaid search result.", lambda t: t.source == "search" or t.medium == "organic"),
    Group("Referral", "A link on another site, or a source that is named without a medium.",
          lambda t: t.medium in ("referral", "app", "link") or (t.source == "other" and not t.medium)),
    Group("Email", "A link in a mail.", lambda t: t.source == "mail" or t.medium in _EMAIL),
    Group("Affiliates", "A link of an affiliate.", lambda t: t.source == "affiliate" or t.medium == "affiliate"),
    Group("Audio", "A podcast or another thing to hear.", lambda t: t.source == "audio" or t.medium == "audio"),
    Group("SMS", "A text message.", lambda t: t.source == "sms" or t.medium == "sms"),
    Group("Mobile Push Notifications", "A notification on a telephone.",
          lambda t: t.source == "push" or bool(re.search("push$|mobile|notification", t.medium))),
    Group("Unassigned", "No rule takes what is stated: name the channel or the medium as one of the groups.",
          lambda t: True),
)  # fmt: skip
"""A touch belongs to the first group whose rule takes it."""

# What people call a channel or a medium, where it isn't a group's own name; the first that fits, as a whole.
_CALLED: tuple[tuple[str, str], ...] = (
    ("Unassigned", r"direct ?mail.*|post(al|card)?|print"),
    ("Cross-network", r"p(erformance )?max|demand ?gen"),
    ("Paid Shopping", r"(paid shopping|shopping|product listing) ads?|plas?|paid shopping"),
    ("Paid Search", r"(cpc|ppc|sem|sea|ad ?words|pay per click)( ads?)?|search (ads?|engine (marketing|advertising))"
                    r"|paid search.*"),
    ("Paid Social", r"(paid|sponsored) social.*|social( media)? (ads?|paid|cpc|ppc|advertising)"),
    ("Paid Video", r"online video( ads?)?|(paid )?video (ads?|advertising)|paid video|ott|ctv|connected tv|pre ?roll"),
    ("Display", r"(online |paid )?display.*|banners?( ads?)?|programmatic.*|native( ads?)?|re(targeting|marketing)"),
    ("Affiliates", r"affiliate.*"),
    ("Advocate", r"(employee |customer |brand )?advoca(tes?|cy)|(brand )?ambassadors?|influencers?|champions?"
                 r"|word of mouth|(customer|employee|friend) referrals?|refer a (friend|colleague)|re ?shares?"),
    ("Community", r".*\b(communit(y|ies)|forums?)|communit(y|ies) .*"),
    ("Review", r"(peer |customer |software )?reviews?( sites?)?"),
    ("AI Assistants", r"(gen(erative)? ?)?ai( (assistants?|search|chat(bots?)?|referrals?))?|llms?|answer engines?"),
    ("Dark", r"dark( (social|funnel|traffic))?"),
    ("Direct", r"direct (traffic|visits?)|typed( in)?"),
    ("Email", r".*\b(e ?mails?|newsletters?|edm)|(e ?mail|newsletter|edm) .*|mail(ing|er)?s?|drip|nurtur(e|ing)"),
    ("Mobile Push Notifications", r"((mobile|web|app) )?push( notifications?)?|notifications?"),
    ("SMS", r"sms.*|text( messages?)?|mms"),
    ("Audio", r"podcasts?.*|(digital )?audio( ads?)?|(online )?radio"),
    ("Organic Social", r"(organic |company |owned |earned )?social( (media|networks?|organic|posts?|selling))?"),
    ("Organic Video", r"(organic )?videos?"),
    ("Organic Shopping", r"(organic )?shopping|marketplaces?"),
    ("Organic Search", r"(organic )?search( engines?)?|organic( traffic)?|seo"),
    ("Referral", r"referr(al|er)s?( (traffic|sites?))?|references?|(back)?links?|partners?|rss|feeds?"),
    ("Paid Other", r"paid( (media|other|ads?))?|advertis(ing|ements?)|ads?|sponsor(ed|ship)s?"),
)  # fmt: skip
_NAMES = tuple((group, re.compile(pattern)) for group, pattern in _CALLED)
_BY_NAME = {squeezed(group.name): group.name for group in GROUPS}
_PAID_TWIN = {f"Organic {kind}": f"Paid {kind}" for kind in ("Shopping", "Social", "Video", "Search")}

# What kind of touch a verb makes, for the rule of what is concluded where no channel is stated.
PARTS: dict[str, tuple[str, str]] = {
    "arrives": ("Somebody came: the tags of the page say from where, else the referrer, else Direct or Dark.",
                "arrive view read download submit register search"),
    "mails": ("Somebody reacted to a message: the tags or the referrer say to which, else Email.", "open click"),
    "speaks": ("Somebody spoke or reacted in a place: the tags or the referrer, else the place of the page.",
               "announce create dislike flag follow join leave like mention question review"),
    "proves": ("An outcome, or something done: only tags, a campaign or another site's referrer earn a channel.",
               "purchase convert win accept attend listen track"),
    "sells": ("A step of the sale is no touch of marketing, unless a channel is stated.",
              "call meet offer invite reject tentativeaccept tentativereject ignore"),
    "keeps": ("A record, a decision or a message on its way out: never a touch, whatever is stated.",
              "add assign block bounce cede close consent cut delete deliver doubt edit enact escalate fetch forget "
              "identify match merge move note progress remove restrict return send split take travel undo unsubscribe "
              "update withdraw"),
}  # fmt: skip
"""Part to its rule and its verbs. A verb that isn't here proves."""

# Parameters that advertisers' platforms add: where the click was, and its medium where it was paid for.
CLICKS: dict[str, tuple[str, str]] = {
    "gclid": ("search", "cpc"), "gbraid": ("search", "cpc"), "wbraid": ("search", "cpc"),
    "msclkid": ("search", "cpc"), "dclid": ("display", "display"), "ttclid": ("video", "cpc"),
    "li_fat_id": ("social", "cpc"), "twclid": ("social", "cpc"), "fbclid": ("social", ""),
}  # fmt: skip
_REFERRED = {"search": "organic", "mail": "email"}


def group_of(seen: Seen) -> str | None:
    """Return the name of the channel group of a touch, or None where it is no touch that earns."""
    if seen.part == "keeps" or (seen.part == "sells" and not seen.channel):
        return None
    traffic = _traffic(seen)
    if seen.channel:
        return _stated(seen.channel, traffic, seen.medium or "")
    if traffic.source != DIRECT:
        return _first(traffic)
    if seen.part == "speaks":
        return _first(Traffic(seen.spot)) if seen.spot and seen.spot not in ("other", "own") else None
    if seen.referrer == "own":
        return None
    if seen.part == "mails":
        return "Email"
    return _first(traffic) if seen.part == "arrives" else None


def campaign_kind(campaign: str) -> str:
    """Return what the rules want to know of a campaign's name: cross-network, shop, or plain."""
    name = campaign.casefold()
    if "cross-network" in name:
        return "cross-network"
    return "shop" if re.search(r"([^a-df-z]|^)shop|shopping", name) else "plain"


def _traffic(seen: Seen) -> Traffic:
    """What a tag leaves unsaid the click says, then the referrer; what all leave unsaid is direct."""
    referrer = "" if seen.referrer in (None, "own") else str(seen.referrer)
    place, rate = CLICKS.get(seen.click or "", ("", ""))
    if referrer in ("video", "shopping", "social") and rate == "cpc":
        place = referrer
    source = seen.source or place or referrer
    medium = seen.medium or rate or ("cpc" if seen.paid else "")
    if not medium and not seen.source and not place and referrer:
        medium = _REFERRED.get(referrer, "referral")
    if not (source or medium or seen.campaign):
        return Traffic(DIRECT, deep=seen.landing == "deep")
    return Traffic(source, medium, seen.campaign or "")


def _first(traffic: Traffic) -> str:
    called = None if re.fullmatch(r"cp.|ppc|retargeting|", traffic.medium) else _called(traffic.medium)
    return next(
        group.name
        for group in GROUPS
        if group.when(traffic) or (called == group.name and called not in ("Direct", "Dark", "Unassigned"))
    )


def _stated(channel: str, traffic: Traffic, medium: str) -> str:
    if " / " in channel:
        # Google Analytics exports "source / medium" as one column.
        channel, _, medium = channel.partition(" / ")
    if name := _BY_NAME.get(squeezed(channel)):
        return name
    if place := places().of_name(channel):
        kind, paid = place
        return _first(Traffic(kind, medium or ("cpc" if paid else _REFERRED.get(kind, "")), traffic.campaign))
    if name := _called(channel):
        return _PAID_TWIN.get(name, name) if _PAID.fullmatch(medium) else name
    return "Unassigned" if traffic.source == DIRECT else _first(traffic)


def _called(name: str) -> str | None:
    plain = " ".join(re.split(r"[\s_-]+", name.strip("()[] ")))
    return next((group for group, pattern in _NAMES if pattern.fullmatch(plain)), None)
