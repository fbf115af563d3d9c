"""The README's first table: published, sharp and smooth designs of one target, each with its enclosed sup error.

Run: python benchmarks/tightness.py ["expression" "x=0..1" ... eps]
"""

from __future__ import annotations

import sys
from fractions import Fraction

from attain.cli.certify import read_target
from attain.numeric.certificate import certify
from attain.proofs.designs import designs_for
from attain.report.numbers import short
from attain.symbolic.design import Design
from attain.symbolic.rounding import upper


def main(expression: str, on: list[str], eps: Fraction) -> None:
    """One row a bound: P, R, cells, bound, enclosure, ratio of bound to the upper and lower end, boxes, seconds."""
    print(f"f = {expression}, eps = {eps}")
    for name, design in designs_for(read_target(expression, on), eps).items():
        if not isinstance(design, Design):
            print(f"{name:10} {design}")
            continue
        result = certify(design, eps, seconds=600)
        sup = result.sup_error
        if sup is None:
            print(f"{name:10} {result.why_not_enclosed}")
            continue
        bound = Fraction(design.error_bound)
        ratios = f"{float(bound / sup.upper):.3f}..{float(bound / sup.lower):.3f}" if sup.lower else "-"
        print(
            f"{name:10} P {design.P[0]:5} pad {design.pad} R {short(upper(design.R_on(0)))} cells {design.cells:7}"
            f" bound {short(design.error_bound)} sup [{float(sup.lower):.6f}, {float(sup.upper):.6f}]"
            f" bound/sup {ratios} boxes {sup.boxes} {sup.seconds:.1f} s"
        )


if __name__ == "__main__":
    given = sys.argv[1:] or ["sin(x) + cos(y)", "x=0..1", "y=0..1", "0.01"]
    main(given[0], given[1:-1], Fraction(given[-1]))
