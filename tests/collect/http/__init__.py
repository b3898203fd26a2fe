"""Tests of collecting over HTTP: the official clients, visits in a real browser, and what goes wrong."""
