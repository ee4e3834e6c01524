"""Instance and plan folders, as docs/allocation-model.md sections 6 and 7 lay them out."""

from solver.folder.instance import read_instance, write_instance
from solver.folder.plan import read_plan, write_plan
from solver.folder.whole import FolderOccupied

__all__ = ["FolderOccupied", "read_instance", "read_plan", "write_instance", "write_plan"]
