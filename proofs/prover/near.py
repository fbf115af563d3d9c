"""Covers whose boxes may also be settled by Taylor's formula around places where the gap is zero or very small.

Places are the ends of the domain on which the gap vanishes, and points that Newton's method finds from the middles of
boxes that stay open, recognised as constants if the gap is zero there; otherwise there is slack and a decimal does.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import islice, product

from flint import arb, ctx

from ...symbolic.tree import Expr, names, number, substitute
from . import ranges as r
from .algebra import Candidate
from .cover import NEAR, Box, Search, cover, fraction_of, middle
from .irrational import constants
from .newton import Jet, newton
from .normal import Normaliser, TooLarge
from .problem import Clock, Problem, constant_range, constant_sign
from .program import Empty, compile_program
from .ranges import ONE, ZERO, Range, as_float
from .step import Step
from .taylor import NIL, Expansion, Form

ORDER, GUESSES, ALONE, FEW = 6, 24, 24, 4
FAR, SMALL = 2**8, arb(2) ** -8
PRECISIONS = (64, 128, 256, 512)


def near_step(problem: Problem, chosen: list[Candidate], most: int, clock: Clock) -> Step | None:
    """A step for the goal by a cover with places, or None; without places it stops early.

    >>> from attain.symbolic.expression import parse
    >>> from .language import Variable
    >>> box = (Variable("x", number(-1), number(2)), Variable("y", number(-1), number(2)))
    >>> problem = Problem(box, (), parse("exp(x) + exp(y) + exp(-x-y) - 3"), ">=")
    >>> near_step(problem, [Candidate(problem.gap, "same")], 300, Clock(10)).data["places"][0].flat
    ('x', 'y')
    """
    if problem.op == "==":
        return None
    clock.engine = "Taylor's formula near zeros of the gap"
    smooth = _smoother(problem, chosen)
    if smooth is not None:
        step = near_step(problem.with_gap(smooth.expr, problem.op), [Candidate(smooth.expr, "same")], most, clock)
        return None if step is None else Step("rewritten", problem, {"candidate": smooth}, (step,))
    with ctx.workprec(64):
        search = NearSearch(problem, [c.expr for c in chosen], clock)
    found = cover(problem, [], most, clock, search=search)
    if not found.proved:
        return None
    used = sorted({NEAR - leaf for leaf in found.tree if isinstance(leaf, int) and leaf <= NEAR})
    tree = [NEAR - used.index(NEAR - leaf) if isinstance(leaf, int) and leaf <= NEAR else leaf for leaf in found.tree]
    data = {"candidates": chosen, "tree": tuple(tree), "bits": 64, "total": False}
    if not used:
        return Step("cover", problem, data)
    data["places"] = tuple(search.forms[k].place for k in used)
    return Step("near", problem, data)


def _smoother(problem: Problem, chosen: list[Candidate]) -> Candidate | None:
    """The first formula that is defined at all ends of the domain, if the gap is undefined at one."""
    with ctx.workprec(64):
        box = [r.make(b.lo, b.hi) for b in problem.box()]
    defined = (c for c in chosen if Jet(c.expr, problem.names).on(box) is not None)
    first = next(defined, None)
    return None if first is None or first.how == "same" else first


class NearSearch(Search):
    """`Search`, with leaves ``NEAR − k`` for the k-th place."""

    def __init__(self, problem: Problem, candidates: list[Expr], clock: Clock) -> None:
        super().__init__(problem, candidates, False)
        self.jet, self.domain, self.clock = Jet(problem.gap, problem.names), tuple(problem.box()), clock
        self.forms = [Form(place, problem, self.jet) for place in lines(problem, self.jet, ends(problem))]
        self.open, self.next = 0, 1

    def leaf(self, problem: Problem, box: Box) -> tuple[int | None, dict[int, Range]]:
        leaf, slopes = super().leaf(problem, box)
        if leaf is not None or self.false:
            return leaf, slopes
        leaf = self.by_place(box)
        self.open += 1
        if leaf is None and self.open >= self.next:
            self.next = self.open + 2 + self.open // 2
            self.discover(problem, box)
            leaf = self.by_place(box)
        self.false = self.false or (leaf is None and self.hopeless(box))
        return leaf, slopes

    def hopeless(self, box: Box) -> bool:
        """Whether a box is far out, or small and away from all places, so that its parts will hardly be settled."""
        if not self.forms and self.open > ALONE:
            return True
        if any(not b.bounded and any(e.is_finite() and abs(e) > FAR for e in (b.lo, b.hi)) for b in box):
            return True
        small = all(b.bounded and b.hi - b.lo < SMALL * _width(d) for b, d in zip(box, self.domain, strict=True))
        return small and not any(form.close(box) for form in self.forms)

    def by_place(self, box: Box) -> int | None:
        """The leaf of a box, or of its face to which the slopes of the gap point, that a place settles."""
        few = len(self.forms) <= FEW
        tried = [(k, form) for k, form in enumerate(self.forms) if few or form.close(box)]
        for k, form in tried:
            if form.settles(box, self.strict):
                return NEAR - k
        face = self.lowest(box) if tried else None
        for k, form in tried if face else ():
            if face and form.settles(face, self.strict, False):
                return NEAR - k
        return None

    def lowest(self, box: Box) -> Box | None:
        """The face on which the gap is least, by the signs of its slopes; None if it is the box."""
        try:
            result = self.programs[0](box, slopes=True)
        except Empty:
            return None
        face = list(box)
        for i, slope in result.slopes.items() if not result.cut else ():
            end = box[i].lo if slope.nonnegative else box[i].hi if slope.nonpositive else None
            if end is not None and end.is_finite():
                face[i] = Range(end, end)
        return None if face == list(box) else tuple(face)

    def discover(self, problem: Problem, box: Box) -> None:
        """Look for a place by Newton's method from the middle of a box; note a point where the gap is negative."""
        self.clock.check()
        point = newton(self.jet, self.domain, [middle(b) for b in box], 128)
        if point is None or any(self.same(form, point) for form in self.forms):
            return
        with ctx.workprec(128):
            value = self.jet.near(point)
            if value is None or value < -(arb(2) ** -50):
                self.false = value is not None and not self.conditions and not any(self.integer)
                return
        small = bool(abs(value) < arb(2) ** -40)
        found = diagonals(problem, self.jet, point) if small and len(point) > 1 else []
        exact = self.zero(problem, point) if small and not found else None
        found += lines(problem, self.jet, exact.at) if exact else []
        place = None if found and len(point) == 1 else exact or self.slack(problem, point)
        self.forms += [Form(p, problem, self.jet) for p in (*found, place) if p is not None]

    def same(self, form: Form, point: list[arb]) -> bool:
        pairs = [(point[i], c) for i, c in zip(form.index, form.numbers, strict=True)]
        return len(pairs) == len(point) and all(abs(x - c.lo) < arb(2) ** -16 * (1 + abs(x)) for x, c in pairs)

    def slack(self, problem: Problem, point: list[arb]) -> Expansion | None:
        """A decimal near a point where the gap is positive and its slopes count for less, anywhere in the domain."""
        for bits in PRECISIONS:
            found = newton(self.jet, self.domain, point, bits)
            if found is None:
                return None
            fixed = self.at_end(problem, found)
            chosen = [end or number(_rounded(x, bits // 2)) for x, end in zip(found, fixed, strict=True)]
            with ctx.workprec(bits):
                box = [constant_range(c) for c in chosen]
                value, left = self.jet.on(box), [NIL]
                for name, end, b in zip(problem.names, fixed, self.domain, strict=True):
                    slope = None if end else self.jet.on(box, name)
                    left += [] if slope is None else [r.mul(r.absolute(slope), r.point(_width(b)))]
                if value is not None and value.lo > sum((x.hi for x in left), ZERO):
                    return Expansion(tuple(zip(problem.names, chosen, strict=True)), bits=bits)
        return None

    def at_end(self, problem: Problem, point: list[arb]) -> list[Expr | None]:
        """The ends of the domain that a point has as its coordinates."""
        pairs = zip(problem.variables, self.domain, point, strict=True)
        return [v.low if x == b.lo else v.high if x == b.hi else None for v, b, x in pairs]

    def zero(self, problem: Problem, point: list[arb]) -> Expansion | None:
        """Constants near a point at which the gap is exactly zero."""
        known = self.at_end(problem, point)
        options = [
            [c] if c is not None else constants(as_float(x), 1e-6, 24) for c, x in zip(known, point, strict=True)
        ]
        for found in islice(product(*options), GUESSES):
            numbers = dict(zip(problem.names, found, strict=True))
            with ctx.workprec(256):
                value = self.jet.on([constant_range(c) for c in found])
            if value is None or value.positive or value.negative or not _vanishes(self.jet, numbers):
                continue
            flat = tuple(name for name in problem.names if _vanishes(self.jet, numbers, name))
            return Expansion(tuple(numbers.items()), (), flat, 128)
        return None


def _width(b: Range) -> arb:
    return b.hi - b.lo if b.bounded else ONE


def _rounded(x: arb, bits: int) -> Fraction:
    with ctx.workprec(bits):
        return fraction_of((x + 0).mid())


def _vanishes(jet: Jet, numbers: dict[str, Expr], *by: str) -> bool:
    tree = jet.tree(*by)
    return tree is not None and constant_sign(substitute(tree, numbers), 128) == 0


def lines(problem: Problem, jet: Jet, pairs: Iterable[tuple[str, Expr]]) -> list[Expansion]:
    """Variables at numbers or formulas where the gap vanishes, whatever the others are; and all numbers together.

    >>> from attain.symbolic.expression import parse
    >>> from .language import Variable
    >>> square = tuple(Variable(name, number(0), number(1)) for name in ("x", "y"))
    >>> problem = Problem(square, (), parse("x*y*exp(x) - x**2*y"), ">=")
    >>> [place.orders for place in lines(problem, Jet(problem.gap, problem.names), ends(problem))]
    [(1, 1), (1,), (1,)]
    """
    found = [(pair, order) for pair in pairs if (order := order_at(problem, jet, *pair))]
    single = [Expansion((pair,), (order,)) for pair, order in found]
    numbers = [(pair, order) for pair, order in found if not names(pair[1])]
    different = len({name for (name, _), _ in numbers}) == len(numbers) > 1
    together = Expansion(tuple(pair for pair, _ in numbers), tuple(order for _, order in numbers))
    return [together, *single] if different else single


def ends(problem: Problem) -> list[tuple[str, Expr]]:
    """The ends of all domains."""
    return [(v.name, end) for v in problem.variables for end in (v.low, v.high) if end is not None]


def order_at(problem: Problem, jet: Jet, name: str, c: Expr) -> int | None:
    """The order of the first derivative in a variable that does not vanish where it is c; None if 0 or unknown."""
    box, signs = list(problem.box()), problem.signs()
    try:
        box[problem.names.index(name)] = compile_program(c, problem.names)(box).value
    except Empty:
        return None
    for k in range(ORDER + 1):
        tree = jet.tree(*[name] * k)
        if tree is None or jet.on(box, *[name] * k) is None:
            return None
        if not _zero(substitute(tree, {name: c}), signs):
            return k
    return None


def diagonals(problem: Problem, jet: Jet, point: list[arb]) -> list[Expansion]:
    """Places with all but one variable as simple formulas in that one, on which the gap and its gradient vanish."""
    found, signs = [], problem.signs()
    for base, x in zip(problem.names, point, strict=True):
        images = [_image(base, x, y) for y in point]
        swap = {name: c for name, c in zip(problem.names, images, strict=True) if name != base and c is not None}
        if len(swap) < len(problem.names) - 1:
            continue
        if len(swap) == 1 and (order := order_at(problem, jet, *next(iter(swap.items())))):
            return [Expansion(tuple(swap.items()), (order,))]
        trees = [jet.tree(), *(jet.tree(name) for name in swap)]
        if all(tree is not None and _zero(substitute(tree, swap), signs) for tree in trees):
            found.append(Expansion(tuple(swap.items()), (), tuple(swap)))
            break
    return found


def _image(base: str, x: arb, y: arb) -> Expr | None:
    """y as a formula in the variable ``base``, which is x: itself, its negative, its reciprocal, or 1 minus it."""
    me = Expr("variable", (base,))
    forms = [(x, me), (-x, Expr("neg", (me,))), (1 - x, Expr("-", (number(1), me)))]
    forms += [] if x == 0 else [(1 / x, Expr("/", (number(1), me)))]
    return next((form for value, form in forms if abs(value - y) < arb(2) ** -20), None)


def _zero(formula: Expr, signs: dict[str, int]) -> bool:
    """Whether a formula has the normal form 0."""
    if not names(formula):
        return constant_sign(formula, 128) == 0
    try:
        return not Normaliser(signs).form(formula).top
    except TooLarge:
        return False
