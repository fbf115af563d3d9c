"""x = m + r·cos(k·t) for one real variable between m − |r| and m + |r|, so that arcs and roots become smooth.

For u = (x − m)/r and k·t from 0 to π: acos(±u) and asin(±u) are linear in t, and with c > 0 sqrt(c·(1 − u²)) is
√c·sin(k·t), sqrt(c·(1 − u)) is √(2c)·sin(k·t/2), sqrt(c·(1 + u)) is √(2c)·cos(k·t/2), since sines and cosines of
these angles are ≥ 0. k is 2 if half angles occur. Source: ours; cos maps [0, π] one to one onto [−1, 1], downwards.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from ...symbolic.tree import Expr, fold, number, postorder, to_fraction
from .language import Variable
from .multiply import Mono
from .normal import ONE, Normaliser, TooLarge
from .problem import Problem, constant_sign
from .step import Easier

PI = Expr("constant", ("pi",))
TURNS = tuple(Fraction(k, n) for n in (1, 2, 3, 4, 5, 6, 10) for k in range(n + 1))
Parabola = tuple[Fraction, Fraction, Fraction]


def arc(problem: Problem) -> Easier | None:
    """The goal in t; None if there is no arc, and no root of 1 − u² or pair of roots of 1 − u and 1 + u.

    >>> from attain.symbolic.expression import parse
    >>> x = Variable("x", number(0), number(1))
    >>> arc(Problem((x,), (), parse("pi*x/2 - asin(x)"), ">=")).problems[0].gap
    parse('pi*cos(x)/2 - (pi/2 - x)')
    """
    if len(problem.variables) != 1 or problem.conditions or problem.variables[0].integer:
        return None
    (v,) = problem.variables
    inner = {node: _parabola(node.args[0], v.name) for node in postorder(problem.gap) if _bends(node)}
    for middle, radius in _circles(inner):
        found = {node: _seen(p, middle, radius) for node, p in inner.items() if p is not None}
        half = any(node.head not in ("asin", "acos") and p[2] == 0 < abs(p[1]) == p[0] for node, p in found.items())
        turn = 2 if half else 1
        ends = _image(v, middle, radius, turn)
        if ends is None:
            continue
        t = Expr("variable", (v.name,))
        place = _sum(middle, _scaled(radius, Expr("cos", (_scaled(Fraction(turn), t),))))
        values = {t: place, **{node: value for node, p in found.items() if (value := _value(node, p, turn, t))}}
        image = Variable(v.name, ends[0], ends[1], *_opens(v, radius))
        smaller = Problem((image,), (), _swapped(problem.gap, values), problem.op)
        data = {"middle": middle, "radius": radius, "turn": turn, "image": (image.low, image.high)}
        return Easier("arc", data, (smaller,))
    return None


def _bends(node: Expr) -> bool:
    """Whether a node is an arc or a power with half an odd number, such as a root."""
    exponent = to_fraction(node.args[1]) if node.head == "**" else None
    return node.head in ("asin", "acos", "sqrt") or (exponent is not None and exponent.denominator == 2)


def _parabola(expr: Expr, name: str) -> Parabola | None:
    """The rational coefficients of a polynomial of degree 1 or 2 in the variable."""
    n = Normaliser({})
    try:
        form = n.form(expr)
    except TooLarge:
        return None
    me = n.ids.get(("var", name))
    powers: list[Mono] = [()] if me is None else [(), ((me, Fraction(1)),), ((me, Fraction(2)),)]
    if form.bottom != ONE or not set(form.top) <= set(powers) or set(form.top) <= {()}:
        return None
    a, b, c = (form.top.get(m, Fraction(0)) for m in powers)
    return a, b, c


def _circles(inner: dict[Expr, Parabola | None]) -> list[tuple[Fraction, Fraction]]:
    """(m, r) for which u = (x − m)/r is the argument of an arc, or 1 − u² under a root, or 1 − u and 1 + u are."""
    found: list[tuple[Fraction, Fraction]] = []
    roots: tuple[list[Fraction], list[Fraction]] = ([], [])
    for node, p in inner.items():
        if p is None:
            continue
        a, b, c = p
        if node.head in ("asin", "acos"):
            found += [] if c else [(-a / b, 1 / b)]
        elif c:
            root = _root(b * b - 4 * a * c) if c < 0 else None
            found += [(-b / (2 * c), -root / (2 * c))] if root else []
        else:
            roots[b < 0].append(-a / b)
    found += [((low + high) / 2, (high - low) / 2) for low in roots[0] for high in roots[1] if low < high]
    return list(dict.fromkeys(found))


def _root(square: Fraction) -> Fraction | None:
    """The positive rational root."""
    if square <= 0:
        return None
    root = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    return root if root * root == square else None


def _seen(p: Parabola, middle: Fraction, radius: Fraction) -> Parabola:
    """The coefficients in u."""
    a, b, c = p
    return a + b * middle + c * middle**2, radius * (b + 2 * c * middle), c * radius**2


def _value(node: Expr, p: Parabola, turn: int, t: Expr) -> Expr | None:
    """An arc or a root in t; None for another one."""
    a, b, c = p
    angle = _scaled(Fraction(turn), t)
    if node.head in ("asin", "acos"):
        if a or c or abs(b) != 1:
            return None
        arc = angle if b == 1 else Expr("-", (PI, angle))
        return arc if node.head == "acos" else Expr("-", (_scaled(Fraction(1, 2), PI), arc))
    if a <= 0 or sorted((-abs(b), c)) != [-a, 0]:
        return None
    head, angle = ("cos" if b > 0 else "sin"), _scaled(Fraction(turn, 1 if c else 2), t)
    square = a if c else 2 * a
    length = _root(square)
    front = Expr("sqrt", (number(square),)) if length is None else number(length)
    wave = Expr(head, (angle,))
    value = wave if length == 1 else Expr("*", (front, wave))
    return value if node.head == "sqrt" else Expr("**", (value, number(2 * (to_fraction(node.args[1]) or 0))))


def _image(v: Variable, middle: Fraction, radius: Fraction, turn: int) -> list[Expr] | None:
    """The ends of t, the lower one first; None if x leaves the circle."""
    found = []
    for end in (v.low, v.high):
        if end is None:
            return None
        u = Expr("/", (Expr("-", (end, number(middle))), number(radius)))
        exact = to_fraction(end)
        u = u if exact is None else number((exact - middle) / radius)
        if any(constant_sign(Expr(op, (number(1), u)), 256) not in (0, 1) for op in "+-"):
            return None
        known = (k for k in TURNS if constant_sign(Expr("-", (Expr("cos", (_scaled(k, PI),)), u)), 64) == 0)
        k = next(known, None)
        found.append(_scaled(Fraction(1, turn), Expr("acos", (u,))) if k is None else _scaled(k / turn, PI))
    return found[::-1] if radius > 0 else found


def _opens(v: Variable, radius: Fraction) -> tuple[bool, bool]:
    return (v.high_open, v.low_open) if radius > 0 else (v.low_open, v.high_open)


def _scaled(k: Fraction, expr: Expr) -> Expr:
    """k·expr, shortly."""
    if k == 0:
        return number(0)
    if k == 1:
        return expr
    if expr.head == "number":
        return number(k * Fraction(expr.args[0]))
    if k == -1:
        return Expr("neg", (expr,))
    return Expr("/", (expr, number(1 / k))) if k.numerator == 1 else Expr("*", (number(k), expr))


def _sum(k: Fraction, expr: Expr) -> Expr:
    return Expr("+", (number(k), expr)) if k else expr


def _swapped(expr: Expr, values: dict[Expr, Expr]) -> Expr:
    """The formula with the outermost nodes that have a value replaced."""

    def rule(node: Expr, args: list[Expr]) -> Expr:
        return values.get(node) or (Expr(node.head, tuple(args)) if args else node)

    result: Expr = fold(expr, rule)
    return result
