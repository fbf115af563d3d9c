"""attain certify: does it happen, for my function?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import HOLDS, REFUTED, UNDECIDED, Json, Quiet, note, print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from ..numeric.certificate import Certificate
    from ..symbolic.design import Design, NotApplicable
    from ..symbolic.expression import Expr
    from ..symbolic.sequence import SequenceTarget
    from ..symbolic.target import Side, Target


def certify(
    expression: Annotated[
        str | None, typer.Argument(help="The target, such as 'sin(x) + cos(y)', or a sequence by name: running-max.")
    ] = None,
    on: Annotated[
        list[str] | None, typer.Option("--on", help="A variable and its interval, x=0..1; one for each variable.")
    ] = None,
    eps: Annotated[str | None, typer.Option(help="Accuracy, exact: 0.01, 1/3, 1e-3.")] = None,
    output: Annotated[
        list[str] | None, typer.Option(help="A row of a matrix-valued target, its entries separated by ;. Repeat.")
    ] = None,
    dim: Annotated[int, typer.Option(help="Rows of the input, for a sequence by name.")] = 1,
    tokens: Annotated[int, typer.Option(help="Tokens of the input, for a sequence by name.")] = 2,
    domain: Annotated[str, typer.Option(help="Interval of every coordinate, for a sequence by name.")] = "0..1",
    bound: Annotated[str, typer.Option(help="auto (fewest cells), published, sharp or smooth.")] = "auto",
    norm: Annotated[str, typer.Option(help="sup, or L1, L2, L3/2 …: also for functions with jumps.")] = "sup",
    P: Annotated[str | None, typer.Option("--P", help="Fix the grid points an axis: 8, or 8,16.")] = None,
    R: Annotated[str | None, typer.Option("--R", help="Fix the inverse temperature, exact.")] = None,
    gap: Annotated[float, typer.Option(help="Relative gap between the two ends of the enclosure.")] = 0.05,
    budget: Annotated[float, typer.Option(help="Seconds for the enclosure.")] = 60.0,
    save: Annotated[Path | None, typer.Option(help="Write a certificate that attain check re-checks.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Design a network for a function, build it, and enclose its true sup error over the whole box.

    With --norm L2 the L^p error: `attain certify "sign(x - 1/3)" --on x=0..1 --eps 0.1 --norm L2`.
    """
    from ..numeric.certificate import certify as run
    from ..numeric.sequence_certificate import SequenceCertificate, certify_sequence
    from ..proofs.designs import BOUNDS, cheapest, designs_for
    from ..symbolic.design import Design
    from ..symbolic.exact import positive, real
    from ..symbolic.expression import jumps
    from ..symbolic.target import Target
    from .sequences import sequence_json, show_sequence

    if bound not in (*BOUNDS, "auto"):
        raise ValueError(f"bound: {bound!r} is unknown; choose auto, published, sharp or smooth")
    if not 1e-6 <= gap <= 10 or not 0 < budget <= 1e6:
        raise ValueError("gap must lie in [1e-6, 10] and budget in (0, 1e6] seconds")
    if eps is None:
        raise ValueError("eps: give the accuracy, such as --eps 0.01")
    accuracy = positive(real(eps, "eps"), "eps")
    if norm != "sup":
        from .certify_lp import certify_lp, exponent_of

        if expression is None or output:
            raise ValueError("norm: an L^p error is enclosed for one formula with its variables, --on x=0..1")
        if bound != "auto" or save is not None:
            raise ValueError(
                "norm: an L^p certificate has no --bound but auto and no --save: attain check reads sup norms"
            )
        status = certify_lp(expression, on or [], accuracy, exponent_of(norm), P, R, gap, budget, json, quiet)
        if status:
            raise typer.Exit(status)
        return
    note("regularity constants ...", quiet or json)
    found = _target(expression, on or [], output or [], dim, tokens, domain)
    target = found if isinstance(found, Target) else found.target
    if save is not None and target.expression is not None and jumps(target.expression):
        raise ValueError("save: attain check does not read where, indicator, step and sign; write the branch itself")
    designs = designs_for(target, accuracy, BOUNDS, points(P, target.dim), temperature(R))
    chosen = cheapest(designs) if bound == "auto" else designs[bound]
    if not isinstance(chosen, Design):
        raise ValueError(f"bound: {bound} does not apply: {chosen}")
    name = expression or "[" + "; ".join(output or []) + "]"
    certificate: Certificate | SequenceCertificate
    with progress("enclosing the sup error", quiet or json) as report:
        if isinstance(found, Target):
            certificate = run(chosen, accuracy, gap, budget, report)
        else:
            certificate = certify_sequence(found, chosen, accuracy, gap, budget, report)
    if save is not None:
        certificate.save(save)
    status = {True: HOLDS, False: REFUTED, None: UNDECIDED}[certificate.holds]
    if isinstance(certificate, SequenceCertificate):
        result = sequence_json(name, eps, certificate, designs)
        print_json(result) if json else show_sequence(name, eps, result)
    elif json:
        print_json(result_json(name, certificate, designs))
    else:
        _show(name, eps, certificate, designs)
    if status:
        raise typer.Exit(status)


