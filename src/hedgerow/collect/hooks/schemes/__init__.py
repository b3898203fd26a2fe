"""The schemes by which webhooks are signed, one a file."""
