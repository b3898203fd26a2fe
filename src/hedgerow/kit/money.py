"""Money: integer minor units beside an ISO 4217 currency, and division that loses nothing."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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
    return f"{major(minor, currency)} {currency}"


def major(minor: int, currency: str) -> str:
    """Return the major units with thousands separated: 1142350, "EUR" gives "11,423.50"."""
    places = EXPONENTS.get(currency, 2)
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(places + 1, "0")
    whole, rest = (digits[:-places], "." + digits[-places:]) if places else (digits, "")
    return f"{sign}{int(whole):,}{rest}"


def divide(total: int, weights: Sequence[float]) -> list[int]:
    """Return integers that sum to `total`, in proportion to `weights`, by largest remainder."""
    shares = divide_groups(
        np.array([total], np.int64), np.asarray(weights, np.float64), np.array([0, len(weights)], np.int64)
    )
    return [int(share) for share in shares]


def divide_groups(totals: Integers, weights: Floats, bounds: Integers) -> Integers:
    """Return integers, one a weight, that sum to each group's total: Hamilton's largest-remainder division.

    `totals` has shape (g,); group i owns `weights[bounds[i]:bounds[i + 1]]`, so `bounds` has shape (g + 1,)
    and every group at least one weight. Weights are not negative and sum to 1 in each group. Units that are
    left go to the largest remainders; equal remainders go to the earlier place, never by name. A negative
    total is divided as its absolute value, with the sign put back.
    """
    sizes = np.diff(bounds)
    if not len(sizes):
        return np.zeros(0, np.int64)
    group = np.repeat(np.arange(len(sizes)), sizes)
    exact = weights * np.abs(totals).astype(np.float64)[group]
    shares = np.floor(exact).astype(np.int64)
    left = np.abs(totals) - np.add.reduceat(shares, bounds[:-1])
    each, extra = np.divmod(left, sizes)
    order = np.lexsort((-np.round(exact - shares, 9), group))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(bounds[:-1], sizes)
    shares += each[group] + (rank < extra[group])
    return shares * np.sign(totals)[group]
