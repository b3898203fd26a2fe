"""Spellings: what a person's name comes to in handles and mail addresses, derived once for all that compare them."""

from hedgerow.people.matching.comparison import Derived, Plain
from hedgerow.people.words.names import SPELT, TWO_WORDS, spelt

SPELLINGS = Derived("coalesce(full_name, concat_ws(' ', given_name, surname))", spelt, True, Plain(TWO_WORDS, SPELT))
