"""The tactic `interval` of CoqInterval, with bisection on every variable; it proves and never refutes."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

from attain.proofs.prover.language import Claim, Relation
from attain.symbolic.tree import Expr, fold

NAMES = {"exp": "exp", "log": "ln", "sqrt": "sqrt", "sin": "sin", "cos": "cos", "tan": "tan", "atan": "atan"}
HEADER = "From Coq Require Import Reals.\nFrom Interval Require Import Tactic.\nOpen Scope R_scope.\n"


class Unsupported(ValueError):
    """The formula has no translation."""


def load() -> str:
    if shutil.which("coqc") is None:
        raise ImportError("apt install coq libcoq-interval")
    if _coqc(HEADER, "header") != 0:
        raise ImportError("apt install libcoq-interval")
    shown = subprocess.run(["coqc", "--print-version"], capture_output=True, text=True, check=True).stdout
    return f"Coq {shown.split()[0]}"


def _coqc(text: str, name: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.v"
        path.write_text(text, encoding="utf-8")
        return subprocess.run(["coqc", str(path)], capture_output=True, cwd=folder, check=False).returncode


def _number(value: Fraction) -> str:
    return f"({value.numerator})" if value.denominator == 1 else f"({value.numerator}/{value.denominator})"


def _term(expr: Expr) -> str:
    def rule(node: Expr, args: list[str]) -> str:
        head = node.head
        if head == "number":
            return _number(node.args[0])
        if head == "variable":
            return f"v_{node.args[0]}"
        if head == "constant":
            return "PI" if node.args[0] == "pi" else "(exp 1)"
        if head in ("+", "-", "*", "/"):
            return f"({args[0]} {head} {args[1]})"
        if head == "**":
            power: Any = node.args[1].args[0] if node.args[1].head == "number" else None
            whole = power is not None and power.denominator == 1 and 0 <= power <= 1000
            return f"({args[0]} ^ {power})" if whole else f"(exp ({args[1]} * ln {args[0]}))"
        return _function(head, args)

    return str(fold(expr, rule))


def _function(head: str, args: list[str]) -> str:
    x = args[0]
    if head in NAMES:
        return f"({NAMES[head]} {x})"
    if head in ("min", "max"):
        found, sign = args[0], "-" if head == "min" else "+"
        for other in args[1:]:
            found = f"(({found} + {other} {sign} Rabs ({found} - {other}))/2)"
        return found
    up, down = f"(exp {x})", f"(exp (-{x}))"
    formulas = {
        "neg": f"(-{x})",
        "abs": f"(Rabs {x})",
        "sinh": f"(({up} - {down})/2)",
        "cosh": f"(({up} + {down})/2)",
        "tanh": f"(1 - 2/(exp (2*{x}) + 1))",
        "sigmoid": f"(1/(1 + {down}))",
        "softplus": f"(ln (1 + {up}))",
    }
    if head not in formulas:
        raise Unsupported(head)
    return formulas[head]


def _relation(relation: Relation) -> str:
    op = "=" if relation.op == "==" else relation.op
    return f"{_term(relation.lhs)} {op} {_term(relation.rhs)}"


def decide(claim: Claim, seconds: float) -> str:
    if any(v.integer for v in claim.variables) or any(goal.op == "==" for goal in claim.goals):
        return "unknown"
    try:
        said = [_relation(c) for c in claim.conditions]
        goals = [f"0 {goal.op} {_term(goal.gap)}" for goal in claim.goals]
        for v in claim.variables:
            if v.low is not None:
                said.append(f"{_term(v.low)} {'<' if v.low_open else '<='} v_{v.name}")
            if v.high is not None:
                said.append(f"v_{v.name} {'<' if v.high_open else '<='} {_term(v.high)}")
    except Unsupported:
        return "unknown"
    bisect = "".join(f", i_bisect v_{v.name}" for v in claim.variables)
    quantified = f"forall {' '.join(f'v_{v.name}' for v in claim.variables)} : R, " if claim.variables else ""
    proofs = [
        f"Goal {quantified}{''.join(f'{s} -> ' for s in said)}{goal}.\n"
        f"Proof. intros. interval with (i_prec 60{bisect}, i_depth 18). Qed.\n"
        for goal in goals
    ]
    return "unknown" if _coqc(HEADER + "".join(proofs), "claim") else "proved"
