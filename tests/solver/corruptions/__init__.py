"""True plans made wrong on purpose: one column, one row, one file, or one thing that is meant; all else left right."""
