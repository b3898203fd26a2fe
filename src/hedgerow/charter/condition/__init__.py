"""condition owns what a rule asks of a lead: read from SQL, said in a sentence, decided, proved; all four agree."""

from hedgerow.charter.condition.parse import Misread, parse
from hedgerow.charter.condition.plain import holds
from hedgerow.charter.condition.sentence import sentence
from hedgerow.charter.condition.sql import to_sql
from hedgerow.charter.condition.tree import ALWAYS, Condition

__all__ = ["ALWAYS", "Condition", "Misread", "holds", "parse", "sentence", "to_sql"]
