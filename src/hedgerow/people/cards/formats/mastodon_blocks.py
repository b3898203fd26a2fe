"""Mastodon's blocked_accounts.csv: with whom the owner wants nothing to do, an account a row, without a header."""

from collections.abc import Iterable, Iterator

from hedgerow.people.cards import separated
from hedgerow.people.cards.card import Card
from hedgerow.people.cards.format import Format, Rejected
from hedgerow.people.cards.line import line
from hedgerow.people.cards.networks import mastodon, profile

BLOCKED = "Blocked"


def _read(data: bytes) -> Iterator[Card | Rejected]:
    for number, record in separated.bare_records(data):
        account = mastodon(record[0]) if len(record) == 1 else None
        if account is None:
            yield Rejected(number, "it is no account: write name@server", separated.written_row(record))
        else:
            # Who is blocked is not to be written to either.
            listed = line("CATEGORIES", [BLOCKED])
            yield Card((line("FN", account), profile(account), listed)).marked_opted_out()


def _write(cards: Iterable[Card]) -> bytes:
    blocked = [card for card in cards if BLOCKED in card.lists]
    accounts = [account for card in blocked for account in card.accounts if account.startswith("mastodon:")]
    return separated.bare([(account.partition(":")[2],) for account in accounts])


def _fits(data: bytes) -> bool:
    first = separated.header_of(data)
    return len(first) == 1 and mastodon(first[0]) is not None


FORMAT = Format(
    says="Mastodon's blocked accounts; they count as opted out.",
    ending=".csv",
    fits=_fits,
    read=_read,
    write=_write,
)
