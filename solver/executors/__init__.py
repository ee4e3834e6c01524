"""Where items are solved: in this process, in worker processes, or on a cluster. The plan is the same everywhere."""

from solver.executors.cluster import Cluster
from solver.executors.in_process import InProcess
from solver.executors.interface import Executor
from solver.executors.processes import Processes

__all__ = ["Cluster", "Executor", "InProcess", "Processes"]
