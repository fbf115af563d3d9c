"""A claim as an SMT-LIB script that is unsatisfiable if the claim holds for all values.

Square and other roots, logarithms and inverse functions are fresh variables with what defines them inside their domain;
outside it they are free, as division by zero is in SMT-LIB.
"""

from __future__ import annotations

from fractions import Fraction

from attain.proofs.prover.language import Claim, Relation
from attain.symbolic.tree import Expr, fold

NATIVE = {"sin": "sin", "cos": "cos", "tan": "tan", "atan": "arctan", "asin": "arcsin", "acos": "arccos"}


class Unsupported(ValueError):
    """The formula has no translation."""


class Script:
    """``native`` tells whether the solver knows exp, the circular functions and pi; if not they are uninterpreted.

    ``exact`` says whether everything so far is interpreted, so that a model refutes the claim.
    """

    def __init__(self, native: bool) -> None:
        self.native, self.exact = native, True
        self.declared: dict[str, str] = {}
        self.lines: list[str] = []

    def fresh(self, meaning: str) -> str:
        """A new real variable v with the stated meaning, in which it is written {v}; the same one for the same text."""
        if meaning not in self.declared:
            name = self.declared[meaning] = f"aux{len(self.declared)}"
            self.lines += [f"(declare-const {name} Real)", f"(assert {meaning.format(v=name)})"]
        return self.declared[meaning]

    def uninterpreted(self, function: str, argument: str) -> str:
        self.exact = False
        if function not in self.declared:
            self.declared[function] = f"u_{function}"
            self.lines.append(f"(declare-fun u_{function} (Real) Real)")
        return f"(u_{function} {argument})"

    def exp(self, x: str) -> str:
        return f"(exp {x})" if self.native else self.uninterpreted("exp", x)

    def log(self, x: str) -> str:
        if not self.native:
            return self.uninterpreted("log", x)
        return self.fresh(f"(=> (> {x} 0.0) (= (exp {{v}}) {x}))")

    def constant(self, name: str) -> str:
        if self.native:
            return "real.pi" if name == "pi" else "(exp 1.0)"
        self.exact = False
        low, high = {"pi": ("3.14159265358979", "3.14159265358980"), "e": ("2.718281828459", "2.718281828460")}[name]
        return self.fresh(f"(and (< {low} {{v}}) (< {{v}} {high}))")

    def root(self, x: str, degree: int) -> str:
        power = "(* " + " ".join(["{v}"] * degree) + ")"
        return self.fresh(f"(=> (>= {x} 0.0) (and (>= {{v}} 0.0) (= {power} {x})))")

    def power(self, base: str, exponent: Fraction | None, text: str) -> str:
        if exponent is None or abs(exponent.numerator) > 40 or exponent.denominator > 12:
            return self.exp(f"(* {text} {self.log(base)})")
        if exponent == 0:
            return "1.0"
        root = base if exponent.denominator == 1 else self.root(base, exponent.denominator)
        times = abs(exponent.numerator)
        product = root if times == 1 else "(* " + " ".join([root] * times) + ")"
        return product if exponent > 0 else f"(/ 1.0 {product})"

    def term(self, expr: Expr) -> str:
        return str(fold(expr, self.node))

    def node(self, expr: Expr, args: list[str]) -> str:
        head = expr.head
        if head == "number":
            top, bottom = abs(expr.args[0].numerator), expr.args[0].denominator
            size = f"(/ {top}.0 {bottom}.0)" if bottom > 1 else f"{top}.0"
            return f"(- {size})" if expr.args[0] < 0 else size
        if head == "variable":
            return f"v_{expr.args[0]}"
        if head == "constant":
            return self.constant(expr.args[0])
        if head == "**":
            exponent = expr.args[1]
            sign = -1 if exponent.head == "neg" else 1
            inner = exponent.args[0] if exponent.head == "neg" else exponent
            known = sign * inner.args[0] if inner.head == "number" else _quotient(inner, sign)
            return self.power(args[0], known, args[1])
        if head in ("+", "-", "*", "/"):
            return f"({head} {' '.join(args)})"
        if head in ("min", "max"):
            return self.extreme(head, args)
        return self.function(head, args[0])

    def extreme(self, head: str, args: list[str]) -> str:
        found = args[0]
        for other in args[1:]:
            relation = "<=" if head == "min" else ">="
            found = self.fresh(f"(= {{v}} (ite ({relation} {found} {other}) {found} {other}))")
        return found

    def function(self, head: str, x: str) -> str:
        simple = {
            "neg": f"(- {x})",
            "abs": f"(ite (>= {x} 0.0) {x} (- {x}))",
            "floor": f"(to_real (to_int {x}))",
            "ceil": f"(- (to_real (to_int (- {x}))))",
        }
        if head in simple:
            return simple[head]
        if head == "sqrt":
            return self.root(x, 2)
        if head in ("exp", "log"):
            return self.exp(x) if head == "exp" else self.log(x)
        if head == "softplus":
            return self.log(f"(+ 1.0 {self.exp(x)})")
        if head in ("sinh", "cosh", "tanh", "sigmoid"):
            up, down = self.exp(x), self.exp(f"(- {x})")
            return {
                "sinh": f"(/ (- {up} {down}) 2.0)",
                "cosh": f"(/ (+ {up} {down}) 2.0)",
                "tanh": f"(/ (- {up} {down}) (+ {up} {down}))",
                "sigmoid": f"(/ 1.0 (+ 1.0 {down}))",
            }[head]
        if not self.native:
            return self.uninterpreted(head, x)
        if head not in NATIVE:
            raise Unsupported(head)
        return f"({NATIVE[head]} {x})"

    def relation(self, relation: Relation) -> str:
        op = "=" if relation.op == "==" else relation.op
        return f"({op} {self.term(relation.lhs)} {self.term(relation.rhs)})"


def _quotient(expr: Expr, sign: int) -> Fraction | None:
    """The value of a number divided by a number."""
    if expr.head == "/" and all(a.head == "number" for a in expr.args) and expr.args[1].args[0]:
        return Fraction(sign * expr.args[0].args[0] / expr.args[1].args[0])
    return None


def script(claim: Claim, native: bool) -> tuple[str, bool]:
    """The script, and whether a model of it refutes the claim; raises `Unsupported`."""
    out = Script(native)
    facts = []
    for v in claim.variables:
        me = f"v_{v.name}"
        facts.append(f"(declare-const i_{v.name} Int)" if v.integer else f"(declare-const {me} Real)")
        if v.integer:
            facts.append(f"(define-fun {me} () Real (to_real i_{v.name}))")
    said = [out.relation(c) for c in claim.conditions]
    for v in claim.variables:
        if v.low is not None:
            said.append(f"({'<' if v.low_open else '<='} {out.term(v.low)} v_{v.name})")
        if v.high is not None:
            said.append(f"({'<' if v.high_open else '<='} v_{v.name} {out.term(v.high)})")
    goals = " ".join(out.relation(goal) for goal in claim.goals)
    lines = [*facts, *out.lines, *(f"(assert {c})" for c in said), f"(assert (not (and {goals})))"]
    return "\n".join(lines) + "\n", out.exact
