"""The rule ``arc``: x = m + r·cos(k·t) for one real variable with (x − m)/r in [−1, 1], k = 1 or 2.

k·t runs over the arc cosines of its old values, a part of [0, π], where cos is one to one and sin(k·t), sin(k·t/2),
cos(k·t/2) are ≥ 0. So for u = cos(k·t) roots of c·(1 − u²), c·(1 − u), c·(1 + u), c > 0, and arcs of ±u have values
that are replaced exactly; every other node keeps its formula, with x replaced. Source: ours, elementary.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from .cover import Rejected
from .entries import field, parts, rational
from .normal import Normal
from .points import rational_value, sign_of, single
from .reading import Domain, Problem
from .steps import Checker
from .tree import ONE, Tree, make, nodes, number, read, substitute, value_of

PI: Tree = ("constant", "pi")
HALF, TWO = number(Fraction(1, 2)), number(2)


def arc(checker: Checker, step: object, problem: Problem) -> None:
    name, domain = single(problem)
    middle, radius = (rational(field(step, key, str)) for key in ("middle", "radius"))
    turn = number(field(step, "turn", int))
    if domain.integer or not radius or turn not in (ONE, TWO):
        raise Rejected("an angle replaces a real variable, for a radius that is not 0, once or doubled")
    me = ("variable", name)
    old = [domain.low, domain.high] if radius < 0 else [domain.high, domain.low]
    image = [read(text, {}) for text in field(step, "image", list)]
    if len(image) != 2:
        raise Rejected("an angle runs between two ends")
    for end, x in zip(image, old, strict=True):
        if x is None or not _reaches(make("*", turn, end), make("/", make("-", x, number(middle)), number(radius))):
            raise Rejected("the ends of the angle do not belong to the ends of the variable")
    opens = (domain.low_open, domain.high_open) if radius < 0 else (domain.high_open, domain.low_open)
    angle = make("*", turn, me)
    on_circle = {me: make("+", number(middle), make("*", number(radius), me))}
    values = dict(_values(problem.goal.gap, on_circle, angle, me))
    for guard, _ in problem.known:
        values |= dict(_values(guard, on_circle, angle, me))
    values[me] = substitute(on_circle[me], {me: make("cos", angle)})
    changed = problem.replaced(values)
    checker.check(parts(step, 1)[0], checker.relaxed(changed, name, Domain(image[0], image[1], *opens)))


def _reaches(angle: Tree, u: Tree) -> bool:
    """Whether an angle between 0 and π has the cosine u."""
    inside = sign_of(angle) in (0, 1) and sign_of(make("-", PI, angle)) in (0, 1)
    return inside and sign_of(make("-", make("cos", angle), u)) == 0


def _values(tree: Tree, on_circle: dict[Tree, Tree], angle: Tree, me: Tree) -> Iterator[tuple[Tree, Tree]]:
    """The arcs and roots of a formula that have a value in the angle."""
    for node in nodes(tree):
        if node[0] in ("acos", "asin"):
            value = _arc(node[0], substitute(node[1], on_circle), angle, me)
        elif node[0] == "sqrt" or node[0] == "**":
            exponent = value_of(node[2]) if node[0] == "**" else Fraction(1, 2)
            root = _root(substitute(node[1], on_circle), angle, me) if exponent and exponent.denominator == 2 else None
            value = root if root is None or exponent == HALF[1] else make("**", root, number(2 * (exponent or 0)))
        else:
            value = None
        if value is not None:
            yield node, value


def _arc(head: str, u: Tree, angle: Tree, me: Tree) -> Tree | None:
    """acos or asin of u = ± cos(angle)."""
    for sign, value in ((1, angle), (-1, make("-", PI, angle))):
        if Normal({}).is_zero(make("-", u, make("*", number(sign), me))):
            return value if head == "acos" else make("-", make("/", PI, TWO), value)
    return None


def _root(inside: Tree, angle: Tree, me: Tree) -> Tree | None:
    """The root of c·(1 − u²), c·(1 − u) or c·(1 + u) for u = cos(angle) and c > 0."""
    c = rational_value(substitute(inside, {me: number(0)}))
    if c is None or c <= 0:
        return None
    half = make("/", angle, TWO)
    kinds = (
        (make("-", ONE, make("**", me, TWO)), c, make("sin", angle)),
        (make("-", ONE, me), 2 * c, make("sin", half)),
        (make("+", ONE, me), 2 * c, make("cos", half)),
    )
    for pattern, square, wave in kinds:
        if Normal({}).is_zero(make("-", inside, make("*", number(c), pattern))):
            return make("*", make("sqrt", number(square)), wave)
    return None


RULES = {"arc": arc}
