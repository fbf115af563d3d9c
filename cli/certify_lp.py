"""attain certify --norm L2: the L^p error of a network, for functions with jumps and integrable singularities too."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .certify import points, read_function, temperature
from .output import HOLDS, REFUTED, UNDECIDED, note, print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from ..numeric.lp_certificate import LpCertificate
    from ..symbolic.exact import Real
    from ..symbolic.target import Target


def exponent_of(norm: str) -> Fraction:
    """The p of "L2", "L3/2".

    >>> exponent_of("L3/2")
    Fraction(3, 2)
    """
    match = re.fullmatch(r"[Ll]([0-9]{1,3}(?:/[1-9][0-9]{0,2})?)", norm)
    p = Fraction(match[1]) if match else Fraction(0)
    if p < 1:
        raise ValueError(f"norm: {norm[:20]!r} is neither sup nor L1, L2, L3/2 ... with a rational p >= 1")
    return p


def certify_lp(
    expression: str,
    on: list[str],
    eps: Real,
    p: Fraction,
    P: str | None,
    R: str | None,
    gap: float,
    budget: float,
    json: bool,
    quiet: bool,
) -> int:
    """Run the command; its exit status."""
    from ..numeric.lp_certificate import certify_lp as run

    note("regularity constants ...", quiet or json)
    target = read_target(expression, on)
    with progress("enclosing the L^p error", quiet or json) as report:
        found = run(target, p, eps, points(P, target.dim), temperature(R), gap, budget, report)
    if json:
        print_json(result_json(expression, found))
    else:
        _show(expression, found)
    return {True: HOLDS, False: REFUTED, None: UNDECIDED}[found.holds]


def read_target(expression: str, on: list[str]) -> Target:
    """The function on its box, with regularity constants where it is Lipschitz."""
    from ..proofs.designs import measured
    from ..proofs.regularity import DomainError, RegularityError
    from ..symbolic.target import Target

    tree, variables, box = read_function(expression, on)
    try:
        return measured(tree, variables, box)
    except (DomainError, RegularityError):
        return Target(box, expression=tree, variables=variables)


def result_json(expression: str, found: LpCertificate) -> dict[str, Any]:
    """The JSON object of `attain certify --norm Lp`."""
    data = found.to_json()
    target = {"expression": expression, "variables": data["target"]["variables"]}
    return {**data, "target": target, "norm": f"L{found.p}", "design": found.design.to_json()}


def _show(expression: str, found: LpCertificate) -> None:
    from ..report.certificates import lp_lines
    from ..report.sizes import side_by_side

    data = found.to_json()
    print_table(
        side_by_side({"enclosed": found.design.to_json()}), f"f = {expression}, eps = {data['eps']}, L{found.p}"
    )
    for line in lp_lines(data):
        print_line(line)
