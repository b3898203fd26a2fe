"""act owns what goes out: contact books so far; it never acts without leaving a touch."""
