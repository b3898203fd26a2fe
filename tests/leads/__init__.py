"""Tests of the leads room."""
