"""Tests of the charter: reading, proving, deciding."""
