"""Instance and plan folders, as docs/allocation-model.md sections 6 and 7 lay them out."""

from solver.folder.instance import read_instance, write_instance

__all__ = ["read_instance", "write_instance"]
