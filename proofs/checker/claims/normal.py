"""When are two formulas equal? Quotients of polynomials over Q in atoms; a difference with numerator 0 is zero.

Atoms: variables, pi, exp of a monomial, roots of polynomials and primes, logarithms, sin and cos, any other function of
a quotient. exp(a + b) = exp(a)·exp(b), exp(c·log A) = A**c; the logarithm or root of a product is taken factor by
factor where the factors are known to be ≥ 0; sin² = 1 − cos², angle sums and sines of arcs; sinh, cosh, tanh,
sigmoid and softplus are written with exp. Each rule holds at every point where the formula it is applied to is defined.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import factorial, floor

from .quotients import UNIT, Mono, Poly, Quotient, Quotients, TooLarge, direction, key_of, plus, primes, scaled
from .tree import ONE, Tree, make, number, value_of

SIXTHS = {Fraction(0): 0, Fraction(1, 2): 1, Fraction(1): 3}
"""Arc sines in multiples of π/6."""
ODD = ("tan", "asin", "atan", "erf")


class Normal(Quotients):
    """Normal forms where the named variables are > 0 (sign 1) or ≥ 0 (sign 0), or integers.

    >>> from .tree import read
    >>> Normal({"x": 0}).is_zero(read("sqrt(x)*exp(log(1 + x)/2) - sqrt(x**2 + x)", {"x": 0}))
    True
    """

    def note(self, tree: Tree, sign: int) -> None:
        """A formula that is ≥ 0 (sign 0) or > 0 (sign 1) on the domain, if it is a polynomial in atoms."""
        try:
            top, bottom = self.form(tree)
        except TooLarge:
            return
        if bottom == UNIT and top.keys() - {()}:
            key, c = direction(top)
            least, strict = self.noted.get(key, (c, sign))
            self.noted[key] = (c, sign) if c < least else (least, max(strict, sign) if c == least else strict)

    def is_zero(self, tree: Tree) -> bool:
        """Whether the formula is 0 wherever it is defined; False may mean that it was not seen."""
        try:
            return not self.form(tree)[0]
        except TooLarge:
            return False

    # --- functions ---

    def exp(self, a: Quotient) -> Quotient:
        if a[1] != UNIT:
            lead = a[0][min(a[0])]
            return self.atom(("exp*", *key_of((scaled(a[0], 1 / lead), a[1]))), 1, lead)
        found: Quotient = (UNIT, UNIT)
        for mono, c in a[0].items():
            kind = self.kinds[mono[0][0]] if len(mono) == 1 and mono[0][1] == 1 else ("",)
            if kind[0] == "log":
                found = self.mul(found, self.power((dict(kind[1]), UNIT), c))
            else:
                found = self.mul(found, self.atom(("exp", mono), 1, c))
        return found

    def log(self, a: Quotient) -> Quotient:
        if self.sign(a[1]) != 1:
            return self.atom(("log*", *key_of(a)))
        return self.add(self.log_of(a[0]), self.log_of(a[1]), -1)

    def log_of(self, p: Poly) -> Quotient:
        """log p for p > 0, factor by factor."""
        if not p:
            raise TooLarge
        shared = self.common(p, 0)
        rest = self.without(p, shared)
        content = abs(rest[min(rest)])
        total: Poly = {}
        for prime, k in primes(content):
            base = {(): Fraction(prime)}
            total = plus(total, self.atom(("log", tuple(base.items())), 1)[0], k)
        for i, e in sorted(shared.items()):
            kind = self.kinds[i]
            if kind[0] == "exp":
                total = plus(total, {kind[1]: Fraction(1)}, e)
            elif kind[0] == "exp*":
                return self.atom(("log*", *key_of((p, UNIT))))
            elif kind[0] == "root":
                total = plus(total, self.log_of(dict(kind[1]))[0], e)
            else:
                total = plus(total, self.atom(("log", ((((i, Fraction(1)),), Fraction(1)),)))[0], e)
        rest = scaled(rest, 1 / content)
        if rest != UNIT:
            total = plus(total, self.atom(("log", tuple(sorted(rest.items()))))[0])
        return total, UNIT

    def trigonometric(self, a: Quotient) -> tuple[Quotient, Quotient]:
        """(sin a, cos a) by angle sums over the terms of a, whole multiples up to 4 one by one."""
        if a[1] != UNIT or len(a[0]) > 4:
            return self.plain(a)
        s: Quotient = ({}, UNIT)
        c: Quotient = (UNIT, UNIT)
        for mono, k in sorted(a[0].items()):
            if k.denominator == 1 and self.whole_turns(mono):
                sign = self.alternating(mono) if k % 2 else (UNIT, UNIT)
                s, c = self.mul(s, sign), self.mul(c, sign)
                continue
            whole = k.denominator == 1 and abs(k) <= 4
            s1, c1 = self.plain(({mono: Fraction(1) if whole else abs(k)}, UNIT))
            s1 = (scaled(s1[0], Fraction(-1)), s1[1]) if k < 0 else s1
            for _ in range(abs(int(k)) if whole else 1):
                s, c = (
                    self.add(self.mul(s, c1), self.mul(c, s1)),
                    self.add(self.mul(c, c1), self.mul(s, s1), -1),
                )
        return s, c

    def whole_turns(self, mono: Mono) -> bool:
        """Whether a monomial is π times an integer other than 1."""
        pi = self.known.get(("pi",), -1)
        rest = tuple((i, e) for i, e in mono if i != pi)
        return (pi, Fraction(1)) in mono and rest != () and self.whole(rest)

    def alternating(self, mono: Mono) -> Quotient:
        """(−1)ᵐ for a monomial m·π: every power of an integer has its parity."""
        return self.atom(("alternating", *(i for i, _ in mono if i != self.known[("pi",)])))

    def plain(self, a: Quotient) -> tuple[Quotient, Quotient]:
        if not a[0]:
            return ({}, UNIT), (UNIT, UNIT)
        pi = min(self.atom(("pi",), 1)[0])
        if set(a[0]) == {pi} and a[1] == UNIT:
            known = self.turn(a[0][pi] % 2)
            if known is not None:
                return known
        undone = self.undone(a)
        if undone is not None:
            return undone
        cosine = self.atom(("cos", *key_of(a)))
        return self.atom(("sin", *key_of(a))), cosine

    def undone(self, a: Quotient) -> tuple[Quotient, Quotient] | None:
        """The sine and the cosine of asin u, acos u or atan u: u and a root of 1 − u², or of 1/(1 + u²)."""
        kinds = {self.kinds[i] for mono in a[0] for i, e in mono if e == 1}
        if a[1] != UNIT or list(a[0].values()) != [1] or len(kinds) != 1 or len(next(iter(a[0]))) != 1:
            return None
        head, *argument = next(iter(kinds))
        if head not in ("asin", "acos", "atan"):
            return None
        u: Quotient = (dict(argument[0]), dict(argument[1]))
        if head == "atan":
            cosine = self.inverse(self.power(self.add((UNIT, UNIT), self.mul(u, u)), Fraction(1, 2)))
            return self.mul(u, cosine), cosine
        root = self.power(self.add((UNIT, UNIT), self.mul(u, u), -1), Fraction(1, 2))
        return (u, root) if head == "asin" else (root, u)

    def turn(self, t: Fraction) -> tuple[Quotient, Quotient] | None:
        """(sin tπ, cos tπ) for the multiples of π/6 and π/4, 0 ≤ t < 2."""
        flip = Fraction(-1 if t >= 1 else 1)
        t = t % 1
        mirror = Fraction(-1 if t > Fraction(1, 2) else 1)
        if t.denominator in (5, 10):
            return self.fifths(min(t, 1 - t), flip, flip * mirror)
        squares = {Fraction(0): 0, Fraction(1, 6): 1, Fraction(1, 4): 2, Fraction(1, 3): 3, Fraction(1, 2): 4}
        k = squares.get(min(t, 1 - t))
        if k is None:
            return None
        half = [self.of_number(Fraction(n, 4), Fraction(1, 2)) if n else ({}, UNIT) for n in (k, 4 - k)]
        (s, d), (c, f) = half
        return (scaled(s, flip), d), (scaled(c, flip * mirror), f)

    def fifths(self, t: Fraction, side: Fraction, other: Fraction) -> tuple[Quotient, Quotient]:
        """(side·sin tπ, other·cos tπ) for t = k/10: cos(π/5) = (√5 + 1)/4 and sin(π/10) = (√5 − 1)/4."""
        k = int(10 * t)
        quarter: Quotient = ({(): Fraction(1, 4)}, UNIT)
        known = self.add(self.of_number(Fraction(5, 16), Fraction(1, 2)), quarter, 1 if k in (2, 3) else -1)
        rest = self.power(self.add((UNIT, UNIT), self.mul(known, known), -1), Fraction(1, 2))
        sine, cosine = (known, rest) if k % 2 else (rest, known)
        return (scaled(sine[0], side), sine[1]), (scaled(cosine[0], other), cosine[1])

    # --- trees ---

    def tree_of(self, p: Poly) -> Tree:
        """A polynomial in atoms as a formula; what is defined where p came from is defined."""
        terms = [reduce(_times, (self._power(i, e) for i, e in mono), number(c)) for mono, c in sorted(p.items())]
        return reduce(lambda a, b: make("+", a, b), terms, number(0))

    def _power(self, i: int, e: Fraction) -> Tree:
        head, *rest = self.kinds[i]
        if head == "variable":
            tree: Tree = ("variable", rest[0])
        elif head == "alternating":
            turns = {((self.known[("pi",)], Fraction(1)), *((i, Fraction(1)) for i in rest)): Fraction(1)}
            tree = make("cos", self.tree_of(turns))
        elif head == "pi":
            tree = ("constant", "pi")
        elif head == "exp":
            return ("exp", self.tree_of({rest[0]: e}))
        elif head in ("log", "root"):
            base = self.tree_of(dict(rest[0]))
            tree = make("log", base) if head == "log" else base
        else:
            exponent = rest.pop(0) if head == "**" else None
            inside = make("/", *(self.tree_of(dict(part)) for part in rest))
            tree = make(head.rstrip("*"), inside) if exponent is None else make("**", inside, number(exponent))
        return tree if e == 1 else make("**", tree, number(e))

    def form(self, tree: Tree) -> Quotient:
        """The quotient of a formula; `TooLarge` beyond the limits or for a division by zero."""
        head = tree[0]
        if head == "number":
            return ({(): tree[1]} if tree[1] else {}), UNIT
        if head == "variable":
            return self.atom(("variable", tree[1]), self.signs.get(tree[1], -1))
        if head == "constant":
            return self.exp((UNIT, UNIT)) if tree[1] == "e" else self.atom(("pi",), 1)
        a = self.form(tree[1])
        if head == "**":
            exponent = value_of(tree[2])
            if exponent is not None:
                return self.power(a, exponent)
            b = self.form(tree[2])
            constant = not b[0] or (set(b[0]) == {()} and b[1] == UNIT)
            return self.power(a, b[0].get((), Fraction(0))) if constant else self.exp(self.mul(b, self.log(a)))
        if head in ("+", "-"):
            return self.add(a, self.form(tree[2]), 1 if head == "+" else -1)
        if head in ("*", "/"):
            b = self.form(tree[2])
            return self.mul(a, b if head == "*" else self.inverse(b))
        if head in ("min", "max"):
            return self.extremum(head, a, self.form(tree[2]))
        return self.function(head, a)

    def function(self, head: str, a: Quotient) -> Quotient:
        one: Quotient = (UNIT, UNIT)
        match head:
            case "neg":
                return scaled(a[0], Fraction(-1)), a[1]
            case "exp":
                return self.exp(a)
            case "log":
                return self.log(a)
            case "sqrt":
                return self.power(a, Fraction(1, 2))
            case "softplus":
                return self.log(self.add(self.exp(a), one))
            case "sin" | "cos":
                return self.trigonometric(a)[head == "cos"]
            case "tan":
                sine, cosine = self.trigonometric(a)
                return self.mul(sine, self.inverse(cosine))
            case "sinh" | "cosh" | "tanh" | "sigmoid":
                return self.hyperbolic(head, a)
            case "abs":
                return self.extremum("max", a, (scaled(a[0], Fraction(-1)), a[1]))
        return self.opaque(head, a)

    def hyperbolic(self, head: str, a: Quotient) -> Quotient:
        t, one = self.exp(a), (UNIT, UNIT)
        if head == "sigmoid":
            return self.mul(t, self.inverse(self.add(t, one)))
        up, down = self.add(t, self.inverse(t)), self.add(t, self.inverse(t), -1)
        if head == "tanh":
            square = self.mul(t, t)
            return self.mul(self.add(square, one, -1), self.inverse(self.add(square, one)))
        return self.mul(up if head == "cosh" else down, ({(): Fraction(1, 2)}, UNIT))

    def opaque(self, head: str, a: Quotient) -> Quotient:
        value = a[0].get((), Fraction(0)) if set(a[0]) <= {()} and a[1] == UNIT else None
        if not a[0] and head in (*ODD, "lambertw"):
            return {}, UNIT
        if value is not None and head == "floor":
            return self.form(number(floor(value)))
        if value is not None and head == "ceil":
            return self.form(number(-floor(-value)))
        if value is not None and head in ("gamma", "loggamma") and value.denominator == 1 and 1 <= value <= 100:
            whole = self.form(number(factorial(int(value) - 1)))
            return whole if head == "gamma" else self.log(whole)
        if head in ("gamma", "loggamma"):
            return self.gamma(head, a)
        if head == "ceil":
            found = self.opaque("floor", (scaled(a[0], Fraction(-1)), a[1]))
            return scaled(found[0], Fraction(-1)), found[1]
        out = self.integer_part(a) if head == "floor" and a[1] == UNIT else {}
        if out:
            return self.add((out, UNIT), self.opaque("floor", self.add(a, (out, UNIT), -1)))
        if value == 1 and head == "atan":
            return scaled(self.atom(("pi",), 1)[0], Fraction(1, 4)), UNIT
        if head in ("asin", "acos") and value is not None and abs(value) in SIXTHS:
            sixths = SIXTHS[abs(value)] * (1 if value > 0 else -1)
            sixths = sixths if head == "asin" else 3 - sixths
            return scaled(self.atom(("pi",), 1)[0], Fraction(sixths, 6)) if sixths else {}, UNIT
        if head in ODD and a[0] and a[0][min(a[0])] < 0:
            found = self.atom((head, *key_of((scaled(a[0], Fraction(-1)), a[1]))))
            return scaled(found[0], Fraction(-1)), UNIT
        return self.atom((head, *key_of(a)))

    def integer_part(self, a: Quotient) -> Poly:
        """The integer terms of a sum, of its constant term the floor."""
        out = {m: c for m, c in a[0].items() if m and c.denominator == 1 and self.whole(m)}
        below = Fraction(floor(a[0].get((), Fraction(0))))
        return {**out, (): below} if below else out

    def gamma(self, head: str, a: Quotient) -> Quotient:
        """Γ = exp(log Γ); Γ(1/2)² = π; Γ(u + 1) = u·Γ(u), from a constant term in [−4, 4] to one in [0, 1)."""
        if a == ({(): Fraction(1, 2)}, UNIT):
            half = self.power(self.atom(("pi",), 1), Fraction(1, 2))
            return half if head == "gamma" else self.log(half)
        one, c = (UNIT, UNIT), a[0].get((), Fraction(0)) if a[1] == UNIT else Fraction(0)
        if -4 <= c < 0:
            above = self.gamma(head, self.add(a, one))
            return self.mul(above, self.inverse(a)) if head == "gamma" else self.add(above, self.log(a), -1)
        u = self.add(a, one, -1)
        if 1 <= c <= 4 and self.sign(u[0]) == 1:
            rest = self.gamma(head, u)
            return self.mul(u, rest) if head == "gamma" else self.add(self.log(u), rest)
        log = self.atom(("loggamma", *key_of(a)))
        return self.exp(log) if head == "gamma" else log

    def extremum(self, head: str, a: Quotient, b: Quotient) -> Quotient:
        """(a + b ± |a − b|)/2, with |u| as the root of u²."""
        gap = self.add(b, a, -1)
        for side in (1, -1):
            if self.sign(gap[1]) == 1 and self.sign(scaled(gap[0], Fraction(side))) >= 0:
                return b if (side == 1) == (head == "max") else a
        size = self.power(self.mul(gap, gap), Fraction(1, 2))
        twice = self.add(self.add(a, b), size, 1 if head == "max" else -1)
        return self.mul(twice, ({(): Fraction(1, 2)}, UNIT))


def _times(a: Tree, b: Tree) -> Tree:
    return b if a == ONE else make("*", a, b)
