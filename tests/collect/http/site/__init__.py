"""Tests of the website script, in a real browser."""
