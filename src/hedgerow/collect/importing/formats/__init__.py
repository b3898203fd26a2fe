"""formats owns how a file is written: packed, encoded, cut into records and columns; it knows no map's meaning."""
