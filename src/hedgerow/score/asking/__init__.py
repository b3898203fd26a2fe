"""asking answers who is worth most, by what name, and for what reasons."""
