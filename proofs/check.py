"""Independent re-check of a certificate, from the exact numbers in its JSON alone (`attain check FILE`).

One file that needs Python and Arb balls (python-flint) only: it shares nothing with the search that wrote the file.
Notation: h_i = (b_i − a_i)/P_i, κ_i = R_i h_i², centres a + (k + ½)h, k = −pad … P−1+pad, F the softmax average of
the values y_k (f there, or f(π) + ∇f(π)·(v − π) outside the box for padding "clip"). Each from scratch:

- |f(x) − f(y)| ≤ L‖x − y‖, by bisection until the dual norm of every gradient is ≤ L. With kinks f is a continuous
  selection of smooth pieces (every open min, max or abs replaced by one branch), hence on a segment it is Lipschitz
  with the largest constant of its pieces. ‖∇²f‖₂ ≤ M by row sums, or by M ± ∇²f ⪰ 0 (elimination in balls).
- The theorem's bound. Weights factor over the axes and are worst at cell corners, where the distances are hY, Y_i iid
  on k + ½, k ≥ 0, with weights e^{−κk(k+1)/2}: E‖Y‖₂ = Σ r(m) e^{−κm} √(N/4 + 2m) / Σ r(m) e^{−κm}, r(m) the number
  of ways to write m as an ordered sum of N triangular numbers. The bias is μ1 = sup_x (4π/κ) Σ_r q_r sin x/(1 +
  2 q_r cos x + q_r²), q_r = e^{−2π²(2r−1)/κ} (logarithmic derivative of Jacobi's triple product).
- sup|F − f| ≤ upper (N ≤ 3). With u the offset from the middle of a cell in units of h and any affine function
  ℓ = y_0 + Σ g_i u_i, F − f = Σ p_k (y_k − ℓ(k)) + Σ g_i (E k_i − u_i) − (f − ℓ), expanded to second order about the
  middle of each box. Centres more than D cells away hold at most 2e^{−κ((D+½)²−¼)/2}/(1 − e^{−κ(D+1)}) of the mass of
  an axis (nearest centre within ½, geometric tails), and move F by at most that times max y − min y.
- |F − f| ≥ lower at the stated point; and that `holds` follows. Source: ours.
"""

from __future__ import annotations

import ast
import bisect
import functools
import heapq
import itertools
import json
import math
import operator
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

from flint import arb, arb_mat, ctx, fmpq, fmpz_poly

FORMAT = "attain-certificate/1"
BITS = 96
FILE_LIMIT, TEXT_LIMIT, CELL_LIMIT, AXIS_LIMIT = 2**22, 50_000, 4_000_000, 64
NODE_LIMIT, DEPTH_LIMIT, BIT_LIMIT = 20_000, 200, 20_000
NAN, ZERO, ONE, MINUS = arb("nan"), arb(0), arb(1), arb(-1)
Box = tuple[tuple[float, float], ...]
Jet = tuple[arb, list[arb] | None, list[arb] | None]
Step = tuple[str, str, str]
Real: TypeAlias = Fraction | arb


class CheckError(ValueError):
    """The data is not a certificate; the message is one line."""


class _Undecided(Exception):
    """Why a step could not be decided."""


@dataclass(frozen=True)
class Report:
    """Steps (name, "proved" | "refuted" | "undecided", detail); ok: all proved, False if one is refuted, else None."""

    ok: bool | None
    steps: tuple[Step, ...]


def _ball(x: Real | int) -> arb:
    return x if isinstance(x, arb) else arb(fmpq(x.numerator, x.denominator))


def _up(x: arb) -> float:
    """The least float above every point of a ball, or nearly so."""
    near = float(x.upper()) if x.is_finite() else math.inf
    return near if x <= near else math.nextafter(near, math.inf)


def _span(low: arb, high: arb, keep_high: bool = False) -> arb:
    """A ball around [low, high] with one end exact: 30-bit radius, one unit less passed as Arb adds one, verified."""
    low, high = low.lower(), high.upper()
    half = float(((high - low) / 2).upper())
    if not 0 < half < math.inf:
        return low.union(high)
    mantissa, exponent = math.frexp(half)
    radius = math.ldexp(math.ceil(mantissa * 2**30), exponent - 30)
    less = radius - math.ldexp(1, exponent - (31 if mantissa == 0.5 else 30))
    ball = arb(high - arb(radius) if keep_high else low + arb(radius), less)
    return ball if ball.contains(low) and ball.contains(high) else low.union(high)


def _times(a: arb, b: arb) -> arb:
    """ab; structural zeros and units (compared by identity) cost no radius."""
    if a is ZERO or b is ZERO:
        return ZERO
    if a is ONE or b is ONE:
        return b if a is ONE else a
    return -b if a is MINUS else -a if b is MINUS else a * b


def _plus(a: arb, b: arb) -> arb:
    return b if a is ZERO else a if b is ZERO else a + b


def _unit(a: arb) -> arb:
    """A ball of values in [−1, 1], cut there exactly."""
    low, high = a.lower(), a.upper()
    if high > 1:
        return _span(low.max(MINUS), ONE, True)
    return _span(MINUS, high) if low < -1 else a


def _sin_cos(a: arb) -> tuple[arb, arb]:
    """Both over a ball; where the other one has a sign, from the ends."""
    s, c = a.sin_cos()
    if a.is_exact():
        return s, c
    (s0, c0), (s1, c1) = a.lower().sin_cos(), a.upper().sin_cos()
    if not c.contains(0):
        s = _span(s0.min(s1), s0.max(s1))
    s = _unit(s)
    if s >= 0 or s <= 0:
        c = _span(c0.min(c1), c0.max(c1), True)
    return s, _unit(c)


# --- formulas -----------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"-?(?:[0-9]{1,2500}/[0-9]{1,2500}|[0-9]{0,2500}\.?[0-9]{1,400}\.?(?:[eE][+-]?[0-9]{1,3})?)")
_NAME = re.compile(r"[A-Za-z][A-Za-z_0-9]{0,63}")
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.USub: "neg"}
_EXACT: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
    "neg": operator.neg, "abs": abs, "min": min, "max": max,
}  # fmt: skip


def _rational(text: object, what: str) -> Fraction:
    if not isinstance(text, str) or not _NUMBER.fullmatch(text) or text.count(".") > 1:
        raise CheckError(f"{what}: {ascii(text)[:40]} is not an exact number written as a string")
    if not int(text.partition("/")[2] or 1):
        raise CheckError(f"{what}: division by zero")
    return Fraction(text)


def _tree(text: str, variables: Sequence[str]) -> list[Any]:
    """The tree of a formula in text. Only Python's tokens and precedence are used, nothing is run; every name gets an
    underscore first, so that none is a keyword."""
    shown, source = ascii(text)[:60], re.sub(r"(?<![\w.])([A-Za-z])", r"_\1", text.strip())

    def walk(node: ast.AST, depth: int) -> list[Any]:
        if depth < DEPTH_LIMIT:
            match node:
                case ast.Constant():
                    return ["number", source[node.col_offset : node.end_col_offset]]
                case ast.Name(id=name):
                    return ["variable" if name[1:] in variables else "constant", name[1:]]
                case ast.UnaryOp(op=ast.UAdd(), operand=a):
                    return walk(a, depth + 1)
                case ast.UnaryOp(op=op, operand=a) if type(op) in _OPERATORS:
                    return [_OPERATORS[type(op)], walk(a, depth + 1)]
                case ast.BinOp(left=a, op=op, right=b) if type(op) in _OPERATORS:
                    return [_OPERATORS[type(op)], walk(a, depth + 1), walk(b, depth + 1)]
                case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                    return [name[1:], *(walk(a, depth + 1) for a in args)]
        raise CheckError(f"the formula {shown} cannot be read")

    try:
        if source.isascii() and source.isprintable() and len(source) <= TEXT_LIMIT:
            match ast.parse(source).body:
                case [ast.Expr(value=whole)]:
                    return walk(whole, 0)
    except (SyntaxError, MemoryError, RecursionError):
        pass
    raise CheckError(f"the formula {shown} cannot be read")


