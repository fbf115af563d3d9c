"""Formulas of claims as nested tuples: built with exact folding of rational numbers, substituted, differentiated.

A tree is ``("number", Fraction)``, ``("variable", name)``, ``("constant", "pi" | "e")`` or ``(head, tree, …)`` with the
heads of `HEADS`. The texts come from `..formula.tree_of`, which the re-check of certificates uses, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from ..formula import CheckError, tree_of

Tree = tuple[Any, ...]
LEAVES = ("number", "variable", "constant")
UNARY = (
    *("neg", "sin", "cos", "tan", "exp", "log", "sqrt", "abs", "tanh", "sinh", "cosh", "atan", "asin", "acos"),
    *("sigmoid", "softplus", "erf", "floor", "ceil", "gamma", "loggamma", "lambertw"),
)
BINARY = ("+", "-", "*", "/", "**", "min", "max")
BITS, EXPONENT, DEPTH = 20_000, 1000, 180


def number(value: Fraction | int) -> Tree:
    """A number as a tree."""
    return ("number", Fraction(value))


ZERO, ONE = number(0), number(1)


def value_of(tree: Tree) -> Fraction | None:
    """The exact value of a number; `make` folds rational arithmetic, so there is no other rational tree."""
    return tree[1] if tree[0] == "number" else None


def make(head: str, *args: Tree) -> Tree:
    """A node; arithmetic on numbers is done at once.

    >>> make("+", number(1), make("/", number(1), number(3)))
    ('number', Fraction(4, 3))
    """
    known = [arg[1] for arg in args if arg[0] == "number"]
    if len(known) < len(args) or head not in _EXACT:
        return (head, *args)
    if head == "**" and (known[1].denominator > 1 or abs(known[1]) > EXPONENT):
        return (head, *args)
    if head in ("/", "**") and ((head == "/" and not known[1]) or (head == "**" and known[1] < 0 and not known[0])):
        raise CheckError("division by zero")
    size = sum(v.numerator.bit_length() + v.denominator.bit_length() for v in known)
    if size * (abs(int(known[1])) + 1 if head == "**" else 1) > BITS:
        raise CheckError("a constant has too many digits")
    return number(_EXACT[head](*known))


_EXACT: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a ** int(b),
    "neg": lambda a: -a,
    "abs": abs,
    "min": min,
    "max": max,
}


def read(text: object, names: Mapping[str, object]) -> Tree:
    """The tree of a formula in the variables ``names``; CheckError if it is none.

    >>> read("logsumexp(x, 0)", {"x": None})
    ('log', ('+', ('exp', ('variable', 'x')), ('exp', ('number', Fraction(0, 1)))))
    """
    if not isinstance(text, str):
        raise CheckError(f"{ascii(text)[:40]} is not a formula")
    return build(tree_of(text, list(names)))


def build(item: list[Any], depth: int = 0) -> Tree:
    """The folded tree of nested lists."""
    from ..formula import _number

    if depth > DEPTH:
        raise CheckError("a formula is too deep")
    head, *rest = item
    if head == "number":
        return number(_number(rest[0]))
    if head == "variable" or (head == "constant" and rest[0] in ("pi", "e")):
        return (head, rest[0])
    if head == "constant":
        raise CheckError(f"unknown name {ascii(rest[0])[:40]}")
    args = [build(arg, depth + 1) for arg in rest]
    if head in ("min", "max") and args:
        while len(args) > 1:
            args[:2] = [make(head, *args[:2])]
        return args[0]
    if head in ("sum", "softmax", "logsumexp") and args:
        terms = args if head == "sum" else [make("exp", a) for a in args]
        whole = _balanced(terms)
        return make("/", terms[0], whole) if head == "softmax" else make("log", whole) if head != "sum" else whole
    if (head in UNARY and len(args) == 1) or (head in BINARY and len(args) == 2):
        return make(head, *args)
    raise CheckError(f"{ascii(head)[:40]} with {len(args)} arguments is not a function")


def _balanced(terms: list[Tree]) -> Tree:
    while len(terms) > 1:
        pairs = [terms[i : i + 2] for i in range(0, len(terms), 2)]
        terms = [make("+", *pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return terms[0]


def nodes(tree: Tree) -> Iterator[Tree]:
    """Every node, children first, left to right."""
    if tree[0] not in LEAVES:
        for child in tree[1:]:
            yield from nodes(child)
    yield tree


def names(tree: Tree) -> set[str]:
    """The variables."""
    return {node[1] for node in nodes(tree) if node[0] == "variable"}


def substitute(tree: Tree, values: Mapping[Tree, Tree]) -> Tree:
    """Replace nodes (variables or others) by trees, and fold again."""
    if tree in values:
        return values[tree]
    return tree if tree[0] in LEAVES else make(tree[0], *(substitute(child, values) for child in tree[1:]))


def at(tree: Tree, point: Mapping[str, Fraction | Tree]) -> Tree:
    """The formula with numbers or constants for its variables."""
    values = {("variable", n): number(x) if isinstance(x, Fraction) else x for n, x in point.items()}
    return substitute(tree, values)


def guards(tree: Tree) -> Iterator[tuple[Tree, str]]:
    """The conditions under which a formula is defined, inner ones first."""
    for node in nodes(tree):
        head = node[0]
        if head == "/":
            yield node[2], "nonzero"
        elif head == "tan":
            yield make("cos", node[1]), "nonzero"
        elif head in ("log", "gamma", "loggamma"):
            yield node[1], "positive"
        elif head == "sqrt":
            yield node[1], "nonnegative"
        elif head in ("asin", "acos"):
            yield make("-", ONE, make("**", node[1], number(2))), "nonnegative"
        elif head == "lambertw":
            yield make("+", make("*", ("constant", "e"), node[1]), ONE), "nonnegative"
        elif head == "**":
            exponent = value_of(node[2])
            if exponent is None:
                yield node[1], "positive"
            elif exponent.denominator > 1:
                yield node[1], "positive" if exponent < 0 else "nonnegative"
            elif exponent < 0:
                yield node[1], "nonzero"


_V: dict[str, str] = {
    "neg": "-1",
    "exp": "exp(u)",
    "log": "1/u",
    "sqrt": "1/(2*sqrt(u))",
    "sin": "cos(u)",
    "cos": "-sin(u)",
    "tan": "1 + tan(u)**2",
    "sinh": "cosh(u)",
    "cosh": "sinh(u)",
    "tanh": "1 - tanh(u)**2",
    "atan": "1/(1 + u**2)",
    "asin": "1/sqrt(1 - u**2)",
    "acos": "-1/sqrt(1 - u**2)",
    "erf": "2*exp(-u**2)/sqrt(pi)",
    "sigmoid": "sigmoid(u)*(1 - sigmoid(u))",
    "softplus": "sigmoid(u)",
    "lambertw": "1/(exp(lambertw(u))*(1 + lambertw(u)))",
}


def derivative(tree: Tree, name: str) -> Tree:
    """d tree / d name; CheckError where a kink, a step or a function without a rule depends on the variable.

    >>> derivative(read("x**2", {"x": None}), "x")
    ('*', ('number', Fraction(2, 1)), ('variable', 'x'))
    """
    head = tree[0]
    if name not in names(tree):
        return ZERO
    if head == "variable":
        return ONE
    rates = [derivative(arg, name) for arg in tree[1:]]
    if head in ("+", "-"):
        return rates[0] if rates[1] == ZERO else make(head, *rates)
    if head == "*":
        return make("+", _product(rates[0], tree[2]), _product(rates[1], tree[1]))
    if head == "/":
        top = make("-", _product(rates[0], tree[2]), _product(rates[1], tree[1]))
        return make("/", top, make("**", tree[2], number(2)))
    if head == "**" and (exponent := value_of(tree[2])) is not None:
        power = tree[1] if exponent == 2 else make("**", tree[1], number(exponent - 1))
        return _product(rates[0], make("*", number(exponent), power))
    if head == "**":
        log = make("*", tree[2], make("log", tree[1]))
        return make("*", tree, derivative(log, name))
    if head not in _V:
        raise CheckError(f"{head} has no derivative rule")
    return _product(rates[0], substitute(read(_V[head], {"u": None}), {("variable", "u"): tree[1]}))


def _product(a: Tree, b: Tree) -> Tree:
    return ZERO if ZERO in (a, b) else b if a == ONE else a if b == ONE else make("*", a, b)