def _target(
    expression: str | None, on: list[str], output: list[str], dim: int, tokens: int, domain: str
) -> Target | SequenceTarget:
    """The function to certify: a formula, a matrix of formulas, or a sequence target by name."""
    from ..symbolic.named_sequences import is_named
    from .sequences import read_named, read_outputs

    if (expression is None) == (not output):
        raise ValueError("give one formula, or the rows of a matrix with --output")
    if expression is None:
        return read_outputs(output, read_sides(on))
    if is_named(expression):
        if on:
            raise ValueError(f"on: {expression.strip()} has its own variables; use --dim, --tokens and --domain")
        return read_named(expression, dim, tokens, domain)
    return read_target(expression, on)


def read_sides(on: list[str]) -> dict[str, Side]:
    """The variables and their intervals, from texts such as x=0..1."""
    from ..symbolic.exact import interval
    from ..symbolic.target import box_of

    sides: dict[str, Side] = {}
    for text in on:
        name, equals, domain = text.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier() or not name.isascii():
            raise ValueError(f"on: {text[:60]!r} is not of the form x=0..1")
        if name in sides:
            raise ValueError(f"on: {name} is given twice")
        sides[name] = interval(domain)
    if not sides:
        raise ValueError("on: give every variable and its interval, such as --on x=0..1")
    box_of(tuple(sides.values()))
    return sides


def read_target(expression: str, on: list[str]) -> Target:
    """Parse the function and its box, and prove its regularity constants."""
    from ..proofs.designs import measured

    return measured(*read_function(expression, on))


def read_function(expression: str, on: list[str]) -> tuple[Expr, tuple[str, ...], tuple[Side, ...]]:
    """The function, its variables, and their intervals."""
    from ..symbolic.expression import names, parse

    sides = read_sides(on)
    tree = parse(expression, tuple(sides))
    unused = [v for v in sides if v not in names(tree)]
    if len(unused) == len(sides):
        note("note: the function is constant on the box")
    return tree, tuple(sides), tuple(sides.values())


def points(text: str | None, dim: int) -> tuple[int, ...] | None:
    if text is None:
        return None
    parts = text.split(",")
    if not all(p.strip().isascii() and p.strip().isdigit() and len(p) <= 9 and int(p) >= 1 for p in parts):
        raise ValueError(f"P: {text[:40]!r} is not a number of points; give a whole number >= 1, or one an axis")
    if len(parts) not in (1, dim):
        raise ValueError(f"P: {len(parts)} numbers for {dim} axes; give one, or one an axis")
    values = tuple(int(p) for p in parts)
    return values * dim if len(values) == 1 else values


def temperature(text: str | None) -> Any:
    from fractions import Fraction

    from ..symbolic.exact import positive, real

    if text is None:
        return None
    value = positive(real(text, "R"), "R")
    if not isinstance(value, Fraction):
        raise ValueError(f"R: {text!r} is not rational; give an exact number such as 936.5")
    return value


def result_json(
    expression: str, certificate: Certificate, designs: Mapping[str, Design | NotApplicable]
) -> dict[str, Any]:
    """The JSON object of `attain certify`."""
    data = certificate.to_json()
    regularity = data["regularity"]
    return {
        "target": {"expression": expression, "variables": data["target"]["variables"]},
        "eps": data["eps"],
        "regularity": {k: regularity[k] for k in ("lipschitz", "axes", "hessian", "osc")},
        "bound_used": certificate.design.bound,
        "design": bound_json(certificate.design, certificate.eps),
        "designs": {name: bound_json(d, certificate.eps) for name, d in designs.items()},
        **{k: data[k] for k in ("bound", "sup_error", "observed", "holds", "evidence", "seconds")},
    }


def bound_json(design: Design | NotApplicable, eps: Any) -> dict[str, Any]:
    """A design as the object B of the command line, with the float format it needs."""
    from ..numeric.formats import design_format
    from ..symbolic.design import Design

    if not isinstance(design, Design):
        return {"not_applicable": str(design)}
    return {**design.to_json(), "float_format": design_format(design, eps)}


def _show(expression: str, eps: str, certificate: Certificate, designs: Mapping[str, Design | NotApplicable]) -> None:
    from ..report.certificates import latex_row, verdict_lines
    from ..report.sizes import remarks, side_by_side

    bounds = {name: bound_json(d, certificate.eps) for name, d in designs.items()}
    print_table(side_by_side(bounds), f"f = {expression}, eps = {eps}")
    for line in [*remarks(bounds), *verdict_lines(certificate.to_json())]:
        print_line(line)
    print_line("LaTeX row: " + latex_row(expression, eps, bounds, certificate.to_json()))
