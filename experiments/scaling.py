"""Error of sin x + cos y against P and R, with the three bounds; the slopes are fitted and compared with theory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ..numeric.certificate import observe
from ..symbolic.design import Design, NotApplicable
from ..symbolic.theorems.max_affine import design
from .construction import sine_and_cosine
from .experiment import Experiment, Panel, Row
from .fits import slope

POINTS = (4, 8, 16, 32, 64, 128)
KAPPAS = tuple(Fraction(text) for text in ("0.25", "0.5", "1", "2", "4", "8", "16", "32", "64"))
FIXED_POINTS = 16
BOUNDS = ("published", "sharp", "smooth")
COLUMNS = ("sweep", "bound", "P", "R", "kappa", "error_bound", "observed")
STEEPEST = (0.0, 1.0)
"""The corner where both slopes pull the same way: random points would miss it on fine grids."""
TINY = Fraction(1, 10**6)
"""The accuracy asked for where P is given: the design then takes the R that makes its bound nearly least."""


def _rows(sweep: str, P: int, R: Fraction | None) -> Iterator[Row]:
    target = sine_and_cosine()
    for bound in BOUNDS:
        try:
            made = design(target, TINY, bound, (P, P), R)
        except NotApplicable:
            continue
        yield _row(sweep, bound, made)


def _row(sweep: str, bound: str, made: Design) -> Row:
    return {
        "sweep": sweep,
        "bound": bound,
        "P": made.P[0],
        "R": float(made.R_on(0).mid()),
        "kappa": float(made.kappa_on(0).mid()),
        "error_bound": float(made.error_bound),
        "observed": observe(made, witness=STEEPEST).max,
    }


def run(seed: int, quick: bool) -> Iterator[Row]:
    """P = 4 … 128 at the best R of each bound, and R = κP² at P = 16."""
    for P in POINTS[:3] if quick else POINTS:
        yield from _rows("P", P, None)
    for kappa in KAPPAS[::4] if quick else KAPPAS:
        yield from _rows("R", FIXED_POINTS, kappa * FIXED_POINTS**2)


def summary(rows: Sequence[Row]) -> list[str]:
    """Slopes of log error against log P, theory and fit; and whether every bound holds."""
    held = all(float(r["observed"]) <= float(r["error_bound"]) for r in rows)
    lines = [f"the observed error is below its bound in all {len(rows)} rows: {held}"]
    for bound, theory in (("published", "-1 up to a logarithm"), ("sharp", "-1"), ("smooth", "between -2 and -1")):
        mine = [r for r in rows if r["sweep"] == "P" and r["bound"] == bound]
        if len(mine) > 1:
            P = [float(r["P"]) for r in mine]
            fits = [slope(P, [float(r[key]) for r in mine]) for key in ("error_bound", "observed")]
            lines.append(f"{bound}: slope in P predicted {theory}; bound {fits[0]:.3f}, observed {fits[1]:.3f}")
    for bound in BOUNDS:
        by_R = [r for r in rows if r["sweep"] == "R" and r["bound"] == bound]
        if by_R:
            best = min(by_R, key=lambda r: float(r["observed"]))
            lines.append(f"P = {best['P']}, {bound}: the observed error is least at kappa = {float(best['kappa']):g}")
    return lines


EXPERIMENT = Experiment(
    slug="scaling",
    title="error against P and R",
    columns=COLUMNS,
    run=run,
    count=lambda quick: 3 * ((3 if quick else len(POINTS)) + len(KAPPAS[::4] if quick else KAPPAS)),
    summary=summary,
    panels=(
        Panel("P", ("observed", "error_bound"), "P grows, R as each bound asks", "grid points an axis P", "error",
              where=("sweep", "P"), group="bound", bounds=("error_bound",)),
        Panel("R", ("observed", "error_bound"), f"P = {FIXED_POINTS}, R grows", "inverse temperature R", "error",
              where=("sweep", "R"), group="bound", bounds=("error_bound",)),
    ),
)  # fmt: skip
