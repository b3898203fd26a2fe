"""conclusions holds what is concluded of one touch: its channel, its group, and whether a program made it."""
