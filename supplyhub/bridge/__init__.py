"""Facts to arrays and back: the only door to the solver."""

from supplyhub.bridge.thinking import NotProved, Stopped, pack_instance, think, unpack_instance, write_question

__all__ = ["NotProved", "Stopped", "pack_instance", "think", "unpack_instance", "write_question"]
