"""Telephone number: the number behind its spelling, and numbers that end the same."""

import re

import phonenumbers

from hedgerow.people.matching.comparison import Comparison, Derived, Level, Plain, within


def _number(text: str) -> str | None:
    """Return E.164 where the text says its country, else the digits without the trunk's zero."""
    said, _, country = text.partition("|")
    try:
        number = phonenumbers.parse(said, country.upper() or None)
    except phonenumbers.NumberParseException:
        digits = re.sub(r"\D", "", said).lstrip("0")
        return digits if len(digits) >= 6 else None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_PLAIN = "regexp_full_match(x, '\\+(49|44|33|31|34|41|32)( ?[2-7]){2}( ?[0-9]){6,7}\\|.*')"
_E164 = "replace(split_part(x, '|', 1), ' ', '')"

_NUMBERS = "list_transform(phone, lambda x : x || '|' || coalesce(country, ''))"

COMPARISON = Comparison(
    says="Telephone numbers are the same, however they are written.",
    columns=("phone",),
    prepare={
        "numbers": Derived(_NUMBERS, _number, True, Plain(_PLAIN, _E164)),
        "number": Derived("list_min(numbers)"),
        "number_endings": Derived(
            "list_transform(list_filter(numbers, lambda x : length(x) >= 8), lambda x : right(x, 7))"
        ),
    },
    levels=(
        Level("A telephone number is the same.", "number_l = number_r OR list_has_any(numbers_l, numbers_r)"),
        Level("Telephone numbers end in the same seven digits.", "list_has_any(number_endings_l, number_endings_r)"),
        Level("The telephone numbers differ by one digit.", within("number_l", "number_r", 1)),
    ),
    otherwise="The telephone numbers differ.",
    known="len(numbers) > 0",
    keys=("number_endings",),
    rare="number",
)
