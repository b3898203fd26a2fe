"""Mastodon's following_accounts.csv and muted_accounts.csv: whom the owner follows, and whom they keep out of sight."""

from collections.abc import Iterable, Iterator

from hedgerow.people.cards import separated
from hedgerow.people.cards.card import Card
from hedgerow.people.cards.format import Format, Rejected
from hedgerow.people.cards.line import Line, line
from hedgerow.people.cards.networks import mastodon, profile
from hedgerow.people.cards.separated import Row

COLUMNS = ("Account address", "Show boosts", "Notify on new posts", "Languages")
_HIDES = "Hide notifications"
MUTED = "Muted"


def _read(data: bytes) -> Iterator[Card | Rejected]:
    muted = _HIDES in separated.header_of(data)
    return separated.read(data, lambda row: _lines(row, muted))


def _lines(row: Row, muted: bool) -> Iterator[Line]:
    account = mastodon(row.take("Account address"))
    if account:
        yield profile(account)
        if muted:
            yield line("CATEGORIES", [MUTED])


def _write(cards: Iterable[Card]) -> bytes:
    following = [card for card in cards if MUTED not in card.lists and not card.opted_out and _account(card)]
    return separated.written(following, COLUMNS, lambda card: {"Account address": _account(card)}, mark=False)


def _account(card: Card) -> str:
    return next((each.partition(":")[2] for each in card.accounts if each.startswith("mastodon:")), "")


FORMAT = Format(
    says="Mastodon's list of accounts followed (or muted), as its settings export and import it.",
    ending=".csv",
    fits=lambda data: "Account address" in separated.header_of(data),
    read=_read,
    write=_write,
)
