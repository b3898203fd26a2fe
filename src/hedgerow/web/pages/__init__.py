"""The pages: one file each, holding PAGE."""
