"""Facts to arrays and back: the only door to the solver."""

from supplyhub.bridge.explaining import explain
from supplyhub.bridge.thinking import NotProved, Stopped, pack_instance, think, unpack_instance, write_question

__all__ = ["NotProved", "Stopped", "explain", "pack_instance", "think", "unpack_instance", "write_question"]
