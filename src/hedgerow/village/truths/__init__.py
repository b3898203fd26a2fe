"""truths is the shelf of what is known of a village and no file says, one table a file."""
