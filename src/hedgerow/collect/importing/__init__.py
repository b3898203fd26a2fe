"""importing owns the way of files in: formats, guesses at maps, and the import that can be cut short and undone."""
