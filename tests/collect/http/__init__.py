"""Tests of collecting over HTTP."""
