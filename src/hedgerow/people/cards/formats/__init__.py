"""The formats of contact books: one file each, holding FORMAT."""
