"""GLOP, OR-Tools' simplex, on the tree model, which it is given as a sparse matrix."""

from __future__ import annotations

import numpy as np
from ortools.linear_solver.python.model_builder import Model, Solver, SolveStatus

from tests.bench.baselines.tree_model import answer_of, model_of
from tests.bench.case import Answer, Baseline, Case


def ship_by_glop(case: Case) -> Answer:
    """Build, solve, read. Raises RuntimeError where GLOP finds no optimum."""
    tree = model_of(case)
    model, engine = Model(), Solver("glop")
    model.helper.fill_model_from_sparse_data(
        np.zeros(len(tree.cost)), tree.most, tree.cost, tree.low, tree.high, tree.matrix.tocsr()
    )
    status = engine.solve(model)
    if status != SolveStatus.OPTIMAL:
        raise RuntimeError(f"GLOP: {status}")
    return answer_of(case, np.asarray(engine.values(model.get_variables())))


BASELINES = (Baseline("GLOP, tree LP", "unfair, near, tree only", ship_by_glop),)
