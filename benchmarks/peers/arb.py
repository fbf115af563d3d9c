"""Plain bisection in Arb: a bounded box is halved until every piece is decided; no derivatives, no rewriting."""

from __future__ import annotations

import heapq
from importlib.metadata import version
from typing import Any

from attain.proofs.prover.language import Claim, Relation, Variable
from attain.symbolic.tree import Expr, fold
from flint import arb

FAR = 100
RULES: dict[str, Any] = {
    "neg": lambda a: -a,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a ** (b.unique_fmpz() if b.unique_fmpz() is not None else b),
    "abs": abs,
    "min": lambda *a: _fold(arb.min, a),
    "max": lambda *a: _fold(arb.max, a),
    "sigmoid": lambda a: 1 / (1 + (-a).exp()),
    "softplus": lambda a: (1 + a.exp()).log(),
    "loggamma": lambda a: a.lgamma(),
}


def _fold(pick: Any, args: tuple[Any, ...]) -> Any:
    found = args[0]
    for other in args[1:]:
        found = pick(found, other)
    return found


def load() -> str:
    return f"python-flint {version('python-flint')}"


def value(expr: Expr, box: dict[str, Any]) -> Any:
    def rule(node: Expr, args: list[Any]) -> Any:
        if node.head == "number":
            return arb(node.args[0].numerator) / node.args[0].denominator
        if node.head == "variable":
            return box[node.args[0]]
        if node.head == "constant":
            return arb.pi() if node.args[0] == "pi" else arb(1).exp()
        return RULES[node.head](*args) if node.head in RULES else getattr(args[0], node.head)()

    return fold(expr, rule)


def says(relation: Relation, box: dict[str, Any]) -> bool | None:
    """Three-valued: certainly true on the box, certainly false, or neither."""
    gap = value(relation.gap, box)
    true = gap == 0 if relation.op == "==" else gap > 0 if relation.op == "<" else gap >= 0
    false = gap != 0 if relation.op == "==" else gap <= 0 if relation.op == "<" else gap < 0
    return True if true else False if false else None


def decide(claim: Claim, seconds: float) -> str:
    """Unbounded domains are cut at 100 and then only refuted."""
    box, bounded = {}, True
    for v in claim.variables:
        low = arb(-FAR) if v.low is None else value(v.low, {})
        high = max(arb(FAR), low + FAR) if v.high is None else value(v.high, {})
        bounded = bounded and v.low is not None and v.high is not None
        box[v.name] = low.union(high)
    ends = [relation for v in claim.variables for relation in _inside(v)]
    integers = [v.name for v in claim.variables if v.integer]
    queue: list[tuple[float, int, dict[str, Any]]] = [(0.0, 0, box)]
    count = 0
    while queue:
        _, _, box = heapq.heappop(queue)
        if any(says(c, box) is False for c in claim.conditions):
            continue
        if all(says(goal, box) is True for goal in claim.goals):
            continue
        middle = {name: (x.mid() + 0.5).floor() if name in integers else x.mid() for name, x in box.items()}
        admissible = all(says(c, middle) for c in (*ends, *claim.conditions))
        if admissible and any(says(goal, middle) is False for goal in claim.goals):
            return "refuted"
        if not box:
            return "unknown"
        widest = max(box, key=lambda name: float(box[name].rad()))
        if float(box[widest].rad()) < 1e-15:
            return "unknown"
        for half in _halves(box[widest]):
            count += 1
            heapq.heappush(queue, (-float(half.rad()), count, box | {widest: half}))
    return "proved" if bounded else "unknown"


def _inside(v: Variable) -> list[Relation]:
    """That a point is in the domain, which halves rounded outward may leave."""
    me = Expr("variable", (v.name,))
    low = [] if v.low is None else [Relation(v.low, "<" if v.low_open else "<=", me)]
    return low if v.high is None else [*low, Relation(me, "<" if v.high_open else "<=", v.high)]


def _halves(x: Any) -> tuple[Any, Any]:
    return x.lower().union(x.mid()), x.mid().union(x.upper())
