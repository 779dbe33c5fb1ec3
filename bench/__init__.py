"""Measurements: each figure is a ratio to a baseline measured in the same run, in slices that alternate with it."""
