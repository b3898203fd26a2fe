"""matching proposes which profiles are one person's, with reasons; it merges nobody."""
