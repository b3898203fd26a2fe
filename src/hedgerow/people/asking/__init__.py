"""asking owns what pages ask of people: one of them, some of them, and what waits for an answer; it changes nothing."""
