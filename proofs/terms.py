"""The term language of the kernel: which SymPy nodes are allowed, when a term is defined, substitution.

Sums are finite, Sum(t, (i, a, b)) with integer ends; a term is *defined* when every denominator is nonzero,
every logarithm and every base of a non-integer power is in range, and every sum has b >= a - 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from .claim import All, Formula, Rel

SMOOTH = (sp.exp, sp.log, sp.sinh, sp.cosh, sp.tanh, sp.sin, sp.cos)
OTHER = (sp.Abs, sp.Max, sp.Min, sp.floor)
ARITHMETIC = (sp.Add, sp.Mul, sp.Pow)


class ProofError(ValueError):
    """A rule was asked for something that it cannot justify."""


@dataclass(frozen=True)
class Condition:
    """base is 'nonzero', 'positive' or 'nonnegative' wherever the index ranges hold."""

    kind: str
    base: sp.Expr
    ranges: tuple[Rel, ...] = ()


def check_term(term: sp.Expr) -> None:
    """Raise ProofError unless every node of the term belongs to the language."""
    if term.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I):
        raise ProofError(f"{term} contains an infinite, undefined or complex number")
    for node in sp.preorder_traversal(term):
        if isinstance(node, sp.Symbol):
            _check_symbol(node)
        elif isinstance(node, AppliedUndef):
            if node.func._kwargs not in _PLAIN_FAMILIES:
                raise ProofError(f"{node} must be declared real and without a sign: state the sign as a hypothesis")
            if node.is_integer and not all(map(whole, node.args)):
                raise ProofError(f"{node} is an integer only at integers: its arguments must be integer terms")
        elif isinstance(node, sp.Sum):
            _check_sum(node)
        elif not (isinstance(node, (sp.Rational, sp.Tuple, *ARITHMETIC, *SMOOTH, *OTHER)) or node in (sp.pi, sp.E)):
            raise ProofError(f"{node} ({type(node).__name__}) is not a term of the proof language")


_PLAIN = (sp.Symbol("x", real=True).assumptions0, sp.Symbol("n", integer=True).assumptions0)
_PLAIN_FAMILIES = (sp.Function("f", real=True)._kwargs, sp.Function("M", integer=True)._kwargs)


def _check_symbol(symbol: sp.Symbol) -> None:
    if symbol.name.startswith("#") and not isinstance(symbol, sp.Dummy):
        raise ProofError(f"the name {symbol.name} is reserved")
    if symbol.assumptions0 not in _PLAIN:
        raise ProofError(f"{symbol} must be declared real or integer and nothing else: state its sign as a hypothesis")


def whole(term: sp.Basic) -> bool:
    """Whether the term is an integer by its shape alone.

    >>> n, x = sp.Symbol("n", integer=True), sp.Symbol("x", real=True)
    >>> whole(n**2 - sp.floor(x)), whole(n / 2)
    (True, False)
    """
    if isinstance(term, (sp.Symbol, AppliedUndef)):
        return bool(term.is_integer)
    if isinstance(term, (sp.Add, sp.Mul, sp.Max, sp.Min)):
        return all(map(whole, term.args))
    if isinstance(term, sp.Pow):
        return whole(term.args[0]) and bool(term.args[1].is_Integer and term.args[1] >= 0)
    return bool(term.is_Integer) or isinstance(term, sp.floor)


def _check_sum(node: sp.Sum) -> None:
    for limit in node.limits:
        if len(limit) != 3 or not all(map(whole, limit)):
            raise ProofError(f"{node} needs an integer index and integer ends")


def check_formula(formula: Formula) -> None:
    """Raise ProofError unless both sides, or the range and body, belong to the language."""
    if isinstance(formula, Rel):
        check_term(formula.lhs)
        check_term(formula.rhs)
        return
    check_term(formula.lower)
    if formula.upper is not None:
        check_term(formula.upper)
    check_formula(formula.body)


def free_symbols(formula: Formula) -> frozenset[sp.Basic]:
    """Free symbols and free function names of a formula."""
    if isinstance(formula, Rel):
        return symbols_of(formula.lhs) | symbols_of(formula.rhs)
    ends = symbols_of(formula.lower) | (frozenset() if formula.upper is None else symbols_of(formula.upper))
    return ends | (free_symbols(formula.body) - {formula.index})


def symbols_of(term: sp.Expr) -> frozenset[sp.Basic]:
    """Free symbols of a term together with the names of its undefined functions."""
    return frozenset(term.free_symbols) | {node.func for node in term.atoms(AppliedUndef)}


def fresh(index: sp.Symbol, taken: frozenset[sp.Basic]) -> sp.Symbol:
    """An integer symbol that is not among `taken`, named after `index`."""
    name = index.name
    while sp.Symbol(name, integer=True) in taken:
        name += "_"
    return sp.Symbol(name, integer=True)


def _captured(mapping: Mapping[sp.Basic, sp.Basic]) -> frozenset[sp.Basic]:
    found: frozenset[sp.Basic] = frozenset()
    for key, value in mapping.items():
        found |= symbols_of(value) | (frozenset() if key.is_Symbol or is_function_name(key) else symbols_of(key))
    return found


def substitute_term(term: sp.Expr, mapping: Mapping[sp.Basic, sp.Basic]) -> sp.Expr:
    """Replace free symbols (or whole terms) by terms and function names by Lambdas, all at once.

    Bound indices are renamed on a clash, so nothing is captured.

    >>> i, n, x = (sp.Symbol(s, integer=True) for s in "inx")
    >>> substitute_term(sp.Sum(x, (i, 1, n)), {x: i})
    Sum(i, (i_, 1, n))
    """
    if not mapping:
        return term
    if term in mapping:
        return mapping[term]
    if isinstance(term, sp.Sum):
        return _substitute_sum(term, mapping)
    if isinstance(term, AppliedUndef) and term.func in mapping:
        rule = mapping[term.func]
        arguments = [substitute_term(argument, mapping) for argument in term.args]
        return substitute_term(rule.expr, dict(zip(rule.variables, arguments, strict=True)))
    if not term.args:
        return term
    arguments = [substitute_term(argument, mapping) for argument in term.args]
    return term if tuple(arguments) == term.args else term.func(*arguments)


def _substitute_sum(term: sp.Sum, mapping: Mapping[sp.Basic, sp.Basic]) -> sp.Expr:
    body = term.function if len(term.limits) == 1 else sp.Sum(term.function, *term.limits[:-1])
    index, lower, upper = term.limits[-1]
    inner = {key: value for key, value in mapping.items() if key != index}
    name = fresh(index, _captured(inner) | symbols_of(body) - {index})
    if name != index:
        body = substitute_term(body, {index: name})
    return sp.Sum(
        substitute_term(body, inner), (name, substitute_term(lower, mapping), substitute_term(upper, mapping))
    )


def substitute_formula(formula: Formula, mapping: Mapping[sp.Basic, sp.Basic]) -> Formula:
    """Capture-avoiding substitution in a formula."""
    if isinstance(formula, Rel):
        return substitute_relation(formula, mapping)
    inner = {key: value for key, value in mapping.items() if key != formula.index}
    name = fresh(formula.index, _captured(inner) | free_symbols(formula.body) - {formula.index})
    body = formula.body if name == formula.index else substitute_formula(formula.body, {formula.index: name})
    upper = None if formula.upper is None else substitute_term(formula.upper, mapping)
    return All(name, substitute_term(formula.lower, mapping), upper, substitute_formula(body, inner))


def substitute_relation(rel: Rel, mapping: Mapping[sp.Basic, sp.Basic]) -> Rel:
    """Capture-avoiding substitution in a relation."""
    return Rel(substitute_term(rel.lhs, mapping), rel.op, substitute_term(rel.rhs, mapping))


def conditions(term: sp.Expr, ranges: tuple[Rel, ...] = ()) -> Iterator[Condition]:
    """What has to hold for the term to be defined."""
    if isinstance(term, sp.Sum):
        index, lower, upper = term.limits[-1]
        body = term.function if len(term.limits) == 1 else sp.Sum(term.function, *term.limits[:-1])
        yield Condition("nonnegative", upper - lower + 1, ranges)
        name = sp.Dummy(index.name, integer=True)
        inner = (*ranges, Rel(lower, "<=", name), Rel(name, "<=", upper))
        yield from conditions(lower, ranges)
        yield from conditions(upper, ranges)
        yield from conditions(substitute_term(body, {index: name}), inner)
        return
    if isinstance(term, sp.Pow):
        yield from _power_conditions(term, ranges)
    elif isinstance(term, sp.log):
        yield Condition("positive", term.args[0], ranges)
    for argument in term.args:
        yield from conditions(argument, ranges)


def _power_conditions(term: sp.Pow, ranges: tuple[Rel, ...]) -> Iterator[Condition]:
    base, exponent = term.args
    if base.is_Rational and base > 0:
        return
    if exponent.is_Integer:
        if exponent < 0:
            yield Condition("nonzero", base, ranges)
    elif exponent.is_Rational and exponent > 0:
        yield Condition("nonnegative", base, ranges)
    else:
        yield Condition("positive", base, ranges)


def formula_conditions(formula: Formula, ranges: tuple[Rel, ...] = ()) -> Iterator[Condition]:
    """What has to hold for a formula to be defined."""
    if isinstance(formula, Rel):
        yield from conditions(formula.lhs, ranges)
        yield from conditions(formula.rhs, ranges)
        return
    for end in (formula.lower, formula.upper):
        yield from () if end is None else conditions(end, ranges)
    name = sp.Dummy(formula.index.name, integer=True)
    renamed = [substitute_relation(rel, {formula.index: name}) for rel in formula.ranges]
    yield from formula_conditions(substitute_formula(formula.body, {formula.index: name}), (*ranges, *renamed))


def applied_conditions(
    term: sp.Expr, mapping: Mapping[sp.Basic, sp.Basic], ranges: tuple[Rel, ...] = ()
) -> Iterator[Condition]:
    """What has to hold for the Lambdas of `mapping` to be defined wherever the term applies them."""
    if isinstance(term, sp.Sum):
        index, lower, upper = term.limits[-1]
        body = term.function if len(term.limits) == 1 else sp.Sum(term.function, *term.limits[:-1])
        name = sp.Dummy(index.name, integer=True)
        low, high = substitute_term(lower, mapping), substitute_term(upper, mapping)
        inner = (*ranges, Rel(low, "<=", name), Rel(name, "<=", high))
        yield from applied_conditions(lower, mapping, ranges)
        yield from applied_conditions(upper, mapping, ranges)
        yield from applied_conditions(substitute_term(body, {index: name}), mapping, inner)
        return
    if isinstance(term, AppliedUndef) and term.func in mapping:
        yield from conditions(substitute_term(term, mapping), ranges)
    for argument in term.args:
        yield from applied_conditions(argument, mapping, ranges)


def formula_applied_conditions(
    formula: Formula, mapping: Mapping[sp.Basic, sp.Basic], ranges: tuple[Rel, ...] = ()
) -> Iterator[Condition]:
    """`applied_conditions` for a formula."""
    if isinstance(formula, Rel):
        yield from applied_conditions(formula.lhs, mapping, ranges)
        yield from applied_conditions(formula.rhs, mapping, ranges)
        return
    for end in (formula.lower, formula.upper):
        yield from () if end is None else applied_conditions(end, mapping, ranges)
    name = sp.Dummy(formula.index.name, integer=True)
    renamed = [substitute_relation(substitute_relation(rel, {formula.index: name}), mapping) for rel in formula.ranges]
    body = substitute_formula(formula.body, {formula.index: name})
    yield from formula_applied_conditions(body, mapping, (*ranges, *renamed))


def is_function_name(key: sp.Basic) -> bool:
    """Whether a key of a substitution names an undefined function rather than a variable."""
    return isinstance(key, UndefinedFunction)
