"""Date of birth: the day, slips of the pen, and days written in another order."""

import re

from hedgerow.people.matching.comparison import Comparison, Derived, Level, within

_DIGITS = re.compile(r"\d+")


def _written(text: str) -> str | None:
    digits: list[str] = _DIGITS.findall(text)
    if len(digits) >= 3 and len(digits[0]) == 4:
        return digits[0] + digits[1].zfill(2) + digits[2].zfill(2)
    if len(digits) >= 3 and len(digits[2]) == 4:
        return digits[2] + digits[1].zfill(2) + digits[0].zfill(2)
    whole = "".join(digits)
    return whole if len(whole) == 8 else None


_YEAR, _MONTH, _DAY = "born_{0}[1:4]", "born_{0}[5:6]", "born_{0}[7:8]"
_SAME = {part: f"{sql.format('l')} = {sql.format('r')}" for part, sql in (("y", _YEAR), ("m", _MONTH), ("d", _DAY))}
_TURNED = "born_l[1:4] || born_l[7:8] || born_l[5:6] = born_r"

COMPARISON = Comparison(
    says="Days of birth are the same, allowing for a slip of the pen and for days and months in another order.",
    columns=("birth_date",),
    prepare={"born": Derived("CAST(birth_date AS VARCHAR)", _written)},
    levels=(
        Level("Born on the same day.", "born_l = born_r"),
        Level(
            "The days of birth differ by one digit, or by day and month changing places.",
            f"{within('born_l', 'born_r', 1)} OR {_TURNED}",
        ),
        Level("Born in the same month of the same year.", f"{_SAME['y']} AND {_SAME['m']}"),
        Level("Born on the same day of the year, in another year.", f"{_SAME['m']} AND {_SAME['d']}"),
        Level("Born in the same year and on the same day of a month.", f"{_SAME['y']} AND {_SAME['d']}"),
        Level("Born in the same year.", _SAME["y"]),
    ),
    otherwise="The days of birth differ.",
    known="born IS NOT NULL",
    keys=("born",),
    rare="born",
)
