"""Formulas: read from text or from a JSON tree, evaluated and differentiated twice in balls.

Both readings become one list of operations (a tape) in which equal operations are shared and rational arithmetic is
exact, so "the text and the tree are the same formula" is an equality of node numbers. A value that is not finite says
that the formula may be undefined on the box. Where a min, max or abs stays open on the box (a kink) f is a continuous
selection of smooth pieces, each of them f with one branch of every open kink; on a segment f is therefore Lipschitz
with the largest constant of the pieces. At a point a kink may be tied: the branches taken on the box around it are then
passed on. A run that is not told the branches gives hulls of the slopes, which hold in the mean value form
f(x) − f(y) = g·(x − y), and no second derivatives.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple

from flint import arb

from .ball import HALF, MINUS, NAN, ONE, ZERO, ball, plus, power, sin_cos, times

TEXT_LIMIT, NODE_LIMIT, DEPTH_LIMIT, BIT_LIMIT, EXPONENT_LIMIT = 50_000, 20_000, 200, 20_000, 1000
OPEN_KINKS = 6
NONE: Mapping[int, int] = MappingProxyType({})

_NUMBER = re.compile(r"-?(?:[0-9]{1,2500}/0*[1-9][0-9]{0,2500}|[0-9]{0,2500}\.?[0-9]{1,400}(?:[eE][+-]?[0-9]{1,3})?)")
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.USub: "neg"}
_EXACT: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
    "neg": operator.neg, "abs": abs, "min": min, "max": max,
}  # fmt: skip
_UNARY: dict[str, Callable[[arb], tuple[arb, arb, arb]]] = {
    "neg": lambda a: (-a, MINUS, ZERO),
    "sin": lambda a: ((b := sin_cos(a))[0], b[1], -b[0]),
    "cos": lambda a: ((b := sin_cos(a))[1], -b[0], -b[1]),
    "tan": lambda a: (t := a.tan(), d := 1 + power(t, 2), 2 * t * d),
    "exp": lambda a: (e := a.exp(), e, e),
    "log": lambda a: (a.log(), 1 / a, -power(a, -2)),
    "tanh": lambda a: (t := a.tanh(), d := 1 - power(t, 2), -2 * t * d),
    "sinh": lambda a: (s := a.sinh(), a.cosh(), s),
    "cosh": lambda a: (c := a.cosh(), a.sinh(), c),
    "atan": lambda a: (a.atan(), d := 1 / (1 + power(a, 2)), -2 * a * d * d),
    "asin": lambda a: (a.asin(), d := power(1 - power(a, 2), -HALF), a * d * d * d),
    "acos": lambda a: (a.acos(), d := -power(1 - power(a, 2), -HALF), a * d * d * d),
    "sigmoid": lambda a: (s := 1 / (1 + (-a).exp()), d := s / (1 + a.exp()), d * (1 - 2 * s)),
    "softplus": lambda a: (a.exp().log1p(), s := 1 / (1 + (-a).exp()), s / (1 + a.exp())),
    "erf": lambda a: (a.erf(), d := 2 * (-power(a, 2)).exp() / arb.pi().sqrt(), -2 * a * d),
}
_ARITY = {**dict.fromkeys((*_UNARY, "sqrt", "abs"), 1), **dict.fromkeys(("+", "-", "*", "/", "**"), 2)}


class CheckError(ValueError):
    """The data is not a certificate; the message is one line."""


class Jet(NamedTuple):
    """Value, gradient and upper triangle of the Hessian (empty beyond the order asked for).

    kinks: the ones that stayed open; branches: 0 or 1 for every other one.
    """

    value: arb
    slope: list[arb]
    bend: list[arb]
    kinks: Sequence[int] = ()
    branches: Mapping[int, int] = NONE


def tree_of(text: str, variables: Sequence[str]) -> list[Any]:
    """The tree of a formula in text. Only Python's tokens and precedence are used, nothing is run; every name gets an
    underscore first, so that none is a keyword.

    >>> tree_of("2*while", ["while"])
    ['*', ['number', '2'], ['variable', 'while']]
    """
    source = re.sub(r"(?<![\w.])([A-Za-z])", r"_\1", text.strip())

    def walk(node: ast.AST, depth: int) -> list[Any]:
        if depth < DEPTH_LIMIT:
            match node:
                case ast.Constant():
                    return ["number", source[node.col_offset : node.end_col_offset]]
                case ast.Name(id=name):
                    return ["variable" if name[1:] in variables else "constant", name[1:]]
                case ast.UnaryOp(op=op, operand=a) if type(op) in _OPERATORS:
                    return [_OPERATORS[type(op)], walk(a, depth + 1)]
                case ast.BinOp(left=a, op=op, right=b) if type(op) in _OPERATORS:
                    return [_OPERATORS[type(op)], walk(a, depth + 1), walk(b, depth + 1)]
                case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                    return [name[1:], *(walk(a, depth + 1) for a in args)]
        raise SyntaxError

    try:
        if source.isascii() and source.isprintable() and "#" not in source and len(source) <= TEXT_LIMIT:
            return walk(ast.parse(source, mode="eval").body, 0)
    except (SyntaxError, MemoryError, RecursionError):
        pass
    raise CheckError(f"the formula {ascii(text)[:60]} cannot be read")


def _number(text: object) -> Fraction:
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise CheckError(f"{ascii(text)[:40]} is not an exact number written as a string")
    return Fraction(text)


class Tape:
    """A formula as a list of operations (head, arguments, data)."""

    def __init__(self, variables: Sequence[str], tree: object) -> None:
        self.variables, self.N, self.budget = list(variables), len(variables), 2 * NODE_LIMIT
        self.nodes: list[tuple[str, tuple[int, ...], Any]] = []
        self.known: dict[Any, int] = {}
        self.pairs = [(i, k) for i in range(self.N) for k in range(i, self.N)]
        self.units = [[ONE if i == k else ZERO for k in range(self.N)] for i in range(self.N)]
        self.root = self.build(tree)

    def add(self, head: str, args: tuple[int, ...] = (), data: Any = None) -> int:
        if (head, args, data) not in self.known:
            self.known[head, args, data] = len(self.nodes)
            self.nodes.append((head, args, data))
        return self.known[head, args, data]

    def build(self, tree: object, depth: int = 0) -> int:
        """The node of a tree [head, …]; CheckError unless heads, arities and sizes are right."""
        self.budget -= 1
        if depth > DEPTH_LIMIT or self.budget < 0:
            raise CheckError("expression: too large or too deep")
        match tree:
            case ["number", text]:
                return self.add("number", (), _number(text))
            case ["constant", ("pi" | "e") as name]:
                return self.add("constant", (), name)
            case ["variable", str(name)] if name in self.variables:
                return self.add("variable", (), self.variables.index(name))
            case [str(head), *args] if _ARITY.get(head) == len(args) or (head in ("min", "max") and len(args) >= 2):
                nodes = [self.build(arg, depth + 1) for arg in args]
                while len(nodes) > 2:
                    nodes[:2] = [self.operation(head, nodes[:2])]
                return self.operation(head, nodes)
        raise CheckError(f"expression: {ascii(tree)[:60]} is not an operation on the variables")

    def operation(self, head: str, nodes: Sequence[int]) -> int:
        if head in ("/", "sqrt"):
            exponent = self.add("number", (), HALF if head == "sqrt" else Fraction(-1))
            root = self.operation("**", (nodes[-1], exponent))
            return root if head == "sqrt" else self.operation("*", (nodes[0], root))
        values: list[Any] = [self.nodes[k][2] if self.nodes[k][0] == "number" else None for k in nodes]
        r = values[1] if head == "**" else None
        if r is not None and max(abs(r), r.denominator) > EXPONENT_LIMIT:
            raise CheckError(f"expression: exponents are at most {EXPONENT_LIMIT}")
        if head in _EXACT and None not in values and (r is None or r.denominator == 1):
            bits = sum(part.bit_length() for v in values for part in (v.numerator, v.denominator))
            if bits * (abs(r) if r else 1) > BIT_LIMIT:
                raise CheckError("expression: a constant has too many digits")
            if r is not None and r < 0 and not values[0]:
                raise CheckError("expression: division by zero")
            return self.add("number", (), _EXACT[head](*values))
        if r is not None:
            return self.add("power", (nodes[0],), int(r) if r.denominator == 1 else r)
        if head == "**":
            return self.add("exp", (self.operation("*", (nodes[1], self.add("log", (nodes[0],)))),))
        return self.add(head, tuple(nodes))

    def run(self, x: Sequence[arb], order: int, branches: Mapping[int, int] = NONE) -> Jet:
        """The jet of the formula, or of its smooth piece with some branches."""
        out: list[Jet] = []
        still, taken = list[int](), dict(branches)
        for k, (head, args, data) in enumerate(self.nodes):
            if not args:
                out.append(self.leaf(head, data, x, order))
                continue
            a, b = out[args[0]], out[args[-1]]
            if head in ("+", "-", "*"):
                out.append(self.join(head, a, b))
            elif head in ("min", "max", "abs"):
                b = self.compose(a, _UNARY["neg"](a.value)) if head == "abs" else b
                if k not in taken and (a.value >= b.value or a.value <= b.value):
                    taken[k] = int((a.value >= b.value) == (head == "min"))
                out.append((a, b)[taken[k]] if k in taken else _hull(head, a, b))
                still += [k] * (k not in taken)
            else:
                out.append(self.compose(a, _monomial(a.value, data) if head == "power" else _UNARY[head](a.value)))
        return out[self.root]._replace(kinks=still, branches=taken)

    def leaf(self, head: str, data: Any, x: Sequence[arb], order: int) -> Jet:
        bend = [ZERO] * len(self.pairs) if order > 1 else []
        if head == "variable":
            return Jet(x[data], self.units[data] if order else [], bend)
        value = ball(data) if head == "number" else arb.pi() if data == "pi" else ONE.exp()
        return Jet(value, [ZERO] * self.N if order else [], bend)

    def compose(self, a: Jet, derivatives: tuple[arb, arb, arb]) -> Jet:
        (_, g, H, *_), (value, first, second) = a, derivatives
        bend = [
            plus(times(first, s), times(second, times(g[i], g[k]))) for s, (i, k) in zip(H, self.pairs, strict=False)
        ]
        return Jet(value, [times(first, s) for s in g], bend)

    def join(self, head: str, a: Jet, b: Jet) -> Jet:
        if head == "*":
            value, left, right = a.value * b.value, b.value, a.value
        else:
            value, left, right = (a.value + b.value, ONE, ONE) if head == "+" else (a.value - b.value, ONE, MINUS)
        slope, bend = (
            [plus(times(left, s), times(right, t)) for s, t in zip(*parts, strict=True)]
            for parts in ((a.slope, b.slope), (a.bend, b.bend))
        )
        if head == "*":
            g, w = a.slope, b.slope
            bend = [
                plus(s, plus(times(g[i], w[k]), times(w[i], g[k]))) for s, (i, k) in zip(bend, self.pairs, strict=False)
            ]
        return Jet(value, slope, bend)

    def rows(self, bend: Sequence[arb]) -> list[list[arb]]:
        """The Hessian as rows."""
        entries = dict(zip(self.pairs, bend, strict=True))
        return [[entries[min(i, k), max(i, k)] for k in range(self.N)] for i in range(self.N)]

    def pieces(self, x: Sequence[arb], order: int, branches: Mapping[int, int] = NONE, depth: int = 0) -> Iterator[Jet]:
        """The jets of the smooth pieces over the box x; one hull of them beyond a few open kinks."""
        jet = self.run(x, order, branches)
        if not jet.kinks or depth == OPEN_KINKS:
            yield jet
        else:
            for branch in (0, 1):
                yield from self.pieces(x, order, {**jet.branches, jet.kinks[0]: branch}, depth + 1)


def _monomial(a: arb, r: Fraction | int) -> tuple[arb, arb, arb]:
    first, second = (ball(c) * power(a, r - k) if c else ZERO for k, c in ((1, r), (2, r * (r - 1))))
    return power(a, r), first, second


def _hull(head: str, a: Jet, b: Jet) -> Jet:
    value = abs(a.value) if head == "abs" else (arb.max if head == "max" else arb.min)(a.value, b.value)
    return Jet(value, [s.union(t) for s, t in zip(a.slope, b.slope, strict=True)], [NAN] * len(a.bend))
