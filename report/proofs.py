"""A proof of a claim as a LaTeX fragment: the claim, its domain, and a list of the steps."""

from __future__ import annotations

from ..proofs.prover.decide import Verdict
from ..proofs.prover.language import Claim, Relation, Variable
from ..proofs.prover.step import Step, method
from ..symbolic.rendering import to_latex
from ..symbolic.tree import Expr

PREAMBLE = r"\usepackage{amsmath,amssymb}"
_SIGNS = {"<=": r"\le", "<": "<", "==": "=", ">=": r"\ge", ">": ">"}


def proof_latex(claim: Claim, verdict: Verdict) -> str:
    r"""The fragment; its first line is a comment with the preamble that it needs.

    >>> from attain.proofs.prover.decide import prove_claim
    >>> from attain.proofs.prover.language import parse_claim
    >>> claim = parse_claim("x**2 + y**2 >= 2*x*y")
    >>> print(proof_latex(claim, prove_claim(claim)).splitlines()[2])
    Claim: $2\,x\,y \le x^{2} + y^{2}$ for $x \in \mathbb{R}$, $y \in \mathbb{R}$: proved (exact).
    """
    goals = ", ".join(f"${_relation(goal)}$" for goal in claim.goals)
    where = ", ".join(f"${item}$" for item in (*map(_domain, claim.variables), *map(_relation, claim.conditions)))
    head = f"Claim: {goals}" + (f" for {where}" if where else "") + f": {verdict.status}"
    lines = [
        f"% preamble: {PREAMBLE}",
        r"\par\noindent",
        head + (f" ({verdict.evidence})." if verdict.evidence else "."),
    ]
    if verdict.witness:
        lines.append("It is false at " + ", ".join(_text(f"{n} = {x}") for n, x in verdict.witness.items()) + ".")
    if verdict.proof is not None:
        lines.append(r"\begin{itemize}")
        lines += [rf"\item ${name} = {to_latex(value)}$, from a condition." for name, value in verdict.proof.solved]
        lines += [item for step in verdict.proof.guards for item in _items(step, "defined: ")]
        lines += [item for step in verdict.proof.goals for item in _items(step, "")]
        lines.append(r"\end{itemize}")
    return "\n".join(lines) + "\n"


def _items(step: Step, before: str) -> list[str]:
    goal = f"${to_latex(step.problem.gap)} {_SIGNS[step.problem.op]} 0$"
    found = [rf"\item {before}{goal}: {_text(method(step))}."]
    chosen = step.data.get("candidate")
    if chosen is not None and chosen.how != "same":
        found.append(rf"  It has the sign of ${to_latex(chosen.expr)}$.")
    if step.parts:
        below = [line for part in step.parts for line in _items(part, "")]
        found += [r"  \begin{itemize}", *below, r"  \end{itemize}"] if _height(step) <= 3 else []
    return found


def _height(step: Step) -> int:
    """LaTeX nests four lists at most; deeper steps are left to the saved proof."""
    return 1 + max((_height(part) for part in step.parts), default=0)


def _relation(relation: Relation) -> str:
    return f"{to_latex(relation.lhs)} {_SIGNS[relation.op]} {to_latex(relation.rhs)}"


def _domain(v: Variable) -> str:
    name = to_latex(Expr("variable", (v.name,)))
    if v.low is None and v.high is None:
        return rf"{name} \in \mathbb{{{'Z' if v.integer else 'R'}}}"
    low = "" if v.low is None else f"{to_latex(v.low)} {'<' if v.low_open else _SIGNS['<=']} "
    high = "" if v.high is None else f" {'<' if v.high_open else _SIGNS['<=']} {to_latex(v.high)}"
    return low + name + high + (rf",\ {name} \in \mathbb{{Z}}" if v.integer else "")


def _text(text: str) -> str:
    """Plain words; what LaTeX would read as code goes between dollars or is escaped."""
    special = {"^": r"\^{}", "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "<": "$<$", ">": "$>$", "…": r"\dots{}"}
    return "".join(special.get(c, c) for c in text)
