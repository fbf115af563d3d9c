"""Branch and bound on ranges: a finite cover of the domain, bounded or not, on each part of which the goal is plain.

A part is settled if some candidate (each of which implies the goal point by point) is enclosed on the right side of
zero: by its values, on the face to which its slopes point, or by the mean value form; or if a side condition is
violated on all of it. Integer variables are rounded inward after every split, so a long prefix is enumerated and the
tail is treated as real.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from flint import arb, ctx

from ...symbolic.tree import Expr
from . import ranges as r
from .algebra import Candidate, candidates, decide, rewrite
from .problem import Clock, Problem, at, constant_sign, whole
from .program import Empty, Program, compile_program
from .ranges import INF, NEG, ZERO, Range
from .step import Step

Box = tuple[Range, ...]


class Split(NamedTuple):
    """An inner node of a cover: the box is cut at ``value`` of the variable; the lower half comes first."""

    name: str
    value: Fraction


OUTSIDE, EMPTY, POINT, NEAR = -1, -2, -3, -4


class Cover(NamedTuple):
    """``proved``; the number of boxes; the tree of the splits in preorder.

    A leaf is the index of the candidate that settles its box, `OUTSIDE` (a condition is violated, or no candidate is
    defined anywhere), `EMPTY` (no integer), `POINT` (one point of integers, decided exactly), or ``NEAR − k`` for the
    k-th place of a cover with places (`near`).
    """

    proved: bool
    boxes: int
    tree: tuple[Split | int, ...] = ()


def settled(value: Range, strict: bool) -> bool:
    """The range is ≥ 0 (> 0 if strict)."""
    return value.positive if strict else value.nonnegative


class Search:
    """How one box is settled or split."""

    def __init__(self, problem: Problem, candidates: Sequence[Expr], total: bool) -> None:
        self.strict, self.total = problem.op == ">", total
        self.programs = [compile_program(c, problem.names) for c in candidates]
        self.conditions = [(compile_program(c.gap, problem.names), c.op) for c in problem.conditions]
        self.integer = [v.integer for v in problem.variables]
        self.order = list(range(len(self.programs)))
        self.false = False  # the first candidate, which is the gap, fails at the centre of a box

    def exact(self, problem: Problem, box: Box) -> bool:
        """Whether the box is one point of integers at which the goal holds exactly."""
        if not box or not all(self.integer) or not all(b.is_point for b in box):
            return False
        whole = [b.lo.unique_fmpz() for b in box]
        if any(k is None or abs(k) > 10**6 for k in whole):
            return False
        point = {v.name: Fraction(int(k)) for v, k in zip(problem.variables, whole, strict=True)}
        sign = constant_sign(at(problem.gap, point), 512)
        return sign == 1 or (sign == 0 and not self.strict)

    def discarded(self, box: Box) -> bool:
        for program, op in self.conditions:
            try:
                value = program(box).value
            except Empty:
                return True
            if value.negative or (op == "<" and value.nonpositive) or (op == "==" and value.positive):
                return True
        return False

    def leaf(self, problem: Problem, box: Box) -> tuple[int | None, dict[int, Range]]:
        """The leaf of a settled box; otherwise None and slopes. The candidate that settled the last box comes first."""
        if self.discarded(box):
            return OUTSIDE, {}
        slopes: dict[int, Range] = {}
        for k in self.order:
            good, found = self.holds(self.programs[k], box)
            slopes = slopes or found
            if good:
                self.order.remove(k)
                self.order.insert(0, k)
                return k, {}
        return (POINT, {}) if self.exact(problem, box) else (None, slopes)

    def holds(self, program: Program, box: Box) -> tuple[bool, dict[int, Range]]:
        try:
            result = program(box, slopes=True)
        except Empty:
            return not self.total, {}  # no point of the box satisfies the conditions
        if self.total and result.cut:
            return False, {}
        if settled(result.value, self.strict):
            return True, {}
        if result.cut:
            return False, {}
        face = self.face(program, box, result.slopes)
        if face or self.mean_value(program, box, result.slopes):
            return True, {}
        return False, result.slopes

    def face(self, program: Program, box: Box, slopes: dict[int, Range]) -> bool:
        """The least value lies on the face that the signs of the slopes point to, where the formula is defined."""
        for _ in range(3):
            smaller = list(box)
            for i, slope in slopes.items():
                end = box[i].lo if slope.nonnegative else box[i].hi if slope.nonpositive else None
                if end is not None and end.is_finite() and not box[i].is_point:
                    smaller[i] = Range(end, end)
            if smaller == list(box):
                return False
            box = tuple(smaller)
            try:
                result = program(box, slopes=True)
            except Empty:
                return False
            if result.cut:
                return False
            if settled(result.value, self.strict):
                return True
            slopes = result.slopes
        return False

    def mean_value(self, program: Program, box: Box, slopes: dict[int, Range]) -> bool:
        if not all(box[i].bounded and slope.bounded for i, slope in slopes.items()):
            return False
        centre = [Range(m, m) if b.bounded else b for b in box for m in [((b.lo + b.hi) / 2).mid()]]
        try:
            result = program(centre)
        except Empty:
            return False
        if result.cut:
            return False
        total = result.value
        wrong = total.nonpositive if self.strict else total.negative
        if wrong and program is self.programs[0] and not self.conditions and not any(self.integer):
            self.false = True
        for i, slope in slopes.items():
            total = r.add(total, r.mul(slope, r.sub(box[i], centre[i])))
        return settled(total, self.strict)

    def axis(self, box: Box, counts: tuple[int, ...], slopes: dict[int, Range]) -> int | None:
        """The axis to split: unbounded ones in turn with the one along which the candidate varies most."""
        free = [i for i, b in enumerate(box) if self.splittable(i, b)]
        if not free:
            return None
        if sum(counts) % 3 == 0:
            return min(free, key=lambda i: counts[i])

        def weight(i: int) -> float:
            slope = slopes.get(i)
            if not box[i].bounded or slope is None or not slope.bounded:
                return 1e300 / 4.0 ** min(counts[i], 400)
            return r.as_float(r.absolute(slope).hi * (box[i].hi - box[i].lo))

        return max(free, key=lambda i: (weight(i), -counts[i]))

    def splittable(self, i: int, b: Range) -> bool:
        if self.integer[i]:
            return bool(b.lo < b.hi)
        if not b.bounded:
            return not (b.lo > arb(2) ** 400) and not (b.hi < -(arb(2) ** 400))
        return bool(b.hi - b.lo > arb(2) ** (16 - ctx.prec) * (abs(b.lo) + abs(b.hi)))

    def split(self, i: int, b: Range, m: arb) -> list[Range]:
        if self.integer[i]:
            return [whole(Range(b.lo, m, b.lo_open, False)), whole(Range(m, b.hi, True, b.hi_open))]
        return [Range(b.lo, m, b.lo_open, False), Range(m, b.hi, False, b.hi_open)]


def middle(b: Range) -> arb:
    """Where to split: the geometric mean of far ends, otherwise the middle; a short dyadic number inside.

    >>> middle(Range(arb(1), INF, False, True))
    4.00000000000000
    """
    if b.lo == NEG and b.hi == INF:
        return ZERO
    if b.hi == INF:
        return arb(0) if b.lo < 0 else arb(1) if b.lo == 0 else _short(b.lo * 4 if b.lo >= 1 else b.lo + 1)
    if b.lo == NEG:
        return -middle(r.neg(b))
    if b.lo > 0 and b.hi > 16 * b.lo:
        found = _short((b.lo * b.hi).sqrt())
    elif b.hi < 0 and b.lo < 16 * b.hi:
        return -middle(r.neg(b))
    else:
        found = ((b.lo + b.hi) / 2).mid()
        with ctx.workprec(24):
            near = (found + 0).mid()
        found = near if near > b.lo and near < b.hi else found
    return found


def _short(value: arb) -> arb:
    with ctx.workprec(12):
        return (value + 0).mid()


def cover(
    problem: Problem,
    candidates: Sequence[Expr],
    most: int,
    clock: Clock,
    bits: int = 64,
    total: bool = False,
    search: Search | None = None,
) -> Cover:
    """Search breadth first for a cover with at most ``most`` boxes; ``total`` also shows that all is defined.

    >>> from attain.symbolic.expression import parse
    >>> from .language import Variable
    >>> problem = Problem((Variable("x"),), (), parse("exp(x) - x"), ">")
    >>> cover(problem, [problem.gap], 200, Clock(10)).proved
    True
    """
    clock.engine = f"a cover of the domain ({most} boxes at most)"
    with ctx.workprec(bits):
        search = search or Search(problem, candidates, total)
        start = tuple(problem.box())
        if any(b.lo > b.hi for b in start):
            return Cover(True, 0, (EMPTY,))
        waiting: deque[tuple[Box, tuple[int, ...], int]] = deque([(start, (0,) * len(start), 0)])
        nodes: list[tuple[Split, int] | int] = [EMPTY]
        while waiting:
            clock.check()
            box, counts, place = waiting.popleft()
            clock.boxes += 1
            leaf, slopes = search.leaf(problem, box)
            if leaf is not None:
                nodes[place] = leaf
                continue
            i = search.axis(box, counts, slopes)
            if i is None or len(nodes) >= most or search.false:
                return Cover(False, len(nodes))
            cut = middle(box[i])
            parts = search.split(i, box[i], cut)
            nodes[place] = (Split(problem.names[i], fraction_of(cut)), len(nodes))
            deeper = (*counts[:i], counts[i] + 1, *counts[i + 1 :])
            for k, part in enumerate(parts):
                if not part.lo > part.hi:
                    waiting.append(((*box[:i], part, *box[i + 1 :]), deeper, len(nodes) + k))
            nodes += [EMPTY, EMPTY]
    return Cover(True, len(nodes), _preorder(nodes))


def cover_step(
    problem: Problem, candidates: Sequence[Candidate], most: int, clock: Clock, bits: int = 64, total: bool = False
) -> Step | None:
    """A step for the goal from a cover with the candidates, or None."""
    clock.bits = max(clock.bits, bits)
    found = cover(problem, [c.expr for c in candidates], most, clock, bits, total)
    if not found.proved:
        return None
    return Step("cover", problem, {"candidates": candidates, "tree": found.tree, "bits": bits, "total": total})


def quick(problem: Problem, clock: Clock, most: int = 60) -> Step | None:
    """A step for an easy goal: by exact algebra or a small cover."""
    with ctx.workprec(64):
        for item in rewrite(problem):
            step = decide(item, problem)
            if step:
                return step
    return None if problem.op == "==" else cover_step(problem, candidates(problem), most, clock)


def _preorder(nodes: Sequence[tuple[Split, int] | int]) -> tuple[Split | int, ...]:
    found: list[Split | int] = []
    stack = [0]
    while stack:
        node = nodes[stack.pop()]
        if isinstance(node, tuple):
            found.append(node[0])
            stack += [node[1] + 1, node[1]]
        else:
            found.append(node)
    return tuple(found)


def fraction_of(value: arb) -> Fraction:
    mantissa, exponent = (int(x) for x in value.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent
