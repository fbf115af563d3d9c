"""Sequence targets: matrix-valued functions of a matrix, entry by entry, with constants that hold for every entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from flint import ctx

from .exact import Real, ball, less
from .expression import Expr, ExpressionError, names, parse
from .rounding import upper
from .shapes import Shape
from .target import Target


@dataclass(frozen=True)
class SequenceTarget:
    """f: K → R^{d_o×n}, K a box of sequences X ∈ R^{d×n} (tokens are columns), in N = d(m + n) real variables.

    Attributes:
        d, n: rows of the input and its tokens.
        outputs: d_o rows of n entries; each an expression in the variables of vec X, columns stacked.
        target: the box of all N sides, and constants that hold for every entry (its `expression` is None); its `shape`
            is the layer for f, with n tokens a cell unless the target already names another.
        memory: m, tokens of a second sequence that f also reads (cross-attention); its columns come first.

    >>> box = Target(((Fraction(0), Fraction(1)),) * 2, {"l2": Fraction(1)})
    >>> swap = sequence_target(1, 2, [["x12", "x11"]], coordinate_names(1, 2), box)
    >>> swap.rows, swap.dim, swap.entry(0, 1).expression
    (1, 2, parse('x11'))
    """

    d: int
    n: int
    outputs: tuple[tuple[Expr, ...], ...]
    target: Target
    memory: int = 0

    def __post_init__(self) -> None:
        if min(self.d, self.n) < 1 or self.memory < 0:
            raise ValueError(f"a sequence needs d, n >= 1 and m >= 0, not d={self.d}, n={self.n}, m={self.memory}")
        if self.target.dim != self.dim or len(self.target.variables) != self.dim:
            raise ValueError(
                f"d(m + n) = {self.dim} coordinates need as many sides and names, "
                f"not {self.target.dim} and {len(self.target.variables)}"
            )
        if not self.outputs or {len(row) for row in self.outputs} != {self.n}:
            raise ValueError(f"outputs: give at least one row, each with {self.n} entries (one a token)")
        shape = self.target.shape or Shape("cross" if self.memory else "tokens", self.d, self.n, self.rows, self.memory)
        if (shape.d, shape.n, shape.rows, shape.m) != (self.d, self.n, self.rows, self.memory):
            raise ValueError(f"the layer {shape} is not one for these sizes")
        object.__setattr__(self, "target", replace(self.target, shape=shape))
        stray = {v for row in self.outputs for e in row for v in names(e)} - set(self.target.variables)
        if stray:
            raise ValueError(f"outputs: {', '.join(sorted(stray))} is not among the variables")

    @property
    def rows(self) -> int:
        """d_o, rows of the output."""
        return len(self.outputs)

    @property
    def dim(self) -> int:
        """N = d(m + n), the number of coordinates."""
        return self.d * (self.memory + self.n)

    def entry(self, row: int, token: int) -> Target:
        """One entry as a scalar target, with the constants that serve all of them."""
        return replace(self.target, expression=self.outputs[row][token])


def coordinate_names(d: int, n: int, letter: str = "x") -> tuple[str, ...]:
    """Names of the entries of a d × n matrix, row before column, columns stacked.

    >>> coordinate_names(2, 2), coordinate_names(1, 10, "k")[-1]
    (('x11', 'x21', 'x12', 'x22'), 'k1_10')
    """
    between = "_" if max(d, n) > 9 else ""
    return tuple(f"{letter}{r}{between}{t}" for t in range(1, n + 1) for r in range(1, d + 1))


def parse_outputs(texts: Sequence[Sequence[str]], variables: Sequence[str]) -> tuple[tuple[Expr, ...], ...]:
    """The entries of f read from text; ValueError names the entry that is not a formula.

    >>> parse_outputs([["x", "y +"]], ("x", "y"))
    Traceback (most recent call last):
    ...
    ValueError: output row 1, token 2: the expression ends too early at column 4: a number, a name or ( belongs here
    """
    return tuple(
        tuple(_parsed(text, variables, f"output row {r}, token {t}") for t, text in enumerate(row, 1))
        for r, row in enumerate(texts, 1)
    )


def _parsed(text: str, variables: Sequence[str], where: str) -> Expr:
    try:
        return parse(text, variables)
    except ExpressionError as error:
        raise ValueError(f"{where}: {error}") from None


def sequence_target(
    d: int, n: int, texts: Sequence[Sequence[str]], variables: Sequence[str], target: Target, memory: int = 0
) -> SequenceTarget:
    """A sequence target from texts (d_o rows of n) in the variables, and the constants `target` that the caller vouches
    for; `proofs.designs.measured_sequence` proves them instead. ValueError in one line where shapes or names are wrong.
    """
    bare = replace(target, expression=None, variables=tuple(variables))
    return SequenceTarget(d, n, parse_outputs(texts, variables), bare, memory)


def common(parts: Sequence[Target]) -> Target:
    """One target whose constants hold for every part: the largest of each (absent where one part lacks it).

    The parts share box, variables and padding; ValueError otherwise. A modulus is kept where all have the same.

    >>> one, two = (Target(((Fraction(0), Fraction(1)),), {"l2": Fraction(L)}) for L in (1, 2))
    >>> common([one, two]).lipschitz
    {'l2': Fraction(2, 1)}
    """
    first = parts[0]
    if any(
        (t.box, t.variables, t.padding, t.hull) != (first.box, first.variables, first.padding, first.hull)
        for t in parts
    ):
        raise ValueError("the entries of a sequence target share one box, one list of variables and one padding")
    shared = [norm for norm in first.lipschitz if all(norm in t.lipschitz for t in parts)]
    axes = [t.axes for t in parts if t.axes is not None]
    hessians = [t.hessian for t in parts if t.hessian is not None]
    spans = [t.osc for t in parts if t.osc is not None]
    return Target(
        box=first.box,
        lipschitz={norm: _largest([t.lipschitz[norm] for t in parts]) for norm in shared},
        axes=tuple(map(_largest, zip(*axes, strict=True))) if len(axes) == len(parts) else None,
        modulus=first.modulus if all(t.modulus == first.modulus for t in parts) else None,
        hessian=_largest(hessians) if len(hessians) == len(parts) else None,
        osc=_largest(spans) if len(spans) == len(parts) else None,
        hull=first.hull,
        padding=first.padding,
        variables=first.variables,
    )


def _largest(values: Sequence[Real]) -> Real:
    """The largest value, rounded up where no precision tells two apart."""
    most = values[0]
    for value in values[1:]:
        if less(most, value):
            most = value
        elif most != value and not less(value, most):
            with ctx.workprec(256):
                most = Fraction(upper(ball(most).max(ball(value)), 40))
    return most
