"""score owns signals, fit, engagement, predictions, and the reasons for each; it decides nothing."""
