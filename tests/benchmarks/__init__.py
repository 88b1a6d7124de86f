"""How fast the product is, as ratios to what a competent person would write by hand: `python -m tests.benchmarks`."""
