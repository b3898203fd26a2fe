"""words: how names are written in other ways; folding to plain letters, and nicknames."""
