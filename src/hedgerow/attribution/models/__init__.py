"""The attribution models: one file each, holding MODEL."""
