"""Measures the figures that the documentation quotes, as ratios taken in one run."""
