"""Where a formula is undefined on a box, said with the subexpression and a point.

Every operation that can fail puts a condition on a *guard*: 1/g and g**−k need g ≠ 0, tan(a) needs cos(a) ≠ 0,
log(g) and general powers need g > 0, sqrt(g) and fractional powers need g ≥ 0, asin and acos need 1 − g² ≥ 0. A
violation is certain at a point where Arb says so, and somewhere in the box if a continuous guard that must not vanish
takes both signs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from flint import arb, ctx

from ..symbolic.expression import Expr, jumps, names, number, postorder, substitute, to_fraction, to_text
from .elementary import exact
from .interval import position, side
from .tape import DomainError, Formula, build

Box = Sequence[tuple[Expr, Expr]]
Point = tuple[Fraction, ...]
NONZERO, POSITIVE, NONNEGATIVE = "nonzero", "positive", "nonnegative"
CELLS = 1500


class _Guard(NamedTuple):
    node: Expr
    expr: Expr
    kind: str


def check_domain(expr: Expr, variables: Sequence[str], box: Box) -> bool:
    """Search the box for points where the formula is undefined.

    Raises `DomainError` with the subexpression and a point where it is certainly undefined. Returns True if the formula
    is proved defined on the whole box, False if a budget of cells left that open (a guard that only touches zero).

    >>> from attain.symbolic.expression import constant, parse
    >>> unit = [(constant("0"), constant("1"))]
    >>> check_domain(parse("log(x + 1)"), ["x"], unit)
    True
    >>> try: check_domain(parse("2 + 1/(x - 1/2)"), ["x"], unit)
    ... except DomainError as error: print(error)
    1/(x - 1/2) is undefined at x = 0.5
    """
    proved = True
    with ctx.workprec(64):
        for guard in _guards(expr):
            proved = _check(guard, tuple(variables), box, continuous=proved) and proved
    return proved


def _guards(expr: Expr) -> Iterator[_Guard]:
    for node in postorder(expr):
        head, args = node.head, node.args
        if head == "/":
            yield _Guard(node, args[1], NONZERO)
        elif head == "tan":
            yield _Guard(node, Expr("cos", args), NONZERO)
        elif head == "log":
            yield _Guard(node, args[0], POSITIVE)
        elif head == "sqrt":
            yield _Guard(node, args[0], NONNEGATIVE)
        elif head in ("asin", "acos"):
            yield _Guard(node, Expr("-", (number(1), Expr("*", (args[0], args[0])))), NONNEGATIVE)
        elif head == "**":
            exponent = to_fraction(args[1])
            if exponent is None:
                yield _Guard(node, args[0], POSITIVE)
            elif exponent.denominator == 1:
                if exponent < 0:
                    yield _Guard(node, args[0], NONZERO)
            else:
                yield _Guard(node, args[0], POSITIVE if exponent < 0 else NONNEGATIVE)


def _factors(expr: Expr) -> Iterator[Expr]:
    """Continuous functions each zero of which is a zero of ``expr`` (where all is defined)."""
    todo = [expr]
    while todo:
        node = todo.pop()
        if not jumps(node):
            yield node
        if node.head in ("neg", "abs", "sqrt"):
            todo.append(node.args[0])
        elif node.head == "*":
            todo.extend(node.args)
        elif node.head == "/" or (node.head == "**" and (to_fraction(node.args[1]) or 0) > 0):
            todo.append(node.args[0])


@dataclass(frozen=True)
class _Where:
    variables: tuple[str, ...]
    box: Box

    def at(self, point: Point) -> list[arb]:
        return [position(lo, hi, t) for (lo, hi), t in zip(self.box, point, strict=True)]

    def cell(self, low: Point, high: Point) -> list[arb]:
        return [side(lo, hi, a, b) for (lo, hi), a, b in zip(self.box, low, high, strict=True)]

    def error(self, node: Expr, point: Point) -> DomainError:
        used = names(node)
        shown = describe(self.variables, self.box, point)
        return DomainError(to_text(node), {name: text for name, text in shown.items() if name in used})


def _check(guard: _Guard, variables: tuple[str, ...], box: Box, continuous: bool) -> bool:
    """Prove one condition cell by cell, breadth first, trying three points of every open cell."""
    where, value = _Where(variables, box), build(guard.expr, variables, 0)
    count = len(variables)
    queue: list[tuple[Point, Point]] = [((Fraction(0),) * count, (Fraction(1),) * count)]
    done = 0
    open_cells = 0
    while queue and done < CELLS:
        low, high = queue.pop(0)
        done += 1
        if _satisfied(_enclosure(value, where.cell(low, high)), guard.kind):
            continue
        middle = tuple((a + b) / 2 for a, b in zip(low, high, strict=True))
        for point in (low, high, middle):
            if _violated(_enclosure(value, where.at(point)), guard.kind):
                raise where.error(guard.node, point)
        axis = max(range(count), key=lambda i: high[i] - low[i]) if count else 0
        if not count or high[axis] - low[axis] < Fraction(1, 2**40):
            open_cells += 1
            continue
        queue.append((low, (*high[:axis], middle[axis], *high[axis + 1 :])))
        queue.append(((*low[:axis], middle[axis], *low[axis + 1 :]), high))
        if done in (8, 64, 512) and continuous and guard.kind != NONNEGATIVE:
            _look_for_zero(guard, where)
    if (queue or open_cells) and continuous and guard.kind != NONNEGATIVE:
        _look_for_zero(guard, where)
    return not queue and not open_cells


def _enclosure(value: Formula, box: list[arb]) -> arb:
    try:
        return value(box).value
    except DomainError:
        return arb.nan()


def _satisfied(value: arb, kind: str) -> bool:
    if kind == NONZERO:
        return value > 0 or value < 0
    return value > 0 if kind == POSITIVE else value >= 0


def _violated(value: arb, kind: str) -> bool:
    if kind == NONZERO:
        return value == 0
    return value <= 0 if kind == POSITIVE else value < 0


def _look_for_zero(guard: _Guard, where: _Where) -> None:
    """Raise if some factor of the guard takes both signs on a sample: then it vanishes in between."""
    for factor in _factors(guard.expr):
        value = build(factor, where.variables, 0)
        positive: Point | None = None
        negative: Point | None = None
        for point in _sample(len(where.variables)):
            found = _enclosure(value, where.at(point))
            positive = point if found > 0 else positive
            negative = point if found < 0 else negative
            if positive is not None and negative is not None:
                raise where.error(guard.node, _zero_between(value, factor, where, negative, positive))


def _sample(count: int) -> Iterator[Point]:
    for n in range(200):
        yield tuple(_radical_inverse(n, prime) for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29)[:count]) + tuple(
            Fraction(n % 7, 7) for _ in range(count - 10)
        )


def _radical_inverse(n: int, base: int) -> Fraction:
    result, scale = Fraction(0), Fraction(1, base)
    while n:
        n, digit = divmod(n, base)
        result, scale = result + digit * scale, scale / base
    return result


def _zero_between(value: Formula, factor: Expr, where: _Where, negative: Point, positive: Point) -> Point:
    for _ in range(60):
        middle = tuple((a + b) / 2 for a, b in zip(negative, positive, strict=True))
        found = _enclosure(value, where.at(middle))
        if found > 0:
            positive = middle
        elif found < 0:
            negative = middle
        else:
            negative = positive = middle
            break
    middle = tuple((a + b) / 2 for a, b in zip(negative, positive, strict=True))
    simple = tuple(t.limit_denominator(1000) for t in middle)
    return simple if _vanishes(factor, where, simple) else middle


def _vanishes(factor: Expr, where: _Where, point: Point) -> bool:
    values: dict[str, Expr] = {}
    for name, (lo, hi), t in zip(where.variables, where.box, point, strict=True):
        low, high = to_fraction(lo), to_fraction(hi)
        if low is None or high is None:
            return False
        values[name] = number(low + t * (high - low))
    return to_fraction(substitute(factor, values)) == 0


def describe(variables: Sequence[str], box: Box, point: Sequence[Fraction]) -> dict[str, str]:
    """A point of the box, given by its coordinates t ∈ [0, 1] per side, as text: exact and short, or to six digits."""
    shown = {}
    for name, (lo, hi), t in zip(variables, box, point, strict=True):
        low, high = to_fraction(lo), to_fraction(hi)
        if t in (0, 1):
            end = low if t == 0 else high
            shown[name] = to_text(lo if t == 0 else hi) if end is None else _short(end)
        elif low is not None and high is not None:
            shown[name] = _short(low + t * (high - low))
        else:
            shown[name] = f"{float(position(lo, hi, t).mid()):.6g}"
    return shown


def _short(value: Fraction) -> str:
    text = ("-" if value < 0 else "") + to_text(number(abs(value)))
    return f"{float(exact(value).mid()):.6g}" if len(text) > 12 else text
