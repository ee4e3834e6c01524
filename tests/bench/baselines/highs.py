"""HiGHS on the tree model, which it is given as a sparse matrix, with its own choice of algorithm."""

from __future__ import annotations

import highspy
import numpy as np

from tests.bench.baselines.tree_model import TreeModel, answer_of, model_of
from tests.bench.case import Answer, Baseline, Case


def ship_by_highs(case: Case) -> Answer:
    """Build, solve, read. Raises RuntimeError where HiGHS finds no optimum."""
    engine = highspy.Highs()
    engine.setOptionValue("output_flag", False)
    engine.setOptionValue("threads", 1)
    engine.passModel(_as_highs(model_of(case)))
    engine.run()
    if engine.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"HiGHS: {engine.getModelStatus()}")
    return answer_of(case, np.array(engine.getSolution().col_value))


def _as_highs(tree: TreeModel) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = tree.matrix.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = tree.cost, np.zeros(len(tree.cost)), tree.most
    model.row_lower_, model.row_upper_ = tree.low, tree.high
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = tree.matrix.indptr, tree.matrix.indices
    model.a_matrix_.value_ = tree.matrix.data
    return model


BASELINES = (Baseline("HiGHS, tree LP", "unfair, near, tree only", ship_by_highs),)
