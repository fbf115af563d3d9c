"""Statements, evidence and verdicts: what is claimed, how it is known, and the outcome.

A `Formula` is a relation `Rel` between two real terms or a bounded quantification `All`. A `Sequent` is a
formula under hypotheses, read for all real (integer, function) values of its free symbols; domains of
variables are hypotheses like any other. A `Claim` is a named tuple of sequents that are proved together.
Terms are SymPy expressions over symbols that are declared real or integer and carry no sign assumption.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import sympy as sp

RELATIONS = ("==", "<=", "<")


class Evidence(IntEnum):
    """How something is known; larger is stronger.

    >>> Evidence.EXACT > Evidence.ENCLOSED > Evidence.SAMPLED
    True
    >>> str(Evidence.ENCLOSED)
    'enclosed'
    """

    SAMPLED = 0
    ENCLOSED = 1
    EXACT = 2
    FORMAL = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Rel:
    """lhs == rhs, lhs <= rhs or lhs < rhs between real terms.

    >>> x = real("x")
    >>> ge(x, 1)
    1 <= x
    """

    lhs: sp.Expr
    op: str
    rhs: sp.Expr

    def __post_init__(self) -> None:
        if self.op not in RELATIONS:
            raise ValueError(f"unknown relation {self.op!r}; use one of {', '.join(RELATIONS)}")

    @property
    def gap(self) -> sp.Expr:
        """rhs - lhs: zero for '==', at least 0 for '<=', above 0 for '<'."""
        return self.rhs - self.lhs

    def __repr__(self) -> str:
        return f"{self.lhs} {self.op} {self.rhs}"


@dataclass(frozen=True)
class All:
    """body for every integer `index` with lower <= index <= upper; `upper` None means no upper end.

    >>> i, n = integer("i"), integer("n")
    >>> All(i, 1, n, ge(function("p")(i), 0))
    for all i in 1..n: 0 <= p(i)
    """

    index: sp.Symbol
    lower: sp.Expr
    upper: sp.Expr | None
    body: Formula

    def __post_init__(self) -> None:
        if not (isinstance(self.index, sp.Symbol) and self.index.is_integer):
            raise ValueError(f"the index {self.index} of a quantifier must be an integer symbol")
        object.__setattr__(self, "lower", number(self.lower))
        if self.upper is not None:
            object.__setattr__(self, "upper", number(self.upper))
        for end in (self.lower, self.upper):
            if end is not None and end.has(self.index):
                raise ValueError(f"the range end {end} contains its own index {self.index}")

    @property
    def ranges(self) -> tuple[Rel, ...]:
        """The relations lower <= index and, if there is one, index <= upper."""
        low = Rel(self.lower, "<=", self.index)
        return (low,) if self.upper is None else (low, Rel(self.index, "<=", self.upper))

    def __repr__(self) -> str:
        return f"for all {self.index} in {self.lower}..{'' if self.upper is None else self.upper}: {self.body}"


Formula = Rel | All


def innermost(formula: Formula) -> Rel:
    """The relation inside all quantifiers.

    >>> i = integer("i")
    >>> innermost(All(i, 1, 2, ge(i, 0)))
    0 <= i
    """
    return innermost(formula.body) if isinstance(formula, All) else formula


def number(value: sp.Expr | int) -> sp.Expr:
    """A SymPy term from a term, an int or a Fraction; floats and strings are refused.

    >>> number(2)
    2
    """
    if isinstance(value, sp.Basic):
        return value
    if isinstance(value, bool) or not hasattr(value, "numerator"):
        raise TypeError(f"{value!r} is not an exact term; use an int, a Fraction or a SymPy expression")
    return sp.Rational(value.numerator, value.denominator)


def le(lhs: sp.Expr | int, rhs: sp.Expr | int) -> Rel:
    """lhs <= rhs."""
    return Rel(number(lhs), "<=", number(rhs))


def lt(lhs: sp.Expr | int, rhs: sp.Expr | int) -> Rel:
    """lhs < rhs."""
    return Rel(number(lhs), "<", number(rhs))


def ge(lhs: sp.Expr | int, rhs: sp.Expr | int) -> Rel:
    """lhs >= rhs, stored as rhs <= lhs."""
    return le(rhs, lhs)


def gt(lhs: sp.Expr | int, rhs: sp.Expr | int) -> Rel:
    """lhs > rhs, stored as rhs < lhs."""
    return lt(rhs, lhs)


def eq(lhs: sp.Expr | int, rhs: sp.Expr | int) -> Rel:
    """lhs == rhs."""
    return Rel(number(lhs), "==", number(rhs))


def real(name: str) -> sp.Symbol:
    """A real variable; its domain is stated as hypotheses, never as a SymPy assumption."""
    return sp.Symbol(name, real=True)


def integer(name: str) -> sp.Symbol:
    """An integer variable (sizes and indices)."""
    return sp.Symbol(name, integer=True)


def function(name: str) -> sp.Function:
    """A real-valued family such as scores s(i) or coordinates v(j, k); its arguments are indices.

    >>> function("s")(integer("i")).is_real
    True
    """
    return sp.Function(name, real=True)


def count(name: str) -> sp.Function:
    """An integer-valued family such as the number of cells M(n).

    >>> count("M")(integer("n")).is_integer
    True
    """
    return sp.Function(name, integer=True)


@dataclass(frozen=True)
class Sequent:
    """A formula under hypotheses, for all values of the free symbols.

    >>> x = real("x")
    >>> Sequent((ge(x, 1),), ge(x, 0))
    1 <= x  |-  0 <= x
    """

    hypotheses: tuple[Formula, ...]
    conclusion: Formula

    @property
    def relation(self) -> Rel:
        """The relation of the conclusion, inside its quantifiers."""
        return innermost(self.conclusion)

    def __repr__(self) -> str:
        return f"{', '.join(map(str, self.hypotheses))}  |-  {self.conclusion}"


@dataclass(frozen=True)
class Claim:
    """A named conjunction of sequents.

    >>> x = real("x")
    >>> claim("square", (), ge(x**2, 0)).parts[0].conclusion
    0 <= x**2
    """

    name: str
    parts: tuple[Sequent, ...]


def claim(name: str, hypotheses: tuple[Formula, ...], *conclusions: Formula) -> Claim:
    """The claim that all `conclusions` hold under the same hypotheses."""
    return Claim(name, tuple(Sequent(tuple(hypotheses), conclusion) for conclusion in conclusions))


@dataclass(frozen=True)
class Verdict:
    """The outcome for one claim.

    status: 'proved', 'refuted' (with a witness), 'undecided' or 'error'; evidence is None unless proved or
    refuted; steps: the rule applications in order; seconds: an observation, a float.
    """

    name: str
    status: str
    evidence: Evidence | None = None
    steps: tuple[str, ...] = field(default=(), repr=False)
    witness: str | None = None
    seconds: float = 0.0
    why: str = ""
