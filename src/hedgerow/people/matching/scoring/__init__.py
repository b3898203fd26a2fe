"""scoring: which pairs are compared, what their likeness is worth, and how that is learned."""
