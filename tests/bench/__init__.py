"""Measurements: what a thing costs, as a ratio to a baseline measured in the same run."""
