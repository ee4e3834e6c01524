"""Planning's rows: the snapshot a run looks at, runs, plans and approvals, under one gate."""

from supplyhub.persistence.planning.approving import ApprovalRows
from supplyhub.persistence.planning.runs import RunRows
from supplyhub.persistence.planning.sets import SetRows
from supplyhub.persistence.planning.snapshot import SnapshotRows
from supplyhub.persistence.planning.writing import PlanWriting


class PlanningRepository(SnapshotRows, RunRows, PlanWriting, SetRows, ApprovalRows):
    """The gate to everything that planning keeps."""


__all__ = ["PlanningRepository"]
