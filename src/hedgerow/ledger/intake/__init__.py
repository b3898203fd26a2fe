"""intake owns the way into the ledger: the inbox, what a row's identity is, and the writing of turns."""
