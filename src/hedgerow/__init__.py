"""Hedgerow: the lead system of record that marketing and sales share."""

__version__ = "0.3.0"
