"""Measurements: what a thing costs, as a ratio to a baseline measured in the same run."""

ONE_THREAD = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""What libraries ask the environment, once, when they are first imported: how many threads they may start."""
