"""erasure owns how a person is forgotten: tombstones, the rewriting of what names them, and the scouring after it."""
