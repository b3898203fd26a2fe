"""exports is the shelf of files that the village's senders write, one a file."""
