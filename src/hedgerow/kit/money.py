"""Money: integer minor units beside an ISO 4217 currency, and division that loses nothing."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from hedgerow.kit.errors import HedgerowError

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST = 10**15
"""The largest amount, in minor units either way, that a ledger row may carry: floats hold it exactly."""

_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_TWO = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR
MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD
SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""

EXPONENTS: dict[str, int] = {
    code: digits for digits, codes in ((0, _ZERO), (2, _TWO), (3, _THREE)) for code in codes.split()
}
"""ISO 4217 code to the number of decimal places of its minor unit."""


def in_words(minor: int, currency: str) -> str:
    """Return an amount as a person writes it: 1142350, "EUR" gives "11,423.50 EUR"."""
    return f"{major(minor, currency)} {currency}".rstrip()


def major(minor: int, currency: str) -> str:
    """Return the major units with thousands separated: 1142350, "EUR" gives "11,423.50"."""
    places = EXPONENTS.get(currency, 2)
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(places + 1, "0")
    whole, rest = (digits[:-places], "." + digits[-places:]) if places else (digits, "")
    return f"{sign}{int(whole):,}{rest}"


_REMAINDER = 30
"""Bits that hold a remainder in billionths."""
_AT_ONCE = 15
"""Bits that number the groups whose remainders are ranked at once, which stays in the processor's cache."""


def read(text: str, currency: str) -> int | None:
    """Return an amount that a person wrote ("11,423.50" or "11423.5") in minor units; None where nothing is written.

    Raises `HedgerowError` for what is no amount of the currency, or is beyond `MOST`.
    """
    places = EXPONENTS.get(currency, 2)
    said = text.strip()
    if not said:
        return None
    rest = rf"(\.\d{{1,{places}}})?" if places else ""
    if not re.fullmatch(rf"(\d{{1,18}}|\d{{1,3}}(,\d{{3}}){{1,5}}){rest}", said, re.ASCII):
        raise HedgerowError(f"'{text}' is no amount of {currency}: write it as {major(1142350, currency)}.")
    minor = int(Decimal(said.replace(",", "")).scaleb(places))
    if minor > MOST:
        raise HedgerowError(f"{text} {currency} is beyond what a ledger row may carry: write less.")
    return minor


def divide(total: int, weights: Sequence[float]) -> list[int]:
    """Return integers that sum to `total`, in proportion to `weights`, by largest remainder."""
    shares = divide_groups(
        np.array([total], np.int64), np.asarray(weights, np.float64), np.array([0, len(weights)], np.int64)
    )
    return [int(share) for share in shares]


def divide_groups(totals: Integers, weights: Floats, bounds: Integers, group: Integers | None = None) -> Integers:
    """Return integers, one a weight, that sum to each group's total: Hamilton's largest-remainder division.

    `totals` has shape (g,); group i owns `weights[bounds[i]:bounds[i + 1]]`, so `bounds` has shape (g + 1,)
    and every group at least one weight; `group` (n,) is the group of each weight, for a caller that has it.
    Weights are not negative and sum to 1 in each group. Units that are left go to the largest remainders;
    equal remainders go to the earlier place, never by name. A negative total is divided as its absolute value,
    with the sign put back.
    """
    sizes = np.diff(bounds)
    if not len(sizes):
        return np.zeros(0, np.int64)
    group = np.repeat(np.arange(len(sizes)), sizes) if group is None else group
    amounts = np.abs(totals)
    exact = weights * amounts.astype(np.float64)[group]
    shares: Integers = exact.astype(np.int64)
    # A running sum may wrap, its differences do not; adding up group by group takes five times as long.
    left = amounts - np.diff(np.cumsum(shares)[bounds[1:] - 1], prepend=0)
    # Only weights that miss 1 by more than rounding leave whole rounds, or less than nothing, to give out.
    if ((left < 0) | (left >= sizes)).any():
        each, left = np.divmod(left, sizes)
        shares += each[group]
    for winners in _largest(exact, bounds, group, left):
        shares[winners] += 1
    if (totals < 0).any():
        shares *= np.sign(totals)[group]
    return shares


def _largest(exact: Floats, bounds: Integers, group: Integers, counts: Integers) -> Iterator[Integers]:
    """Yield the places of each group's `counts` largest remainders, equal ones (to nine places) from the left.

    Group, remainder and place are packed into one word, many groups at a time: a plain sort of words is many
    times faster than ordering rows by two columns.
    """
    bits = int(np.diff(bounds)[counts > 0].max(initial=0)).bit_length()
    step = 1 << min(62 - _REMAINDER - bits, _AT_ONCE)
    for begin in range(0, len(counts), step):
        start, stop = bounds[begin], bounds[min(begin + step, len(counts))]
        rows = np.flatnonzero((counts > 0)[group[start:stop]]) + start
        own, share = group[rows], exact[rows]
        lack = 10**9 - np.rint((share - np.floor(share)) * 1e9).astype(np.int64)
        place = rows - bounds[own]
        words = (own - begin) << (_REMAINDER + bits) | lack << bits | place
        words.sort()
        # Sorting leaves each group where it was, so that a place is also a rank.
        first = place < counts[own]
        yield bounds[own[first]] + (words[first] & ((1 << bits) - 1))
