"""The shelf of fits: one rule a file that gives points to a person for what they are."""