def _power(a: arb, n: int) -> arb:
    """aⁿ over a ball, by its ends."""
    if n < 0:
        return 1 / _power(a, -n)
    if n < 2 or not a.is_finite():
        return a if n == 1 or not a.is_finite() else ONE
    if a.is_exact():
        return _power(a * a, n // 2) * (a if n % 2 else 1)
    low, high = _power(a.lower(), n), _power(a.upper(), n)
    least = ZERO if n % 2 == 0 and a.contains(0) else low.min(high)
    return _span(least, low.max(high))


def _root(a: arb, r: Fraction) -> arb:
    """a^r for a ≥ 0, NaN where a may be negative."""
    if a > 0:
        return (a.log() * _ball(r)).exp() if r != Fraction(1, 2) else a.sqrt()
    if r > 0 and a.lower() >= 0:
        return ZERO if a == 0 else _span(ZERO, _root(a.upper(), r))
    return NAN


_UNARY: dict[str, Callable[[arb], tuple[arb, arb, arb]]] = {
    "neg": lambda a: (-a, MINUS, ZERO),
    "sin": lambda a: ((b := _sin_cos(a))[0], b[1], -b[0]),
    "cos": lambda a: ((b := _sin_cos(a))[1], -b[0], -b[1]),
    "tan": lambda a: (t := a.tan(), d := 1 + _power(t, 2), 2 * t * d),
    "exp": lambda a: (e := a.exp(), e, e),
    "log": lambda a: (a.log(), 1 / a, -_power(a, -2)),
    "inverse": lambda a: (1 / a, -_power(a, -2), 2 * _power(a, -3)),
    "tanh": lambda a: (t := a.tanh(), d := 1 - _power(t, 2), -2 * t * d),
    "sinh": lambda a: (s := a.sinh(), a.cosh(), s),
    "cosh": lambda a: (c := a.cosh(), a.sinh(), c),
    "atan": lambda a: (a.atan(), d := 1 / (1 + _power(a, 2)), -2 * a * d * d),
    "asin": lambda a: (a.asin(), d := 1 / _root(1 - _power(a, 2), Fraction(1, 2)), a * d * d * d),
    "acos": lambda a: (a.acos(), d := -1 / _root(1 - _power(a, 2), Fraction(1, 2)), a * d * d * d),
    "sigmoid": lambda a: (s := 1 / (1 + (-a).exp()), d := s / (1 + a.exp()), d * (1 - 2 * s)),
    "softplus": lambda a: (a.exp().log1p(), s := 1 / (1 + (-a).exp()), s / (1 + a.exp())),
    "erf": lambda a: (a.erf(), d := 2 * (-_power(a, 2)).exp() / arb.pi().sqrt(), -2 * a * d),
}
_ARITY = {**dict.fromkeys((*_UNARY, "sqrt", "abs"), 1), **dict.fromkeys(("+", "-", "*", "/", "**"), 2)}
del _ARITY["inverse"]


class _Tape:
    """A formula as a list of operations, equal ones shared, rational arithmetic done exactly.

    `run` differentiates in balls: value, gradient and upper triangle of the Hessian over a box.
    """

    def __init__(self, variables: Sequence[str]) -> None:
        self.variables, self.N, self.budget = list(variables), len(variables), 2 * NODE_LIMIT
        self.nodes: list[tuple[str, tuple[int, ...], Any]] = []
        self.known: dict[Any, int] = {}
        self.pairs = [(i, k) for i in range(self.N) for k in range(i, self.N)]
        self.units = [[ONE if i == k else ZERO for k in range(self.N)] for i in range(self.N)]

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
                return self.add("number", (), _rational(text, "expression"))
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
        values = [self.nodes[k][2] if self.nodes[k][0] == "number" else None for k in nodes]
        exponent = values[1] if head == "**" else None
        if exponent is not None and max(abs(exponent), exponent.denominator) > 1000:
            raise CheckError("expression: exponents are at most 1000")
        whole = exponent is not None and exponent.denominator == 1
        if head in _EXACT and None not in values and (head != "**" or whole):
            bits = sum(v.numerator.bit_length() + v.denominator.bit_length() for v in values if v is not None)
            if bits * (abs(exponent) if exponent else 1) > BIT_LIMIT:
                raise CheckError("expression: a constant has too many digits")
            try:
                return self.add("number", (), _EXACT[head](*values))
            except ZeroDivisionError:
                raise CheckError("expression: division by zero") from None
        if exponent is not None or head == "sqrt":
            r = Fraction(1, 2) if exponent is None else exponent
            return self.add("power" if whole else "root", (nodes[0],), int(r) if whole else r)
        if head == "**":
            return self.add("exp", (self.operation("*", (nodes[1], self.add("log", (nodes[0],)))),))
        if head == "/":
            return self.operation("*", (nodes[0], self.add("inverse", (nodes[1],))))
        return self.add(head, tuple(nodes))

    def run(self, x: Sequence[arb], order: int, choice: Mapping[int, int] | None = None) -> tuple[Jet, list[int]]:
        """The jet of the last node, and the kinks that stayed open: there slopes are hulls, the Hessian is NaN.

        A gradient None is zero. `choice` names the branch of some kinks.
        """
        out: list[Jet] = []
        still: list[int] = []
        for k, (head, args, data) in enumerate(self.nodes):
            if not args:
                if head == "variable":
                    flat = [ZERO] * len(self.pairs) if order > 1 else None
                    out.append((x[data], self.units[data] if order else None, flat))
                else:
                    value = _ball(data) if head == "number" else arb.pi() if data == "pi" else ONE.exp()
                    out.append((value, None, None))
                continue
            a, b = out[args[0]], out[args[-1]]
            if head in ("+", "-", "*"):
                out.append(self.join(head, a, b))
            elif head in ("min", "max", "abs"):
                b = self.compose(a, _UNARY["neg"](a[0])) if head == "abs" else b
                out.append(self.kink(k, a, b, choice or {}, still))
            elif head == "power":
                second = data * (data - 1) * _power(a[0], data - 2) if data != 1 else ZERO
                out.append(self.compose(a, (_power(a[0], data), data * _power(a[0], data - 1), second)))
            elif head == "root":
                first, second = _ball(data) * _root(a[0], data - 1), _ball(data * (data - 1)) * _root(a[0], data - 2)
                out.append(self.compose(a, (_root(a[0], data), first, second)))
            else:
                out.append(self.compose(a, _UNARY[head](a[0])))
        return out[-1], still

    def compose(self, a: Jet, derivatives: tuple[arb, arb, arb]) -> Jet:
        (_, g, H), (value, first, second) = a, derivatives
        if g is None:
            return value, None, None
        bend = H and [
            _plus(_times(first, s), _times(second, _times(g[i], g[k]))) for s, (i, k) in zip(H, self.pairs, strict=True)
        ]
        return value, [_times(first, s) for s in g], bend

    def join(self, head: str, a: Jet, b: Jet) -> Jet:
        if head == "*":
            value, left, right = a[0] * b[0], b[0], a[0]
        else:
            value, left, right = (a[0] + b[0], ONE, ONE) if head == "+" else (a[0] - b[0], ONE, MINUS)
        if a[1] is None or b[1] is None:
            (_, g, H), factor = (b, right) if a[1] is None else (a, left)
            return value, g and [_times(factor, s) for s in g], H and [_times(factor, s) for s in H]
        slope = [_plus(_times(left, s), _times(right, t)) for s, t in zip(a[1], b[1], strict=True)]
        bend = a[2] and b[2] and [_plus(_times(left, s), _times(right, t)) for s, t in zip(a[2], b[2], strict=True)]
        if bend and head == "*":
            g, w = a[1], b[1]
            cross = (_plus(_times(g[i], w[k]), _times(w[i], g[k])) for i, k in self.pairs)
            bend = list(map(_plus, bend, cross))
        return value, slope, bend

    def kink(self, k: int, a: Jet, b: Jet, choice: Mapping[int, int], still: list[int]) -> Jet:
        head = self.nodes[k][0]
        if k in choice:
            return (a, b)[choice[k]]
        if a[0] >= b[0] or a[0] <= b[0]:
            return a if (a[0] >= b[0]) == (head != "min") else b
        still.append(k)
        value = abs(a[0]) if head == "abs" else a[0].max(b[0]) if head == "max" else a[0].min(b[0])
        if a[1] is None and b[1] is None:
            return value, None, None
        zero = [ZERO] * self.N
        slope = [s.union(t) for s, t in zip(a[1] or zero, b[1] or zero, strict=True)]
        return value, slope, [NAN] * len(self.pairs) if a[2] or b[2] else None

    def full(self, jet: Jet) -> list[list[arb]]:
        """The Hessian as rows."""
        entries = dict(zip(self.pairs, jet[2] or [ZERO] * len(self.pairs), strict=True))
        return [[entries[min(i, k), max(i, k)] for k in range(self.N)] for i in range(self.N)]

    def pieces(self, x: Sequence[arb], order: int, choice: dict[int, int]) -> Iterator[tuple[Jet, dict[int, int]]]:
        """The jets of the smooth pieces over the box x; one hull of them beyond six open kinks."""
        jet, still = self.run(x, order, choice)
        if not still or len(choice) == 6:
            yield jet, choice
        else:
            for branch in (0, 1):
                yield from self.pieces(x, order, {**choice, still[0]: branch})


# --- reading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Claim:
    """What a certificate says; the box and the hull as lower ends and lengths of the sides."""

    tape: _Tape
    low: list[arb]
    side: list[arb]
    hull: tuple[list[arb], list[arb]] | None
    eps: Real
    lipschitz: dict[str, Real]
    hessian: Real | None
    osc: Real | None
    kind: str
    norm: str
    P: list[int]
    pad: int
    clip: bool
    kappa: list[arb]
    R: Fraction | None
    bound: Fraction
    lower: Fraction
    upper: Fraction
    share: list[Fraction] | None
    holds: bool | None

    @property
    def N(self) -> int:
        return len(self.P)

    @functools.cached_property
    def h(self) -> list[arb]:
        return [s / p for s, p in zip(self.side, self.P, strict=True)]


def _at_most(a: Real, b: Real) -> bool | None:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a <= b
    return True if _ball(a) <= _ball(b) else False if _ball(a) > _ball(b) else None


def _field(data: object, key: str, *kinds: type) -> Any:
    if not isinstance(data, dict) or key not in data:
        raise CheckError(f"{key}: missing")
    if type(data[key]) not in kinds:
        raise CheckError(f"{key}: {ascii(data[key])[:40]} has the wrong type")
    return data[key]


def _constant(data: object, what: str) -> Real:
    """An exact constant: "1/3", a formula such as "pi/2", or its tree."""
    if isinstance(data, str) and _NUMBER.fullmatch(data):
        return _rational(data, what)
    tape = _Tape(())
    tape.build(_tree(data, ()) if isinstance(data, str) else data)
    head, _, value = tape.nodes[-1]
    found = value if head == "number" else tape.run([], 0)[0][0]
    if isinstance(found, arb) and not found.is_finite():
        raise CheckError(f"{what}: not a finite number")
    return found


def _positive(data: object, what: str) -> Real:
    value = _constant(data, what)
    if not _ball(value) > 0:
        raise CheckError(f"{what}: {ascii(data)[:40]} is not positive")
    return value


def _sides(data: object, N: int, what: str) -> tuple[list[arb], list[arb]]:
    if not isinstance(data, list) or len(data) != N or not all(isinstance(s, list) and len(s) == 2 for s in data):
        raise CheckError(f"{what}: one pair of ends for each of the {N} variables is expected")
    ends = [(_ball(_constant(a, what)), _ball(_constant(b, what))) for a, b in data]
    if not all(a < b for a, b in ends):
        raise CheckError(f"{what}: an interval is empty or reversed")
    return [a for a, _ in ends], [b - a for a, b in ends]


def _read(data: object) -> _Claim:
    if _field(data, "format", str) != FORMAT:
        raise CheckError(f"format: {FORMAT!r} is expected")
    target, design, sup = (_field(data, key, dict) for key in ("target", "design", "sup_error"))
    names, known = _field(target, "variables", list), _field(data, "regularity", dict)
    N = len(names)
    if not all(isinstance(v, str) and _NAME.fullmatch(v) for v in names) or not 0 < N == len(set(names)) <= AXIS_LIMIT:
        raise CheckError(f"variables: a list of 1 to {AXIS_LIMIT} different names is expected")
    tape = _Tape(names)
    root = tape.build(_field(target, "expression", list))
    count = len(tape.nodes)
    if tape.build(_tree(_field(target, "text", str), names)) != root or len(tape.nodes) != count:
        raise CheckError("target: text and expression are different formulas")
    low, side = _sides(_field(target, "box", list), N, "box")
    P, pad = _field(design, "P", list), _field(design, "pad", int)
    if len(P) != N or not all(type(p) is int and 0 < p <= CELL_LIMIT for p in P) or not 0 <= pad <= CELL_LIMIT:
        raise CheckError(f"P, pad: whole numbers are expected, one P from 1 to {CELL_LIMIT} for each variable")
    if math.prod(p + 2 * pad for p in P) > CELL_LIMIT:
        raise CheckError(f"P: more than {CELL_LIMIT} cells cannot be tabulated")
    given = {key: _field(design, key, str, type(None)) for key in ("kappa", "R")}
    if (given["kappa"] is None) == (given["R"] is None):
        raise CheckError("kappa, R: exactly one must be given")
    exact = {key: _positive(text, key) for key, text in given.items() if text is not None}
    R = exact.get("R")
    kappa = [_ball(exact["kappa"]) if R is None else _ball(R) * (s / p) * (s / p) for s, p in zip(side, P, strict=True)]
    lipschitz = {n: _positive(L, f"lipschitz {n}") for n, L in _field(known, "lipschitz", dict).items()}
    options = {key: _field(known, key, str, list, type(None)) for key in ("hessian", "osc")}
    constants = {key: None if v is None else _positive(v, key) for key, v in options.items()}
    hull, share = _field(known, "hull", list, type(None)), sup.get("at_share")
    words = {key: _field(design, key, str) for key in ("bound", "norm", "padding")}
    allowed = {"bound": ("published", "sharp", "smooth"), "norm": ("l1", "l2", "linf"), "padding": ("extend", "clip")}
    for key, word in (*words.items(), *(("norm", n) for n in lipschitz)):
        if word not in allowed[key]:
            raise CheckError(f"{key}: {ascii(word)[:40]} cannot be re-checked; use {', '.join(allowed[key])}")
    if share is not None:
        if not isinstance(share, list) or len(share) != N:
            raise CheckError("at_share: one share for each variable is expected")
        share = [_rational(t, "at_share") for t in share]
        if not all(0 <= t <= 1 for t in share):
            raise CheckError("at_share: shares lie in [0, 1]")
    bound, lower, upper = (
        _rational(_field(where, key, str), key) for where, key in ((data, "bound"), (sup, "lower"), (sup, "upper"))
    )
    if not all(0 <= b < 10**300 for b in (bound, lower, upper)):
        raise CheckError("bound, lower, upper: numbers from 0 to 1e300 are expected")
    eps = _positive(_field(data, "eps", str, list), "eps")
    return _Claim(
        tape, low, side, None if hull is None else _sides(hull, N, "hull"), eps, lipschitz, constants["hessian"],
        constants["osc"], words["bound"], words["norm"], P, pad, words["padding"] == "clip", kappa, R, bound,
        lower, upper, share,
        _field(data, "holds", bool, type(None)),
    )  # fmt: skip


# --- bisection ----------------------------------------------------------------------------------------------------


class _Clock:
    def __init__(self, seconds: float, progress: Callable[[float], None] | None) -> None:
        self.end, self.progress = time.monotonic() + seconds, progress or (lambda share: None)

    def tick(self) -> None:
        if time.monotonic() > self.end:
            raise _Undecided("out of time; allow more seconds")


def _halves(box: Box, axis: int | None = None) -> list[Box]:
    """Both halves of a box of (middle, half-width) pairs, all exact in floats."""
    i = max(range(len(box)), key=lambda k: box[k][1]) if axis is None else axis
    c, r = box[i][0], box[i][1] / 2
    if r < 2.0**-42:
        raise _Undecided("bisection went too deep: the claim is too tight, or f too rough")
    return [(*box[:i], (c + s * r, r), *box[i + 1 :]) for s in (1, -1)]


def _cover(start: Box, test: Callable[[Box], bool | None], clock: _Clock) -> str:
    stack = [start]
    while stack:
        clock.tick()
        box = stack.pop()
        ok = test(box)
        if ok is False:
            return "refuted"
        if ok is None:
            stack += _halves(box)
    return "proved"


def _climb(N: int, enclose: Callable[[Box], tuple[arb, arb]], clock: _Clock) -> Iterator[tuple[float, float]]:
    """Ever better ends of the sup over the unit cube, from enclosures of the range over a box and at its middle."""
    heap: list[tuple[float, int, Box]] = []
    best, fresh, count = -math.inf, [((0.5, 0.5),) * N], itertools.count()
    while True:
        for box in fresh:
            clock.tick()
            whole, middle = enclose(box)
            best = max(best, -_up(-middle))
            heapq.heappush(heap, (-_up(whole), next(count), box))
        yield best, -heap[0][0]
        fresh = _halves(heapq.heappop(heap)[2])


def _points(low: list[arb], side: list[arb], box: Box, grow: float = 0.0) -> list[arb]:
    """The box of shares as balls, each half-width grown by the factor 1 + grow within the domain."""
    ends = [(max(0.0, c - r - grow * r), min(1.0, c + r + grow * r)) for c, r in box]
    at = [(a + s * arb(t), a + s * arb(u)) for a, s, (t, u) in zip(low, side, ends, strict=True)]
    return [a if t == u else _span(a, b) for (t, u), (a, b) in zip(ends, at, strict=True)]


def _dot(a: Sequence[Any], b: Sequence[arb]) -> arb:
    return sum(map(operator.mul, a, b), ZERO)


def _corner(box: Box, slopes: Sequence[arb]) -> list[float]:
    """The point of a box to which the signs of the slopes lead; the middle where a sign is open."""
    return [c + r if d >= 0 else c - r if d <= 0 else c for (c, r), d in zip(box, slopes, strict=True)]


def _beyond(slopes: Sequence[arb], x: Sequence[arb], p: Sequence[arb]) -> arb:
    """What ψ can exceed ψ(p) by on the box x, ψ having these slopes and p being their corner."""
    return sum((d * (a - b) for d, a, b in zip(slopes, x, p, strict=True) if not (d >= 0 or d <= 0)), ZERO)


def _size(norm: str, g: Sequence[arb]) -> arb:
    return sum((_power(s, 2) if norm == "l2" else abs(s) for s in g), ZERO)


def _lipschitz(claim: _Claim, norm: str, L: Real, clock: _Clock) -> str:
    """Every gradient's dual norm is at most L: ψ = Σ g_i² ≤ L² for ℓ2, Σ|g_i| for ℓ∞, each |g_i| for ℓ1."""
    tape, limit = claim.tape, _ball(L) * _ball(L) if norm == "l2" else _ball(L)
    parts = [(i,) for i in range(claim.N)] if norm == "l1" else [tuple(range(claim.N))]

    def below(box: Box, x: list[arb], jet: Jet, choice: dict[int, int]) -> bool:
        g, H = jet[1] or [], tape.full(jet)
        for part in parts if g else []:
            if _size(norm, [g[i] for i in part]) <= limit:
                continue
            signs = [2 * g[i] if norm == "l2" else ONE if g[i] > 0 else MINUS if g[i] < 0 else arb(0, 1) for i in part]
            slopes = [_dot(signs, [H[i][k] for i in part]) for k in range(claim.N)]
            p = _points(claim.low, claim.side, tuple((t, 0.0) for t in _corner(box, slopes)))
            at = tape.run(p, 1, choice)[0][1] or [ZERO] * claim.N
            if not _size(norm, [at[i] for i in part]) + _beyond(slopes, x, p) <= limit:
                return False
        return True

    def test(box: Box) -> bool | None:
        x = _points(claim.low, claim.side, box)
        first = [jet for jet, _ in tape.pieces(x, 1, {})]
        if not all(jet[0].is_finite() for jet in first):
            return None
        if all(_size(norm, [jet[1][i] for i in part]) <= limit for jet in first if jet[1] for part in parts):
            return True
        jet, still = tape.run(_points(claim.low, claim.side, tuple((c, 0.0) for c, _ in box)), 1)
        if jet[1] and not still and any(_size(norm, [jet[1][i] for i in part]) > limit for part in parts):
            return False
        return True if all(below(box, x, jet, choice) for jet, choice in tape.pieces(x, 2, {})) else None

    return _cover(((0.5, 0.5),) * claim.N, test, clock)


def _semidefinite(A: list[list[arb]]) -> bool | None:
    """Whether every symmetric matrix in A is positive semidefinite: symmetric elimination in balls."""
    A, n = [list(row) for row in A], len(A)
    for k in range(n):
        if A[k][k] < 0:
            return False
        if k == n - 1 or not A[k][k] > 0:
            return True if k == n - 1 and A[k][k] >= 0 else None
        for i in range(k + 1, n):
            for j in range(i, n):
                A[i][j] = A[j][i] = A[i][j] - (_power(A[k][i], 2) if i == j else A[k][i] * A[k][j]) / A[k][k]
    return True


def _hessian(claim: _Claim, clock: _Clock) -> str:
    """‖∇²f‖₂ ≤ M, in relatively open boxes that overlap: so f is C^{1,1} on the whole, kinks or not."""
    low, side = claim.hull if claim.hull and claim.pad and not claim.clip else (claim.low, claim.side)
    M, tape = _ball(claim.hessian or 0), claim.tape

    def verdict(x: list[arb]) -> bool | None:
        jet, still = tape.run(x, 2)
        H = tape.full(jet)
        if still or not jet[0].is_finite():
            return None
        if all(sum(map(abs, row), ZERO) <= M for row in H):
            return True
        shifted = (
            [[_plus(M if i == k else ZERO, s * b) for k, b in enumerate(row)] for i, row in enumerate(H)]
            for s in (1, -1)
        )
        signs = {_semidefinite(A) for A in shifted}
        return False if False in signs else None if None in signs else True

    def test(box: Box) -> bool | None:
        if verdict(_points(low, side, box, 2.0**-6)):
            return True
        return None if verdict(_points(low, side, tuple((c, 0.0) for c, _ in box))) is not False else False

    return _cover(((0.5, 0.5),) * claim.N, test, clock)


def _oscillation(claim: _Claim, osc: arb, clock: _Clock) -> str:
    def enclose(sign: int) -> Callable[[Box], tuple[arb, arb]]:
        def both(box: Box) -> tuple[arb, arb]:
            x = _points(claim.low, claim.side, box)
            (value, slope, _), _ = claim.tape.run(x, 1)
            slopes = [sign * s for s in slope or [ZERO] * claim.N]
            p = _points(claim.low, claim.side, tuple((t, 0.0) for t in _corner(box, slopes)))
            at = sign * claim.tape.run(p, 0)[0][0]
            form = at + _beyond(slopes, x, p)
            return (form if _up(form) < _up(sign * value) else sign * value), at

        return both

    climbs = [_climb(claim.N, enclose(sign), clock) for sign in (1, -1)]
    ends = [next(c) for c in climbs]
    while True:
        if arb(ends[0][1]) + arb(ends[1][1]) <= osc:
            return "proved"
        if arb(ends[0][0]) + arb(ends[1][0]) > osc:
            return "refuted"
        i = max((0, 1), key=lambda k: ends[k][1] - ends[k][0])
        ends[i] = next(climbs[i])


# --- lattice sums and the theorem ---------------------------------------------------------------------------------


def _moments(kappa: arb) -> list[arb]:
    """Σ (k+½)^p w_k for p = 0, 1, 2. Terms with p = 2 dominate from k = 1 on and end with ratios below ½."""
    sums, weight, k = [ZERO] * 3, ONE, 0
    while True:
        x = _ball(Fraction(2 * k + 1, 2))
        if k and weight * x * x < 2.0**-BITS and (-kappa * (k + 1)).exp() * _power((x + 1) / x, 2) < 0.5:
            return [s + _span(ZERO, 2 * weight * x * x) for s in sums]
        if k > 200_000:
            raise _Undecided("kappa is too small for direct sums")
        sums = [s + weight * x**p for p, s in enumerate(sums)]
        k += 1
        weight *= (-kappa * k).exp()


def _mean_norm(kappa: arb, N: int) -> arb:
    """E‖Y‖₂. The tail: r(m) ≤ (√(2m) + 1)^N and √(N/4 + 2m) ≤ (√N/2 + 1)(√(2m) + 1), ratios decrease."""
    zeroth, first, second = _moments(kappa)
    if N == 1:
        return first / zeroth
    for top in (2**i for i in range(5, 18)):
        edge = arb(2 * top + 2).sqrt() + 1
        ratio = _power((arb(2 * top + 4).sqrt() + 1) / edge, N + 1) * (-kappa).exp()
        rest = (arb(N).sqrt() / 2 + 1) * _power(edge, N + 1) * (-kappa * (top + 1)).exp() / (1 - ratio)
        if ratio < 1 and rest < 2.0**-64:
            triangular = [int(math.isqrt(8 * m + 1) ** 2 == 8 * m + 1) for m in range(top + 1)]
            mass, total, weight, step = ZERO, ZERO, ONE, (-kappa).exp()
            for m, ways in enumerate(fmpz_poly(triangular).pow_trunc(N, top + 1).coeffs()):
                mass += ways * weight
                total += ways * weight * (_ball(Fraction(N, 4)) + 2 * m).sqrt()
                weight *= step
            return (total + _span(ZERO, rest)) / (mass + _span(ZERO, rest))
    return _span(ZERO, (N * second / zeroth).sqrt())


def _bias(kappa: arb, clock: _Clock) -> arb:
    """μ1, or [0, ½] where κ is too large for the dual series."""
    if not kappa < 100:
        return _span(ZERO, ONE / 2)
    q1 = (-2 * arb.pi() * arb.pi() / kappa).exp()
    powers = [_power(q1, 2 * r) for r in range(3 + math.ceil(BITS * float(kappa.upper()) / 50))]
    rest = powers.pop() / _power(1 - q1, 2) / (1 - _power(q1, 2))

    def enclose(box: Box) -> tuple[arb, arb]:
        (x,), c = _points([ZERO], [arb.pi()], box), arb.pi() * arb(box[0][0])
        at, slope = arb(0, _up(rest)), ZERO
        for p in powers:
            q = p * q1
            at += p * c.sin() / (1 + 2 * q * c.cos() + q * q)
            slope += p * ((1 + q * q) * x.cos() + 2 * q) / _power(1 + 2 * q * x.cos() + q * q, 2)
        slope += arb(0, _up(rest * _power((1 + q1) / (1 - q1), 2)))
        return at + slope * (x - c), at

    low, high = next(e for e in _climb(1, enclose, clock) if e[1] - e[0] <= 1e-12 * e[1])
    return _span(arb(max(low, 0.0)), arb(high)) * 4 * arb.pi() * q1 / kappa


def _padded_bias(kappa: arb, pad: int, clock: _Clock) -> arb:
    """Bias on a finite grid: μ1(1 + 2Q/S) + T/S, Q and T missing mass and moment of a side, S ≤ the normaliser."""
    D = _ball(Fraction(2 * pad + 1, 2))
    edge = (-kappa * D * D / 2).exp()
    Q, T = edge / (1 - (-kappa * (pad + 1)).exp()), D * edge / (1 - (-kappa * D).exp())
    S = (2 * (-kappa / 8).exp() * _moments(kappa)[0] - 2 * Q).max((-kappa / 8).exp())
    return _bias(kappa, clock) * (1 + 2 * Q / S) + T / S


def _largest(values: Sequence[arb]) -> arb:
    largest = values[0]
    for v in values[1:]:
        largest = largest.max(v)
    return largest


def _length(norm: str, v: Sequence[arb]) -> arb:
    return sum((x * x for x in v), ZERO).sqrt() if norm == "l2" else sum(v, ZERO) if norm == "l1" else _largest(v)


def _published(claim: _Claim, L: arb, osc: arb) -> arb:
    """ω(r) + osc f·G·exp(−(R/2)(r² − ρ²)) for r ≥ 2ρ = ‖h‖₂."""
    span = _length("l2", claim.h)
    r = (_ball(claim.eps) / (2 * L)).max(span)
    R = _ball(claim.R or 0)
    return L * r + osc * math.prod(claim.P) * (-R / 2 * (r * r - span * span / 4)).exp()


def _sharp(claim: _Claim, L: arb) -> arb:
    """L h c(κ), c = m_{1,N} (ℓ2), N m1 (ℓ1), the least of three (ℓ∞); or L times the greatest distance of a centre."""
    N, norm = claim.N, claim.norm
    kappa = claim.kappa[0] if claim.R is None else -_largest([-k for k in claim.kappa])
    zeroth, first, _ = _moments(kappa)
    constants = [N * first / zeroth] if norm != "l2" else []
    if norm != "l1":
        constants.append(_mean_norm(kappa, N))
    if norm == "linf":
        c = 2 / (1 - (-kappa).exp())
        harmonic = sum(((1 - _power(1 + c, -k)) / k for k in range(1, N)), ZERO)
        constants.append(ONE / 2 + ((1 + c).log() + harmonic) / kappa)
    far = [h * (2 * p - 1) / 2 for h, p in zip(claim.h, claim.P, strict=True)]
    return -_largest([-L * _largest(claim.h) * c for c in constants] + [-L * _length(norm, far)])


def _smooth(claim: _Claim, L: arb, clock: _Clock) -> arb:
    """L‖h μ̄1‖ + ½M Σh² m2, the second term times (1+√5)/2 if values are continued outside the box."""
    sums = [_moments(k) for k in claim.kappa]
    golden = (1 + arb(5).sqrt()) / 2 if claim.clip and claim.pad else ONE
    curved = sum((h * h * s[2] / s[0] for h, s in zip(claim.h, sums, strict=True)), ZERO)
    biased = _length(
        claim.norm, [h * _padded_bias(k, claim.pad, clock) for h, k in zip(claim.h, claim.kappa, strict=True)]
    )
    return L * biased + _ball(claim.hessian or 0) / 2 * golden * curved


def _theorem(claim: _Claim, clock: _Clock) -> Iterator[tuple[str, Callable[[], str], str]]:
    """The bound, and the regularity that it needs: name, work, detail."""
    known, norm, kind = {n: _ball(L) for n, L in claim.lipschitz.items()}, claim.norm, claim.kind
    if kind == "published":
        euclidean = {n: L * arb(claim.N).sqrt() if n == "l1" and claim.N > 1 else L for n, L in known.items()}
        norm = min(euclidean, key=lambda n: _up(euclidean[n]), default="l2")
    if norm not in known or (kind == "smooth" and claim.hessian is None) or (kind == "published" and claim.R is None):
        raise CheckError(f"regularity: a constant that the {kind} bound needs is missing")
    if kind != "smooth" and claim.pad:
        raise CheckError("pad: only the smooth bound has padding")
    detail = f"{kind} bound <= {float(claim.bound):.8g}"
    if kind == "published":
        spans = [-L * _length(n, claim.side) for n, L in known.items()]
        osc = -_largest(spans) if claim.osc is None else _ball(claim.osc)
        yield "theorem", lambda: _compared(_published(claim, euclidean[norm], osc), claim.bound), detail
        yield "oscillation", lambda: _oscillation(claim, osc, clock), f"sup f - inf f <= {claim.osc or osc}"
    elif kind == "smooth":
        yield "theorem", lambda: _compared(_smooth(claim, known[norm], clock), claim.bound), detail
        if claim.pad and not claim.clip:
            yield "hull", lambda: _contained(claim), "the box and all centres lie in the hull"
        yield "hessian", lambda: _hessian(claim, clock), f"M = {claim.hessian}"
    else:
        yield "theorem", lambda: _compared(_sharp(claim, known[norm]), claim.bound), detail
    yield (
        "lipschitz",
        lambda: _lipschitz(claim, norm, claim.lipschitz[norm], clock),
        f"L = {claim.lipschitz[norm]} in {norm}",
    )


def _compared(total: arb, bound: Fraction) -> str:
    return "proved" if total <= _ball(bound) else "refuted" if total > _ball(bound) else "undecided"


def _contained(claim: _Claim) -> str:
    if claim.hull is None:
        return "undecided"
    margins = [(2 * claim.pad - 1) * h / 2 for h in claim.h]
    sides = zip(claim.low, claim.side, *claim.hull, margins, strict=True)
    inside = [(_at_most(lo, a - m), _at_most(a + s + m, lo + w)) for a, s, lo, w, m in sides]
    flat = [v for pair in inside for v in pair]
    return "refuted" if False in flat else "undecided" if None in flat else "proved"


# --- the error F − f itself ---------------------------------------------------------------------------------------


class _Gap:
    """F − f with windows of centres that leave out at most `dropped` (in error)."""

    def __init__(self, claim: _Claim, values: list[arb], spread: float, tolerance: float) -> None:
        self.claim, self.values = claim, values
        self.size = [p + 2 * claim.pad for p in claim.P]
        windows = [
            _window(k, n, tolerance / max(spread, 1e-300) / claim.N)
            for k, n in zip(claim.kappa, self.size, strict=True)
        ]
        self.D = [D for D, _ in windows]
        self.dropped = _up(sum((mass for _, mass in windows), ZERO) * arb(spread))
        self.thin_rows: dict[Any, tuple[arb_mat, arb, arb]] = {}
        self.wide_rows: dict[Any, tuple[arb_mat, arb, arb]] = {}
        if math.prod(min(n, 2 * D + 1) for n, D in zip(self.size, self.D, strict=True)) > 10**6:
            raise _Undecided("the weights are too flat: windows of more than a million centres")

    def place(self, i: int, j: int, u: arb) -> arb:
        """a_i + h_i(j + ½ + u)."""
        return self.claim.low[i] + self.claim.h[i] * (u + _ball(Fraction(2 * j + 1, 2)))

    def cell(self, j: tuple[int, ...]) -> _Cell:
        """Values minus an affine function around cell j."""
        c = self.claim
        spans = [(min(D, k + c.pad), min(D, p - 1 + c.pad - k)) for D, k, p in zip(self.D, j, c.P, strict=True)]
        slope = c.tape.run([self.place(i, k, ZERO) for i, k in enumerate(j)], 1)[0][1]
        g = [(h * s).mid() if s.is_finite() else ZERO for h, s in zip(c.h, slope or [ZERO] * c.N, strict=True)]
        strides = [math.prod(self.size[i + 1 :]) for i in range(c.N)]
        here = sum((k + c.pad) * s for k, s in zip(j, strides, strict=True))
        y0, rest = self.values[here], []
        ramp = [(k, k * g[-1]) for k in range(-spans[-1][0], spans[-1][1] + 1)]
        for lead in itertools.product(*(range(-left, right + 1) for left, right in spans[:-1])):
            start = here + sum(k * s for k, s in zip(lead, strides[:-1], strict=True))
            level = y0 + sum((k * s for k, s in zip(lead, g[:-1], strict=True)), ZERO)
            rest += [self.values[start + k] - level - rise for k, rise in ramp]
        width = sum(spans[0]) + 1
        return _Cell(j, spans, y0, g, arb_mat(width, len(rest) // width, rest))

    def thin(self, cell: _Cell, i: int, u: arb, key: float | None = None) -> tuple[arb_mat, arb, arb]:
        """Rows p and p′ of axis i at u, the bias E k − u and its slope."""
        where = (i, key, *cell.spans[i])
        if key is None or where not in self.thin_rows:
            kappa, offsets = self.claim.kappa[i], range(-cell.spans[i][0], cell.spans[i][1] + 1)
            p = _weights(kappa, u, offsets)
            mean = _dot(offsets, p)
            variance = sum((_power(k - mean, 2) * w for k, w in zip(offsets, p, strict=True)), ZERO)
            row = [kappa * (k - mean) * w for k, w in zip(offsets, p, strict=True)]
            self.thin_rows[where] = arb_mat(2, len(p), p + row), mean - u, kappa * variance - 1
        return self.thin_rows[where]

    def wide(self, cell: _Cell, i: int, c: float, r: float) -> tuple[arb_mat, arb, arb]:
        """Rows p, p′ and p″ of axis i over c ± r, the bias's second derivative and the bias: hulls over parts."""
        where = (i, c, r, *cell.spans[i])
        if where not in self.wide_rows:
            kappa, offsets = self.claim.kappa[i], range(-cell.spans[i][0], cell.spans[i][1] + 1)
            parts = [_bent(kappa, arb(c - r + s * r / 2), arb(c - r + (s + 1) * r / 2), offsets) for s in range(4)]
            hulls = [_span(_least(entries), _largest(entries)) for entries in zip(*parts, strict=True)]
            ends = [arb(c - r + s * r / 16) for s in range(33)]
            means = [(_dot(offsets, _weights(kappa, end, offsets)), end) for end in ends]
            steps = list(itertools.pairwise(means))
            bias = _span(
                _least([m - v for (m, _), (_, v) in steps]), _largest([n - u for (_, u), (n, _) in steps]).upper()
            )
            self.wide_rows[where] = arb_mat(3, len(offsets), hulls[:-1]), hulls[-1], bias
        return self.wide_rows[where]

    def at(self, cell: _Cell, u: Sequence[arb], key: Sequence[float | None]) -> tuple[arb, list[arb], arb, list[arb]]:
        """F − f at a point but for `dropped`, the slopes of F − ℓ in units of the cell, f − ℓ, and the point."""
        rows = [self.thin(cell, i, v, k) for i, (v, k) in enumerate(zip(u, key, strict=True))]
        S, N = _contract(cell.rest, [m for m, _, _ in rows]), self.claim.N
        x = [self.place(i, k, v) for i, (k, v) in enumerate(zip(cell.j, u, strict=True))]
        above = self.claim.tape.run(x, 0)[0][0] - cell.y0 - _dot(cell.g, u)
        slopes = [S[2 ** (N - 1 - i)] + cell.g[i] * rows[i][2] for i in range(N)]
        return S[0] + _dot(cell.g, [b for _, b, _ in rows]) - above, slopes, above, x

    def test(self, cell: _Cell) -> Callable[[Box], tuple[bool | None, int]]:
        """Whether |F − f| ≤ upper on a box of the cell, and the axis to split."""
        c, N, ceiling = self.claim, self.claim.N, _ball(self.claim.upper)
        limit = -_up(-ceiling)

        def on(box: Box) -> tuple[bool | None, int]:
            middle = [m for m, _ in box]
            error, lines, above, x = self.at(cell, [arb(m) for m in middle], middle)
            if abs(error) - self.dropped > ceiling:
                return False, 0
            wide = [
                _span(self.place(i, k, arb(m - r)), self.place(i, k, arb(m + r)))
                for i, (k, (m, r)) in enumerate(zip(cell.j, box, strict=True))
            ]
            _, slope, bend = c.tape.run(wide, 2)[0]
            rows = [self.wide(cell, i, m, r) for i, (m, r) in enumerate(box)]
            S, weight = _contract(cell.rest, [m for m, _, _ in rows]), [3 ** (N - 1 - i) for i in range(N)]
            rough = S[0] + _dot(cell.g, [b for _, _, b in rows]) - above
            for h, s, g, (_, r) in zip(c.h, slope or [ZERO] * N, cell.g, box, strict=True):
                rough += (h * s - g) * arb(0, r)
            if _up(abs(rough) + self.dropped) <= limit:
                return True, 0
            if bend and all(s.is_finite() for s in bend):
                slope = c.tape.run(x, 1)[0][1]
            else:
                bend = [ZERO] * len(c.tape.pairs)
            lines = [a - (h * s - g) for a, h, s, g in zip(lines, c.h, slope or [ZERO] * N, cell.g, strict=True)]
            curves = [
                S[weight[i] + weight[k]] - c.h[i] * c.h[k] * b for (i, k), b in zip(c.tape.pairs, bend, strict=True)
            ]
            share = [0.0] * N
            high, low = _up(error), _up(-error)
            for (i, k), curve in zip(c.tape.pairs, curves, strict=True):
                r = box[i][1]
                if i == k:
                    curve += cell.g[i] * rows[i][1]
                    g = _up(abs(lines[i]))
                    up, down = _rise(g, _up(curve), r), _rise(g, _up(-curve), r)
                else:
                    up = down = _up(abs(curve)) * r * box[k][1]
                    share[k] += up
                high, low, share[i] = high + up, low + down, share[i] + max(up, down)
            total = max(high, low) + (abs(high) + abs(low) + sum(share)) * 2.0**-40 + self.dropped
            return (True if total <= limit else None), max(range(N), key=lambda i: (share[i], box[i][1]))

        return on


@dataclass(frozen=True)
class _Cell:
    j: tuple[int, ...]
    spans: list[tuple[int, int]]
    y0: arb
    g: list[arb]
    rest: arb_mat


def _least(values: Sequence[arb]) -> arb:
    return -_largest([-v for v in values]).upper()


def _weights(kappa: arb, u: arb, offsets: range) -> list[arb]:
    """The softmax of −κ(u − k)²/2 at a point."""
    w = [(kappa * (u * k - _ball(Fraction(k * k, 2)))).exp() for k in offsets]
    total = 1 / sum(w, ZERO)
    return [a * total for a in w]


def _spread(p: list[arb], q: list[arb]) -> list[arb]:
    """The weights between two points where they are p and q: p_k = 1/Σ_l p_l/p_k, and every p_l/p_k is monotone."""
    found = []
    for a, b in zip(p, q, strict=True):
        ratios = [(x / a, y / b) for x, y in zip(p, q, strict=True)]
        least, most = (1 / sum((pick(x, y) for x, y in ratios), ZERO) for pick in (arb.max, arb.min))
        found.append(_span(least, most))
    return found


def _bent(kappa: arb, low: arb, high: arb, offsets: range) -> list[arb]:
    """p, p′ = κ(k − E)p, p″ = κ²((k − E)² − V)p and (E k)″ = κ² E(k − E)³ over [low, high]; E k increases."""
    ends = [_weights(kappa, end, offsets) for end in (low, high)]
    p, mean = _spread(*ends), _dot(offsets, ends[0]).union(_dot(offsets, ends[1]))
    squares = [_power(k - mean, 2) for k in offsets]
    variance = _dot(squares, p)
    third = sum((_power(k - mean, 3) * w for k, w in zip(offsets, p, strict=True)), ZERO)
    first = [kappa * (k - mean) * w for k, w in zip(offsets, p, strict=True)]
    return [
        *p,
        *first,
        *(kappa * kappa * (s - variance) * w for s, w in zip(squares, p, strict=True)),
        kappa * kappa * third,
    ]


def _contract(values: arb_mat, rows: Sequence[arb_mat]) -> list[arb]:
    """Every product of one row an axis, applied to the values; the last axis varies fastest."""
    for i, row in enumerate(rows):
        if i:
            flat = values.transpose().entries()
            values = arb_mat(row.ncols(), len(flat) // row.ncols(), flat)
        values = row * values
    return values.transpose().entries()


def _rise(g: float, s: float, r: float) -> float:
    """sup of gt + st²/2 over 0 ≤ t ≤ r."""
    return g * g / (-2 * s) if s < 0 and g < -s * r else g * r + s * r * r / 2


def _window(kappa: arb, count: int, share: float) -> tuple[int, arb]:
    """The least half-width D of a window that leaves out at most `share` of the mass of its axis, and that mass."""

    def outside(D: int) -> arb:
        edge = _ball(Fraction((2 * D + 1) ** 2 - 1, 8))
        return 2 * (-kappa * edge).exp() / (1 - (-kappa * (D + 1)).exp())

    D = 1 + bisect.bisect_left(range(1, count), True, key=lambda D: bool(outside(D) <= share))
    return (D, outside(D)) if count > D else (count, ZERO)


def _table(claim: _Claim, clock: _Clock) -> tuple[list[arb], float]:
    """The values at all centres, and an upper bound of their spread."""
    values: list[arb] = []
    for j in itertools.product(*(range(-claim.pad, p + claim.pad) for p in claim.P)):
        clock.tick()
        x = [a + h * _ball(Fraction(2 * k + 1, 2)) for a, h, k in zip(claim.low, claim.h, j, strict=True)]
        if claim.clip and any(not 0 <= k < p for k, p in zip(j, claim.P, strict=True)):
            ends = zip(claim.low, claim.side, x, j, claim.P, strict=True)
            near = [a if k < 0 else a + s if k >= p else v for a, s, v, k, p in ends]
            value, slope, _ = claim.tape.run(near, 1)[0]
            values.append(value + sum((g * (v - n) for g, v, n in zip(slope or [], x, near, strict=bool(slope))), ZERO))
        else:
            values.append(claim.tape.run(x, 0)[0][0])
    spread = max(map(_up, values)) + max(_up(-v) for v in values)
    if not math.isfinite(spread):
        raise _Undecided("f is not finite at a centre")
    return values, math.nextafter(spread, math.inf)


def _lower(claim: _Claim, clock: _Clock, table: Callable[[], tuple[list[arb], float]]) -> str:
    if claim.share is None:
        raise _Undecided("no point is given")
    gap = _Gap(claim, *table(), float(claim.lower) * 2.0**-60)
    j = tuple(min(p - 1, math.floor(t * p)) for t, p in zip(claim.share, claim.P, strict=True))
    u = [_ball(t * p - k - Fraction(1, 2)) for t, p, k in zip(claim.share, claim.P, j, strict=True)]
    error = abs(gap.at(gap.cell(j), u, [None] * claim.N)[0])
    if error - gap.dropped >= _ball(claim.lower):
        return "proved"
    return "refuted" if error + gap.dropped < _ball(claim.lower) else "undecided"


def _upper(claim: _Claim, clock: _Clock, table: Callable[[], tuple[list[arb], float]]) -> str:
    if claim.N > 3:
        raise _Undecided("the error itself is enclosed up to three dimensions only")

    def whole(gap: _Gap) -> str:
        for count, j in enumerate(itertools.product(*map(range, claim.P))):
            clock.progress(count / math.prod(claim.P))
            test, stack = gap.test(gap.cell(j)), [((0.0, 0.5),) * claim.N]
            while stack:
                clock.tick()
                box = stack.pop()
                ok, axis = test(box)
                if ok is False:
                    return "refuted"
                if ok is None:
                    stack += _halves(box, axis)
        return "proved"

    try:
        return whole(_Gap(claim, *table(), float(claim.upper) * 1e-6))
    except _Undecided:
        return whole(_Gap(claim, *table(), float(claim.upper) * 1e-13))


# --- the whole ----------------------------------------------------------------------------------------------------


def _holds(claim: _Claim, bounded: bool, above: bool, below: bool) -> str:
    reached = (bounded and _at_most(claim.bound, claim.eps)) or (above and _at_most(claim.upper, claim.eps))
    missed = below and _at_most(claim.lower, claim.eps) is False
    if claim.holds is None or (reached if claim.holds else missed):
        return "proved"
    return "refuted" if reached or missed else "undecided"


def check(data: object, seconds: float = 300, progress: Callable[[float], None] | None = None) -> Report:
    """Re-verify every claim of a certificate; `progress` is called with the share of cells whose error is settled.

    Raises CheckError if `data` is not a certificate. Constants that the claimed bound does not use are not checked.

    >>> try: check({"format": "other"})
    ... except CheckError as error: print(error)
    format: 'attain-certificate/1' is expected
    """
    with ctx.workprec(BITS):
        try:
            claim, clock, steps = _read(data), _Clock(seconds, progress), list[Step]()
        except RecursionError:
            raise CheckError("the data is too deep") from None
        table = functools.cache(lambda: _table(claim, clock))

        def run(name: str, work: Callable[[], str], detail: str) -> bool:
            try:
                status = work()
            except _Undecided as why:
                status, detail = "undecided", str(why)
            steps.append((name, status, detail))
            return status == "proved"

        bounded = {run(*step) for step in _theorem(claim, clock)} == {True}
        low, high = (f"{float(b):.8g}" for b in (claim.lower, claim.upper))
        below = not claim.lower or run("lower", lambda: _lower(claim, clock, table), f"|F - f| >= {low} at the point")
        if claim.upper >= claim.bound:
            above = run("upper", lambda: "proved" if bounded else "undecided", "follows from the bound")
        else:
            above = run("upper", lambda: _upper(claim, clock, table), f"|F - f| <= {high} on the box")
        run("holds", lambda: _holds(claim, bounded, above, below), f"holds: {claim.holds}".lower())
        clock.progress(1.0)
    verdicts = {status for _, status, _ in steps}
    return Report(False if "refuted" in verdicts else True if verdicts == {"proved"} else None, tuple(steps))


def check_file(path: str | Path, seconds: float = 300, progress: Callable[[float], None] | None = None) -> Report:
    """`check` for a file; CheckError unless it is a certificate of at most 4 MB, OSError if it cannot be read."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise CheckError(f"JSON: a key of {ascii(sorted(k for k, _ in pairs))[:60]} is given twice")
        return dict(pairs)

    def refuse(word: str) -> None:
        raise CheckError(f"JSON: {word} is not a number")

    with open(path, "rb") as file:
        raw = file.read(FILE_LIMIT + 1)
    if len(raw) > FILE_LIMIT:
        raise CheckError(f"the file is larger than {FILE_LIMIT} bytes")
    try:
        data = json.loads(raw.decode("utf-8"), object_pairs_hook=members, parse_constant=refuse)
    except CheckError:
        raise
    except (ValueError, RecursionError) as error:
        raise CheckError(f"not JSON: {ascii(str(error))[:80]}") from None
    return check(data, seconds, progress)
