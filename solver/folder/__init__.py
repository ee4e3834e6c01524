"""Instance and plan folders, as docs/allocation-model.md sections 6 and 7 lay them out."""

from solver.folder.instance_read import read_instance
from solver.folder.instance_write import write_instance
from solver.folder.plan_read import read_grants, read_plan
from solver.folder.plan_write import write_plan
from solver.folder.whole import FolderOccupied

__all__ = ["FolderOccupied", "read_grants", "read_instance", "read_plan", "write_instance", "write_plan"]
