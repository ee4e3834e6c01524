"""Whether an item's grants travel the least pack-metres: no ring in the residual network is of negative length."""

from collections.abc import Iterator

from solver.check.graph import negative_ring
from solver.check.residual import Residual
from solver.check.shipped import Case
from solver.problem import Fault


def near_faults(case: Case, residual: Residual) -> Iterator[Fault]:
    """A ring along which packs would be sent anew over fewer metres, if there is one."""
    ring, metres = negative_ring(residual.graph, residual.metres)
    if not len(ring):
        return
    codes = [*case.model.codes, "*"]
    way = ">".join(codes[node] for node in [*ring.tolist(), int(ring[0])])
    yield Fault(
        "flows.csv",
        "quantity",
        -1,
        f"物资 {case.code} 的运输不是最省:沿 {way} 改道,每包少走 {-metres} 米(* 为可发库存)",
        f"transport of item {case.code} is not the least: rerouting along {way} saves {-metres} metres a pack "
        f"(* is stock on offer)",
    )
