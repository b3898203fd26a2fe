"""How Hypothesis runs here: a first call that imports or warms up is no failure."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
