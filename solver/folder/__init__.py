"""Instance and plan folders, as docs/allocation-model.md sections 6 and 7 lay them out."""

from solver.folder.instance import input_digest, read_instance, write_instance

__all__ = ["input_digest", "read_instance", "write_instance"]
