"""The shelf of comparisons: one way of being alike a file."""
