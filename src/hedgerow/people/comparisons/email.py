"""Mail address: the mailbox behind case, dots and tags, and addresses that are nearly the same."""

import re

from hedgerow.people.matching.comparison import Comparison, Derived, Level, Plain
from hedgerow.people.matching.spellings import SPELLINGS

_DOTLESS = {"gmail.com", "googlemail.com"}
_ALIASES = {"googlemail.com": "gmail.com", "hotmail.co.uk": "outlook.com", "hotmail.com": "outlook.com",
            "live.com": "outlook.com", "me.com": "icloud.com", "mac.com": "icloud.com", "ya.ru": "yandex.ru",
            "ymail.com": "yahoo.com", "pm.me": "proton.me", "protonmail.com": "proton.me"}  # fmt: skip
_SAME_BOX = {"googlemail.com", "me.com", "mac.com", "pm.me", "protonmail.com", "ya.ru"}
_MINUS_TAGS = {"yahoo.com", "ymail.com"}
_SHARED = {"info", "sales", "contact", "hello", "office", "support", "admin", "team", "mail", "marketing", "kontakt",
           "webmaster", "postmaster", "noreply", "no-reply", "hr", "jobs", "press", "billing", "service"}  # fmt: skip


def _mailbox(text: str) -> str | None:
    local, at, domain = text.strip().removeprefix("mailto:").casefold().rpartition("@")
    if not at or not local or not domain or local in _SHARED:
        return None
    local = local.partition("+")[0] or local
    if domain in _MINUS_TAGS:
        local = local.partition("-")[0]
    if domain in _DOTLESS:
        local = local.replace(".", "")
    return f"{local}@{_ALIASES[domain] if domain in _SAME_BOX else domain}"


def _local(text: str) -> str | None:
    # An address with a misplaced @ still opens with the name.
    mailbox = _mailbox(text) or (text.casefold() if "@" in text[1:] else None)
    local = re.sub(r"[^a-z0-9]", "", mailbox.partition("@")[0]) if mailbox else ""
    return local if len(local) >= 4 and local not in _SHARED else None


def _listed(names: set[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


_NAME, _DOMAIN = "split_part(x, '@', 1)", "split_part(x, '@', 2)"
_PLAIN = (
    "regexp_full_match(x, '[a-z0-9._]+@[a-z0-9]+([.-][a-z0-9]+)*') "
    f"AND {_NAME} NOT IN ({_listed(_SHARED)}) AND {_DOMAIN} NOT IN ({_listed(_SAME_BOX)})"
)
_BOX = f"CASE WHEN {_DOMAIN} = 'gmail.com' THEN replace({_NAME}, '.', '') || '@gmail.com' ELSE x END"
_LETTERS = f"translate({_NAME}, '._', '')"
_SAID = f"CASE WHEN length({_LETTERS}) >= 4 AND {_LETTERS} NOT IN ({_listed(_SHARED)}) THEN {_LETTERS} END"

_AS_LONG = "(len(mailboxes_l) > 1 OR len(mailboxes_r) > 1 OR abs(length(mailbox_l) - length(mailbox_r)) <= 2)"


def _closest(column: str, measure: str, pick: str) -> str:
    # Nearly everybody has one, and lists are slow.
    return (
        f"CASE WHEN len({column}_l) = 1 AND len({column}_r) = 1 "
        f"THEN {measure.format(f'{column}_l[1]', f'{column}_r[1]')} "
        f"ELSE {pick}(flatten(list_transform({column}_l, lambda x : "
        f"list_transform({column}_r, lambda y : {measure.format('x', 'y')})))) END"
    )


def _like(column: str, least: float, measure: str = "jaro_winkler_similarity") -> str:
    """Return SQL: whether two of the texts are alike and have the same digits, as john.smith12 and john.smith47 do not.

    Digits are slow to compare, so texts that are not alike are sorted out first.
    """
    likeness = f"{measure}({{0}}, {{1}})"
    digits = " = ".join(f"regexp_replace({side}, '[^0-9]', '', 'g')" for side in ("{0}", "{1}"))
    either, both = (
        _closest(column, each, "list_max") for each in (likeness, f"CASE WHEN {digits} THEN {likeness} END")
    )
    return f"({either}) >= {least} AND ({both}) >= {least}"


COMPARISON = Comparison(
    says="Mail addresses are one mailbox, allowing for case, dots and tags by provider, or are nearly the same.",
    columns=("email",),
    prepare={
        "mailboxes": Derived("email", _mailbox, many=True, plain=Plain(_PLAIN, _BOX)),
        "mailbox": Derived("list_min(mailboxes)"),
        "spellings": SPELLINGS,
        "mail_said": Derived("email", _local, True, Plain(_PLAIN, _SAID)),
        "mail_names": Derived("list_filter(mail_said, lambda x : NOT list_contains(spellings, x))"),
    },
    levels=(
        Level("A mail address is the same.", "mailbox_l = mailbox_r OR list_has_any(mailboxes_l, mailboxes_r)"),
        Level("The name before the @ is the same.", "list_has_any(mail_names_l, mail_names_r)"),
        Level(
            "The mail addresses differ by a letter or two.",
            f"{_AS_LONG} AND {_like('mailboxes', 0.75, 'jaro_similarity')} AND "
            f"({_closest('mailboxes', 'damerau_levenshtein({0}, {1})', 'list_min')}) <= 2",
        ),
        Level(
            "The mail addresses are alike, and not for the sake of their names.",
            f"len(mail_names_l) > 0 AND len(mail_names_r) > 0 AND {_like('mailboxes', 0.9)}",
        ),
        Level(
            "The names before the @ are alike.",
            _like("mail_names", 0.85),
        ),
    ),
    otherwise="The mail addresses differ.",
    known="len(mailboxes) > 0",
    keys=("mailboxes", "mail_said"),
    rare="mailbox",
)
