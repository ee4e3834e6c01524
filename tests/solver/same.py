"""Whether two problems or plans say the same, text in lists or in Series."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import polars as pl


def assert_same(one: Any, other: Any, name: str = "") -> None:
    """Every column equal, types of arrays included; phases' seconds left out, which no file is asked to keep."""
    if is_dataclass(one):
        for column in fields(one):
            if column.name != "seconds":
                assert_same(getattr(one, column.name), getattr(other, column.name), f"{name}.{column.name}")
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype, name
        np.testing.assert_array_equal(one, other, err_msg=name)
    else:
        one, other = (list(value) if isinstance(value, pl.Series) else value for value in (one, other))
        assert one == other, name
