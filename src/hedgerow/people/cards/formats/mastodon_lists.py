"""Mastodon's lists.csv: which account is in which of the owner's lists, a row each, without a header."""

from collections.abc import Iterable, Iterator

from hedgerow.people.cards import separated
from hedgerow.people.cards.card import Card
from hedgerow.people.cards.format import Format, Rejected
from hedgerow.people.cards.line import line
from hedgerow.people.cards.networks import mastodon, profile


def _read(data: bytes) -> Iterator[Card | Rejected]:
    lists: dict[str, list[str]] = {}
    for number, record in separated.bare_records(data):
        account = mastodon(record[1]) if len(record) == 2 else None
        if account is None:
            yield Rejected(number, "it is no list and account: write list,name@server", separated.written_row(record))
        else:
            lists.setdefault(account, []).append(record[0].strip())
    for account, names in lists.items():
        yield Card((line("FN", account), profile(account), line("CATEGORIES", dict.fromkeys(names))))


def _write(cards: Iterable[Card]) -> bytes:
    rows = [
        (name, account.partition(":")[2])
        for card in cards
        for account in card.accounts
        if account.startswith("mastodon:")
        for name in card.lists
    ]
    return separated.bare(rows)


def _fits(data: bytes) -> bool:
    first = separated.header_of(data)
    return len(first) == 2 and mastodon(first[1]) is not None


FORMAT = Format(
    says="Mastodon's lists, as its settings export and import them.",
    ending=".csv",
    fits=_fits,
    read=_read,
    write=_write,
)
