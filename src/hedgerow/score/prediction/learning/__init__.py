"""learning holds what prediction learns with: columns, learners, calibration, quality, and the choices by time."""
