"""A formula as a straight-line program on Arb balls: values, slopes and second derivatives in one forward pass.

`Formula` is what `interval.compile` returns; the meaning of its results is stated in `interval`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from flint import arb, ctx

from ..symbolic.expression import Expr, children, postorder, to_fraction, to_text
from .elementary import KERNELS, Kernel, Undefined, exact, power, power_kernel

MAX_PIECES = 64


class DomainError(ValueError):
    """A formula is undefined: `subexpression` says which part, `point` (variable to text) where, if known."""

    def __init__(self, subexpression: str, point: Mapping[str, str] | None = None) -> None:
        super().__init__(subexpression, point)
        self.subexpression, self.point = subexpression, point

    def __str__(self) -> str:
        shown = self.subexpression if len(self.subexpression) <= 80 else self.subexpression[:77] + "..."
        where = ", ".join(f"{name} = {value}" for name, value in (self.point or {}).items())
        return f"{shown} is undefined" + (f" at {where}" if where else "")


@dataclass(frozen=True, slots=True)
class Jet:
    """Enclosures over a box: the value, a slope (see `interval`), and the Hessian (None at an undecided kink).

    ``gradient`` is empty below order 1, ``hessian`` is None below order 2.
    """

    value: arb
    gradient: tuple[arb, ...]
    hessian: tuple[tuple[arb, ...], ...] | None

    @property
    def finite(self) -> bool:
        """Whether every enclosure given is finite."""
        rows = (self.value, *self.gradient, *(entry for row in self.hessian or () for entry in row))
        return all(entry.is_finite() for entry in rows)


class Piece(NamedTuple):
    """One smooth piece: its jet and the branch taken at every kink (None: hull of too many pieces).

    ``certain``: the box decides every kink so, and the piece is the formula itself on the whole box. ``strict``:
    besides, the two sides of no kink meet on the box, not even at its boundary. ``axes``: the variables of the kinks
    that the box left undecided.
    """

    jet: Jet
    branches: tuple[int, ...] | None
    certain: bool
    strict: bool
    axes: tuple[int, ...]


@dataclass(slots=True)
class _State:
    value: list[Any]
    slope: list[Any]
    bend: list[Any]
    forced: Sequence[int | None] | None = None
    branches: list[int] = field(default_factory=list)
    undecided: list[int] = field(default_factory=list)
    touching: bool = False


class _Slot(NamedTuple):
    row: int
    uses: tuple[int, ...]
    bare: bool


Step = Callable[[_State], None]
Maker = Callable[[_Slot], Step]


class _Builder:
    """One step per distinct subexpression; slots 0 … n−1 are the variables."""

    def __init__(self, variables: tuple[str, ...], order: int) -> None:
        self.variables, self.order = variables, order
        self.kink_axes: list[tuple[int, ...]] = []
        count = len(variables)
        self.slots = [_Slot(i, (i,), True) for i in range(count)]
        self.known: dict[tuple[Any, ...], _Slot] = {}
        self.constant_steps: list[tuple[Step, Expr]] = []
        self.steps: list[tuple[Step, Expr]] = []
        self.zeros = [arb(0)] * count
        self.flat_zeros = [arb(0)] * (count * (count + 1) // 2)

    def build(self, expr: Expr) -> _Slot:
        at: dict[int, _Slot] = {}
        for node in postorder(expr):
            at[id(node)] = self.place(node, [at[id(child)] for child in children(node)])
        return at[id(expr)]

    def place(self, node: Expr, below: list[_Slot]) -> _Slot:
        head = node.head
        if head == "variable":
            if node.args[0] not in self.variables:
                raise ValueError(f"unknown variable {node.args[0]!r}; known: {', '.join(self.variables) or 'none'}")
            return self.slots[self.variables.index(node.args[0])]
        if head in ("number", "constant"):
            return self.add(node, (head, node.args[0]), (), self.fixed(node))
        if head == "**":
            return self.place_power(node, below)
        if head in ("min", "max"):
            result = below[0]
            for other in below[1:]:
                if other is result:
                    continue
                result = self.add(node, (head, result, other), (result, other), self.extremum(head, result, other))
            return result
        if head == "*" and below[0] is below[1]:
            return self.add(
                node, ("**", below[0], Fraction(2)), below[:1], self.unary(power_kernel(Fraction(2)), below[0])
            )
        makers: dict[str, Callable[..., Maker]] = {
            "*": self.product,
            "/": self.quotient,
            "+": self.addition,
            "-": self.subtraction,
            "neg": self.negation,
            "abs": self.absolute,
            "where": self.selection,
        }
        maker = makers.get(head)
        return self.add(node, (head, *below), below, maker(*below) if maker else self.unary(KERNELS[head], below[0]))

    def place_power(self, node: Expr, below: list[_Slot]) -> _Slot:
        base, exponent = below[0], to_fraction(node.args[1])
        if exponent is not None:
            return self.add(node, ("**", base, exponent), (base,), self.unary(power_kernel(exponent), base))
        logarithm = self.add(node, ("log", base), (base,), self.unary(KERNELS["log"], base))
        both = (logarithm, below[1])
        product = self.add(node, ("*", *both), both, self.product(*both))
        return self.add(node, ("exp", product), (product,), self.unary(KERNELS["exp"], product))

    def add(self, node: Expr, key: tuple[Any, ...], below: Sequence[_Slot], make: Maker) -> _Slot:
        if key not in self.known:
            uses = tuple(sorted({i for slot in below for i in slot.uses}))
            slot = _Slot(len(self.slots), uses, False)
            self.slots.append(slot)
            self.known[key] = slot
            (self.steps if uses else self.constant_steps).append((make(slot), node))
        return self.known[key]

    def pairs(self, uses: tuple[int, ...]) -> tuple[tuple[int, int, int], ...]:
        return tuple((p * (p + 1) // 2 + q, p, q) for p in uses for q in uses if q <= p)

    def put(self, k: int, s: _State, value: arb) -> None:
        s.value[k], s.slope[k], s.bend[k] = value, self.zeros, self.flat_zeros

    def fixed(self, node: Expr) -> Maker:
        def make(slot: _Slot) -> Step:
            def step(s: _State) -> None:
                if node.head == "number":
                    self.put(slot.row, s, exact(node.args[0]))
                else:
                    self.put(slot.row, s, arb.pi() if node.args[0] == "pi" else arb.const_e())

            return step

        return make

    def unary(self, kernel: Kernel, a: _Slot) -> Maker:
        i, order, zeros, flat_zeros = a.row, self.order, self.zeros, self.flat_zeros

        def make(slot: _Slot) -> Step:
            k, uses, pairs = slot.row, slot.uses, self.pairs(slot.uses)

            def step(s: _State) -> None:
                value, first, second = kernel(s.value[i], order)
                s.value[k] = value
                if not order or not uses:
                    s.slope[k], s.bend[k] = zeros, flat_zeros
                    return
                below, slope = s.slope[i], zeros[:]
                for p in uses:
                    slope[p] = first * below[p]
                s.slope[k] = slope
                if order < 2:
                    return
                old, bend = s.bend[i], None
                if old is not None:
                    bend = flat_zeros[:]
                    for n, p, q in pairs:
                        square = power(below[p], 2) if p == q else below[p] * below[q]
                        bend[n] = first * old[n] + second * square
                s.bend[k] = bend

            def bare(s: _State) -> None:
                s.value[k], first, second = kernel(s.value[i], order)
                slope, bend = zeros[:], flat_zeros[:]
                slope[i], bend[pairs[0][0]] = first, second
                s.slope[k], s.bend[k] = slope, bend

            return bare if a.bare and order else step

        return make

    def addition(self, a: _Slot, b: _Slot) -> Maker:
        return self.linear(a, b, lambda x, y: x + y)

    def subtraction(self, a: _Slot, b: _Slot) -> Maker:
        return self.linear(a, b, lambda x, y: x - y)

    def negation(self, a: _Slot) -> Maker:
        return self.linear(a, a, lambda x, _: -x)

    def linear(self, a: _Slot, b: _Slot, operate: Callable[[arb, arb], arb]) -> Maker:
        i, j, order, zeros, flat_zeros = a.row, b.row, self.order, self.zeros, self.flat_zeros

        def make(slot: _Slot) -> Step:
            k, uses, pairs = slot.row, slot.uses, self.pairs(slot.uses)

            def step(s: _State) -> None:
                s.value[k] = operate(s.value[i], s.value[j])
                if order:
                    x, y, slope = s.slope[i], s.slope[j], zeros[:]
                    for p in uses:
                        slope[p] = operate(x[p], y[p])
                    s.slope[k] = slope
                if order == 2:
                    x, y, bend = s.bend[i], s.bend[j], None
                    if x is not None and y is not None:
                        bend = flat_zeros[:]
                        for n, _, _ in pairs:
                            bend[n] = operate(x[n], y[n])
                    s.bend[k] = bend

            return step

        return make

    def product(self, a: _Slot, b: _Slot) -> Maker:
        i, j, order, zeros, flat_zeros = a.row, b.row, self.order, self.zeros, self.flat_zeros

        def make(slot: _Slot) -> Step:
            k, uses, pairs = slot.row, slot.uses, self.pairs(slot.uses)

            def step(s: _State) -> None:
                u, v = s.value[i], s.value[j]
                s.value[k] = u * v
                if order:
                    x, y, slope = s.slope[i], s.slope[j], zeros[:]
                    for p in uses:
                        slope[p] = x[p] * v + u * y[p]
                    s.slope[k] = slope
                if order == 2:
                    e, f, bend = s.bend[i], s.bend[j], None
                    if e is not None and f is not None:
                        bend = flat_zeros[:]
                        for n, p, q in pairs:
                            mixed = 2 * (x[p] * y[p]) if p == q else x[p] * y[q] + x[q] * y[p]
                            bend[n] = e[n] * v + u * f[n] + mixed
                    s.bend[k] = bend

            return step

        return make

    def quotient(self, a: _Slot, b: _Slot) -> Maker:
        i, j, order, zeros, flat_zeros = a.row, b.row, self.order, self.zeros, self.flat_zeros

        def make(slot: _Slot) -> Step:
            k, uses, pairs = slot.row, slot.uses, self.pairs(slot.uses)

            def step(s: _State) -> None:
                v = s.value[j]
                if v == 0:
                    raise Undefined
                ratio = s.value[k] = s.value[i] / v
                if order:
                    x, y, slope = s.slope[i], s.slope[j], zeros[:]
                    for p in uses:
                        slope[p] = (x[p] - ratio * y[p]) / v
                    s.slope[k] = slope
                if order == 2:
                    e, f, bend = s.bend[i], s.bend[j], None
                    if e is not None and f is not None:
                        bend = flat_zeros[:]
                        for n, p, q in pairs:
                            mixed = 2 * (slope[p] * y[p]) if p == q else slope[p] * y[q] + slope[q] * y[p]
                            bend[n] = (e[n] - mixed - ratio * f[n]) / v
                    s.bend[k] = bend

            return step

        return make

    def absolute(self, a: _Slot) -> Maker:
        i = a.row

        def make(slot: _Slot) -> Step:
            k, uses, kink = slot.row, slot.uses, self.new_kink(slot)

            def step(s: _State) -> None:
                u = s.value[i]
                branch = _branch(s, kink, 0 if u >= 0 else 1 if u <= 0 else None, u > 0 or u < 0)
                if branch is not None:
                    sign = 1 - 2 * branch
                    self.copy(s, k, i, uses, sign)
                    return
                s.value[k] = arb(0).union(u.abs_upper()).nonnegative_part() if u.is_finite() else arb.nan()
                s.slope[k] = [x.union(-x) for x in s.slope[i]] if self.order else None
                s.bend[k] = None

            return step

        return make

    def extremum(self, head: str, a: _Slot, b: _Slot) -> Maker:
        i, j = (a.row, b.row) if head == "max" else (b.row, a.row)

        def make(slot: _Slot) -> Step:
            k, uses, kink = slot.row, slot.uses, self.new_kink(slot)

            def step(s: _State) -> None:
                u, v = s.value[i], s.value[j]
                branch = _branch(s, kink, 0 if u >= v else 1 if u <= v else None, u > v or u < v)
                if not (u.is_finite() and v.is_finite()):
                    s.value[k], s.slope[k], s.bend[k] = arb.nan(), [arb.nan()] * len(self.zeros), None
                elif branch is not None:
                    larger = i if branch == 0 else j
                    self.copy(s, k, larger if head == "max" else i + j - larger, uses, 1)
                else:
                    s.value[k] = u.max(v) if head == "max" else u.min(v)
                    s.slope[k] = (
                        [x.union(y) for x, y in zip(s.slope[i], s.slope[j], strict=True)] if self.order else None
                    )
                    s.bend[k] = None

            return step

        return make

    def selection(self, c: _Slot, a: _Slot, b: _Slot) -> Maker:
        """a where c ≥ 0, else b: no slope is known where the box leaves that open, as the value may jump."""

        def make(slot: _Slot) -> Step:
            k, uses = slot.row, slot.uses

            def step(s: _State) -> None:
                condition = s.value[c.row]
                if condition >= 0 or condition < 0:
                    self.copy(s, k, a.row if condition >= 0 else b.row, uses, 1)
                    return
                u, v = s.value[a.row], s.value[b.row]
                known = condition.is_finite() and u.is_finite() and v.is_finite()
                s.value[k] = u.union(v) if known else arb.nan()
                s.slope[k] = [arb.nan()] * len(self.zeros) if self.order else None
                s.bend[k] = None

            return step

        return make

    def new_kink(self, slot: _Slot) -> int | None:
        if not slot.uses:
            return None
        self.kink_axes.append(slot.uses)
        return len(self.kink_axes) - 1

    def copy(self, s: _State, k: int, i: int, uses: tuple[int, ...], sign: int) -> None:
        if sign == 1:
            s.value[k], s.slope[k], s.bend[k] = s.value[i], s.slope[i], s.bend[i]
        else:
            bend = s.bend[i]
            s.value[k] = -s.value[i]
            s.slope[k] = [-x for x in s.slope[i]] if self.order else None
            s.bend[k] = None if bend is None else [-x for x in bend]


def _branch(s: _State, kink: int | None, decided: int | None, strict: bool) -> int | None:
    """The branch to follow; None asks for the hull."""
    if kink is None or s.forced is None:
        return decided
    s.touching = s.touching or not strict
    wanted = s.forced[kink]
    branch = wanted if wanted is not None else decided or 0
    if decided != branch:
        s.undecided.append(kink)
    s.branches.append(branch)
    return branch


@dataclass(frozen=True)
class Formula:
    """A compiled formula of the listed variables; call it with one ball per variable to get a `Jet`.

    ``axes`` are the variables (by index) that occur, ``kink_axes`` those below every abs, min and max.
    """

    variables: tuple[str, ...]
    order: int
    axes: tuple[int, ...]
    kink_axes: tuple[tuple[int, ...], ...]
    _root: int
    _slots: int
    _constant_steps: list[tuple[Step, Expr]]
    _steps: list[tuple[Step, Expr]]
    _prepared: dict[int, _State] = field(default_factory=dict, compare=False, repr=False)

    def __call__(self, box: Sequence[arb]) -> Jet:
        """Hull enclosure over the box. DomainError if the formula is undefined on all of it."""
        return self._jet(self._run(box, None))

    def piece(self, box: Sequence[arb], branches: Sequence[int] | None) -> Piece:
        """The smooth piece with the given branches over a box (``branches=None``: the hull)."""
        state = self._run(box, branches)
        return self._piece(state, None if branches is None else tuple(branches))

    def pieces(self, box: Sequence[arb]) -> list[Piece]:
        """All smooth pieces that may be active on the box; the hull alone if there are more than `MAX_PIECES`.

        A piece that is undefined on the whole box comes with non-finite enclosures.
        """
        if not self.kink_axes:
            return [Piece(self(box), (), True, True, ())]
        found: list[Piece] = []
        todo: list[list[int | None]] = [[None] * len(self.kink_axes)]
        while todo:
            if len(found) >= MAX_PIECES:
                return [Piece(self(box), None, False, False, self.axes)]
            forced = todo.pop()
            state = self._run(box, forced)
            found.append(self._piece(state, tuple(state.branches)))
            free = [kink for kink in state.undecided if forced[kink] is None]
            for n, kink in enumerate(free):
                other = forced[:]
                for earlier in free[:n]:
                    other[earlier] = 0
                other[kink] = 1
                todo.append(other)
        return found

    def _piece(self, state: _State, branches: tuple[int, ...] | None) -> Piece:
        certain = not state.undecided
        axes = tuple(sorted({axis for kink in state.undecided for axis in self.kink_axes[kink]}))
        return Piece(self._jet(state), branches, certain, certain and not state.touching, axes)

    def _run(self, box: Sequence[arb], forced: Sequence[int | None] | None) -> _State:
        base = self._prepared.get(ctx.prec) or self._prepare()
        state = _State(base.value[:], base.slope[:], base.bend[:], forced)
        state.value[: len(self.variables)] = box
        _walk(self._steps, state)
        return state

    def _prepare(self) -> _State:
        n = len(self.variables)
        state = _State([None] * self._slots, [None] * self._slots, [None] * self._slots)
        for i in range(n):
            state.slope[i] = [arb(int(i == j)) for j in range(n)]
            state.bend[i] = [arb(0)] * (n * (n + 1) // 2)
        _walk(self._constant_steps, state)
        self._prepared[ctx.prec] = state
        return state

    def _jet(self, state: _State) -> Jet:
        n, flat = len(self.variables), state.bend[self._root]
        value = state.value[self._root]
        if not self.order:
            return Jet(value, (), None)
        gradient = tuple(state.slope[self._root])
        if self.order < 2 or flat is None:
            return Jet(value, gradient, None)
        rows = tuple(tuple(flat[max(p, q) * (max(p, q) + 1) // 2 + min(p, q)] for q in range(n)) for p in range(n))
        return Jet(value, gradient, rows)


def _walk(steps: list[tuple[Step, Expr]], state: _State) -> None:
    for step, node in steps:
        try:
            step(state)
        except Undefined:
            raise DomainError(to_text(node)) from None


def build(expr: Expr, variables: tuple[str, ...], order: int) -> Formula:
    """Compile; ValueError for a variable that is not listed."""
    builder = _Builder(variables, order)
    root = builder.build(expr)
    kinks, slots = tuple(builder.kink_axes), len(builder.slots)
    return Formula(variables, order, root.uses, kinks, root.row, slots, builder.constant_steps, builder.steps)
