"""charter owns the ground rules: reading, proving and deciding; it keeps nothing and changes nothing."""
