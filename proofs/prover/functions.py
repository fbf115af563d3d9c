"""How each function enters the normal form, and the derivatives of all of them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial

from ...symbolic.tree import Expr, children, number, postorder, to_fraction
from .normal import ONE, Normaliser, Poly, Quotient, TooLarge, constant_of
from .whole import half_turns, rounded

UNIT = Quotient(ONE, ONE)
RIGHT_ANGLES = {Fraction(k, 2): Fraction(a, 3) for k, a in ((-2, -3), (-1, -1), (0, 0), (1, 1), (2, 3))}
"""Arc sines in right angles."""
ODD = ("sinh", "tan", "tanh", "asin", "atan", "erf")


def apply(n: Normaliser, node: Expr, args: list[Quotient]) -> Quotient:
    """The normal form of a node from those of its children."""
    head = node.head
    if head == "number":
        value = Fraction(node.args[0])
        return Quotient({(): value} if value else {}, ONE)
    if head == "variable":
        return Quotient(n.variable(node.args[0]), ONE)
    if head == "constant":
        return n.exp(UNIT) if node.args[0] == "e" else Quotient(n.atom(("pi",), node, 1), ONE)
    if head == "neg":
        return Quotient({m: -c for m, c in args[0].top.items()}, args[0].bottom)
    if head in ("+", "-"):
        return n.add(args[0], args[1], 1 if head == "+" else -1)
    if head == "*":
        return n.mul(args[0], args[1])
    if head == "/":
        return n.mul(args[0], n.inverse(args[1]))
    if head == "**":
        exponent = to_fraction(node.args[1])
        exponent = constant_of(args[1]) if exponent is None else exponent
        return n.exp(n.mul(args[1], n.log(args[0]))) if exponent is None else n.power(args[0], exponent)
    if head in ("min", "max"):
        return _extremum(n, head, args)
    return _RULES[head](n, args[0]) if head in _RULES else _function(n, head, args[0])


def _function(n: Normaliser, head: str, a: Quotient, sign: int = -1) -> Quotient:
    value = constant_of(a)
    if value == 0 and head in (*ODD, "lambertw"):
        return Quotient({}, ONE)
    if value is not None and head in ("floor", "ceil"):
        k = value.numerator // value.denominator if head == "floor" else -(-value.numerator // value.denominator)
        return Quotient({(): Fraction(k)} if k else {}, ONE)
    if value is not None and head in ("gamma", "loggamma") and value.denominator == 1 and 1 <= value <= 100:
        whole = Quotient({(): Fraction(factorial(int(value) - 1))}, ONE)
        return whole if head == "gamma" else n.log(whole)
    if head in ("gamma", "loggamma"):
        return _gamma(n, head, a)
    if head == "ceil":
        return _negative(_function(n, "floor", _negative(a)))
    if head == "floor":
        out, rest = rounded(n, a)
        if out:
            return n.add(Quotient(out, ONE), _function(n, "floor", rest))
    if value == 1 and head == "atan":
        return _rational_pi(n, Fraction(1, 4))
    if head in ("asin", "acos") and value in RIGHT_ANGLES:
        turns = RIGHT_ANGLES[value] if head == "asin" else 1 - RIGHT_ANGLES[value]
        return _rational_pi(n, turns / 2) if turns else Quotient({}, ONE)
    if head in ODD and a.top and a.top[min(a.top)] < 0:
        inner = Quotient({m: -c for m, c in a.top.items()}, a.bottom)
        found = n.opaque(head, [inner], Expr(head, (n.to_expr(inner),)), sign)
        return Quotient({m: -c for m, c in found.top.items()}, ONE)
    return n.opaque(head, [a], Expr(head, (n.to_expr(a),)), sign)


def _negative(a: Quotient) -> Quotient:
    return Quotient({m: -c for m, c in a.top.items()}, a.bottom)


def _gamma(n: Normaliser, head: str, a: Quotient) -> Quotient:
    """Γ(u) = exp(log Γ(u)); Γ(u + 1) = u·Γ(u), for a constant term in [0, 1) if u > 0 is known; Γ(1/2) = √π."""
    if constant_of(a) == Fraction(1, 2):
        root = n.power(_rational_pi(n, Fraction(1)), Fraction(1, 2))
        return root if head == "gamma" else n.log(root)
    step = _shift(a)
    if step == 1:
        below = n.add(a, UNIT, -1)
        if n.sign(below.top) == 1:
            rest = _gamma(n, head, below)
            return n.mul(below, rest) if head == "gamma" else n.add(n.log(below), rest)
    if step == -1:
        rest = _gamma(n, head, n.add(a, UNIT))
        return n.mul(rest, n.inverse(a)) if head == "gamma" else n.add(rest, n.log(a), -1)
    log = n.opaque("loggamma", [a], Expr("loggamma", (n.to_expr(a),)), -1)
    return n.exp(log) if head == "gamma" else log


def _shift(a: Quotient) -> int:
    """1 if the constant term is in [1, 4], −1 if it is in [−4, 0), so that few factors are taken out."""
    c = a.top.get((), Fraction(0)) if a.bottom == ONE else Fraction(0)
    return 1 if 1 <= c <= 4 else -1 if -4 <= c < 0 else 0


def _rational_pi(n: Normaliser, c: Fraction) -> Quotient:
    return n.mul(Quotient(n.atom(("pi",), Expr("constant", ("pi",)), 1), ONE), Quotient({(): c}, ONE))


def _extremum(n: Normaliser, head: str, args: list[Quotient]) -> Quotient:
    kept = args[0]
    for other in args[1:]:
        gap = n.add(other, kept, -1)
        if n.sign(gap.bottom) == 1 and n.sign(gap.top) >= 0:
            kept = other if head == "max" else kept
        elif n.sign(gap.bottom) == 1 and n.sign({m: -c for m, c in gap.top.items()}) >= 0:
            kept = kept if head == "max" else other
        else:
            kept = n.opaque(head, [kept, other], Expr(head, (n.to_expr(kept), n.to_expr(other))), -1)
    return kept


def _absolute(n: Normaliser, a: Quotient) -> Quotient:
    if n.sign(a.bottom) == 1:
        if n.sign(a.top) >= 0:
            return a
        negative = {m: -c for m, c in a.top.items()}
        if n.sign(negative) >= 0:
            return Quotient(negative, a.bottom)
    if a.top[min(a.top)] < 0:
        a = Quotient({m: -c for m, c in a.top.items()}, a.bottom)
    return _function(n, "abs", a, 0)


def _exponential(top: str) -> Callable[[Normaliser, Quotient], Quotient]:
    """sinh, cosh, tanh, sigmoid by t = exp(a)."""

    def rule(n: Normaliser, a: Quotient) -> Quotient:
        t = n.exp(a)
        back = n.inverse(t)
        half = Quotient({(): Fraction(1, 2)}, ONE)
        if top == "cosh":
            return n.mul(half, n.add(t, back))
        if top == "sinh":
            return n.mul(half, n.add(t, back, -1))
        if top == "sigmoid":
            return n.mul(t, n.inverse(n.add(t, UNIT)))
        square = n.mul(t, t)
        return n.mul(n.add(square, UNIT, -1), n.inverse(n.add(square, UNIT)))

    return rule


def _softplus(n: Normaliser, a: Quotient) -> Quotient:
    return n.log(n.add(n.exp(a), UNIT))


def _trigonometric(n: Normaliser, a: Quotient) -> tuple[Quotient, Quotient]:
    """(sin a, cos a) by angle sums over the terms of a; whole multiples up to 4."""
    if set(a.bottom) != {()} or len(a.top) > 4:
        return _basic(n, a)
    s, c = Quotient({}, ONE), UNIT
    for mono, k in sorted(a.top.items()):
        known = half_turns(n, mono, k)
        if known is not None:
            s, c = n.mul(s, known[1]), n.mul(c, known[1])
            continue
        whole = k.denominator == 1 and abs(k) <= 4
        s1, c1 = _basic(n, Quotient({mono: Fraction(1) if whole else abs(k)}, ONE))
        for _ in range(abs(int(k)) if whole else 1):
            flipped = Quotient({m: -v for m, v in s1.top.items()}, s1.bottom) if k < 0 else s1
            s, c = (
                n.add(n.mul(s, c1), n.mul(c, flipped)),
                n.add(n.mul(c, c1), n.mul(s, flipped), -1),
            )
    return s, c


def _basic(n: Normaliser, a: Quotient) -> tuple[Quotient, Quotient]:
    if not a.top:
        return Quotient({}, ONE), UNIT
    pi = n.atom(("pi",), Expr("constant", ("pi",)), 1)
    (mono,) = pi
    if set(a.top) == {mono} and set(a.bottom) == {()}:
        turn = a.top[mono] % 2
        known = _multiples(n, turn)
        if known is not None:
            return known
    undone = _undone(n, a)
    if undone is not None:
        return undone
    inner = n.to_expr(a)
    key = [a]
    cosine = n.opaque("cos", key, Expr("cos", (inner,)), -1)
    return n.opaque("sin", key, Expr("sin", (inner,)), -1), cosine


def _undone(n: Normaliser, a: Quotient) -> tuple[Quotient, Quotient] | None:
    """(sin a, cos a) for a = asin u, acos u (where 1 − u² ≥ 0) or atan u."""
    ((mono, c),) = a.top.items() if len(a.top) == 1 and a.bottom == ONE else ((((0, Fraction(0)),), Fraction(0)),)
    if c != 1 or len(mono) != 1 or mono[0][1] != 1 or n.atoms[mono[0][0]].key[0] not in ("asin", "acos", "atan"):
        return None
    head, (top, bottom) = n.atoms[mono[0][0]].key
    u = Quotient(dict(top), dict(bottom))
    square = n.add(UNIT, n.mul(u, u), 1 if head == "atan" else -1)
    if head == "atan":
        cosine = n.power(square, Fraction(-1, 2))
        return n.mul(u, cosine), cosine
    root = n.power(square, Fraction(1, 2))
    return (u, root) if head == "asin" else (root, u)


def _multiples(n: Normaliser, turn: Fraction) -> tuple[Quotient, Quotient] | None:
    """(sin, cos) of turn·π for multiples of π/6 and π/4."""
    if turn >= 1:
        found = _multiples(n, turn - 1)
        if found is None:
            return None
        return tuple(Quotient({m: -c for m, c in q.top.items()}, q.bottom) for q in found)  # type: ignore[return-value]
    if turn > Fraction(1, 2):
        found = _multiples(n, 1 - turn)
        return None if found is None else (found[0], Quotient({m: -c for m, c in found[1].top.items()}, ONE))
    if turn.denominator in (5, 10):
        return _fifths(n, turn)
    squares = {Fraction(0): 0, Fraction(1, 6): 1, Fraction(1, 4): 2, Fraction(1, 3): 3, Fraction(1, 2): 4}
    if turn not in squares:
        return None
    half = Quotient({(): Fraction(1, 2)}, ONE)

    def root(k: int) -> Quotient:
        return n.mul(half, n.number_power(Fraction(k), Fraction(1, 2))) if k else Quotient({}, ONE)

    return root(squares[turn]), root(4 - squares[turn])


def _fifths(n: Normaliser, turn: Fraction) -> tuple[Quotient, Quotient]:
    """(sin, cos) of k·π/10 for k = 1 … 4: cos(π/5) = (√5 + 1)/4 and sin(π/10) = (√5 − 1)/4."""
    k = int(turn * 10)
    root = n.number_power(Fraction(5, 16), Fraction(1, 2))
    known = n.add(root, Quotient({(): Fraction(1, 4)}, ONE), 1 if k in (2, 3) else -1)
    rest = n.power(n.add(UNIT, n.mul(known, known), -1), Fraction(1, 2))
    return (known, rest) if k % 2 else (rest, known)


_RULES: dict[str, Callable[[Normaliser, Quotient], Quotient]] = {
    "exp": lambda n, a: n.exp(a),
    "log": lambda n, a: n.log(a),
    "sqrt": lambda n, a: n.power(a, Fraction(1, 2)),
    "abs": lambda n, a: _absolute(n, a) if a.top else a,
    "cosh": _exponential("cosh"),
    "sinh": _exponential("sinh"),
    "tanh": _exponential("tanh"),
    "sigmoid": _exponential("sigmoid"),
    "softplus": _softplus,
    "sin": lambda n, a: _trigonometric(n, a)[0],
    "cos": lambda n, a: _trigonometric(n, a)[1],
    "tan": lambda n, a: n.mul(_trigonometric(n, a)[0], n.inverse(_trigonometric(n, a)[1])),
}


def _e(text: str) -> Callable[[Expr, Expr], Expr]:
    """A derivative rule from a template in u (the argument) and v (the value)."""
    from ...symbolic.expression import parse
    from ...symbolic.tree import substitute

    template = parse(text, ["u", "v"])
    return lambda u, v: substitute(template, {"u": u, "v": v})


_TEMPLATES = {
    "exp": "v",
    "log": "1/u",
    "sqrt": "1/(2*v)",
    "sin": "cos(u)",
    "cos": "-sin(u)",
    "tan": "1 + v**2",
    "sinh": "cosh(u)",
    "cosh": "sinh(u)",
    "tanh": "1 - v**2",
    "atan": "1/(1 + u**2)",
    "asin": "1/sqrt(1 - u**2)",
    "acos": "-1/sqrt(1 - u**2)",
    "erf": "2*exp(-u**2)/sqrt(pi)",
    "sigmoid": "v*(1 - v)",
    "softplus": "sigmoid(u)",
    "lambertw": "exp(-v)/(1 + v)",
    "neg": "-1",
}


def derivative(expr: Expr, name: str) -> Expr | None:
    """d expr / d name as a tree; None where a kink, a step or a function without a rule depends on it.

    >>> from attain.symbolic.expression import parse
    >>> derivative(parse("x*exp(x)"), "x")
    parse('exp(x) + x*exp(x)')
    """
    found: dict[int, Expr | None] = {}
    for node in postorder(expr):
        below = [found[id(child)] for child in children(node)]
        try:
            found[id(node)] = _rate(node, below, name)
        except TooLarge:
            return None
    return found[id(expr)] or number(0)


def _rate(node: Expr, below: list[Expr | None], name: str) -> Expr | None:
    """The derivative of a node, None for zero."""
    head, args = node.head, node.args
    if head == "variable":
        return number(1) if args[0] == name else None
    if not any(d is not None for d in below):
        return None
    if head in ("+", "-"):
        a, b = below
        if a is None or b is None:
            return a if b is None else b if head == "+" else Expr("neg", (b,))
        return Expr(head, (a, b))
    if head in ("*", "/"):
        a, b = below
        first = None if a is None else _times(a, args[1]) if head == "*" else Expr(head, (a, args[1]))
        if head == "*":
            second = None if b is None else _times(args[0], b)
        else:
            second = None if b is None else Expr("neg", (_times(Expr("/", (node, args[1])), b),))
        return first if second is None else second if first is None else Expr("+", (first, second))
    if head == "**":
        exponent = to_fraction(args[1])
        if exponent is not None and below[0] is not None:
            if exponent in (0, 1):
                return below[0] if exponent else None
            power = Expr("*", (number(exponent), Expr("**", (args[0], number(exponent - 1)))))
            return _times(power, below[0])
        inner = _rate(Expr("*", (args[1], Expr("log", (args[0],)))), [below[1], _log_rate(args[0], below[0])], name)
        return None if inner is None else Expr("*", (node, inner))
    if head not in _TEMPLATES or below[0] is None:
        raise TooLarge
    return _times(_e(_TEMPLATES[head])(args[0], node), below[0])


def _times(a: Expr, b: Expr) -> Expr:
    """a·b, without factors 1."""
    if a.head == "number" and a.args[0] == 1:
        return b
    return a if b.head == "number" and b.args[0] == 1 else Expr("*", (a, b))


def _log_rate(base: Expr, rate: Expr | None) -> Expr | None:
    return None if rate is None else Expr("/", (rate, base))


__all__ = ["Poly", "apply", "derivative"]
