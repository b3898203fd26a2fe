"""The shelf of signals: one rule a file that gives points to a touch."""
