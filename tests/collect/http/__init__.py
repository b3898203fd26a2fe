"""Tests of the door: the official tracking clients, what they do when things go wrong, and recordings of them."""
