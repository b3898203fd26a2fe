"""measures owns every named number, once: its question, its expression, its unit, its chart."""

from hedgerow.measures import in_words
from hedgerow.measures.asking import ask, shelf
from hedgerow.measures.behind import behind
from hedgerow.measures.export import FORMATS, export
from hedgerow.measures.measure import Answer, Asked, Chart, Column, Measure

__all__ = ["FORMATS", "Answer", "Asked", "Chart", "Column", "Measure", "ask", "behind", "export", "in_words", "shelf"]
