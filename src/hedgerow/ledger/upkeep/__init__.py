"""upkeep owns what keeps a workspace well: backup and restore, compaction and pruning, and its examination."""
