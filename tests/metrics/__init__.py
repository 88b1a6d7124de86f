"""Metrics against cases worked out by hand, and against a second computation in plain pandas."""
