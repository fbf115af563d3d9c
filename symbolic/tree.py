"""Formula trees: nodes, exact folding, printing as text, and JSON, all without recursion on the tree.

The limits on size are here, in one place for the parser and for untrusted JSON.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

UNARY_FUNCTIONS = (
    *("sin", "cos", "tan", "exp", "log", "sqrt", "abs", "tanh", "sinh", "cosh"),
    *("atan", "asin", "acos", "sigmoid", "softplus", "erf"),
)
FUNCTIONS = (*UNARY_FUNCTIONS, "min", "max")
PIECEWISE = ("where", "indicator", "step", "sign")
CONSTANTS = ("pi", "e")
BINARY = ("+", "-", "*", "/", "**")

MAX_LENGTH = 10_000
MAX_DEPTH = 200
MAX_NESTING = 80
MAX_DIGITS = 400
MAX_EXPONENT = 1000
MAX_BITS = 8192
MAX_NODES = 20_000

NAME = re.compile(r"[A-Za-z][A-Za-z_0-9]{0,63}")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Expr:
    """One node: ``head`` with ``args``.

    Heads: ``number`` (args = one Fraction), ``variable`` and ``constant`` (args = one name), ``neg``, the binary
    ``+ - * / **``, ``where`` (c, a, b: a at the points where c ≥ 0, b elsewhere), and the names in `FUNCTIONS`.
    Equality and hash are structural and never recurse.

    >>> from attain.symbolic.expression import parse
    >>> parse("x + 1/3").args[1]
    parse('1/3')
    """

    head: str
    args: tuple[Any, ...]

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Expr) and _flat(self) == _flat(other))

    def __hash__(self) -> int:
        return hash(_flat(self))

    def __repr__(self) -> str:
        return f"parse({to_text(self)!r})"


def children(expr: Expr) -> tuple[Expr, ...]:
    """The sub-expressions directly below a node (none for numbers, names and constants)."""
    return () if expr.head in ("number", "variable", "constant") else expr.args


def postorder(expr: Expr) -> Iterator[Expr]:
    """Every node, children before parents, left to right; a node object met twice is given once."""
    done: set[int] = set()
    stack = [(expr, False)]
    while stack:
        node, ready = stack.pop()
        if id(node) in done:
            continue
        if ready or not children(node):
            done.add(id(node))
            yield node
        else:
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(children(node)))


def fold(expr: Expr, rule: Callable[[Expr, list[Any]], Any]) -> Any:
    """Bottom-up value of ``rule(node, values of its children)``, without recursion."""
    values: dict[int, Any] = {}
    for node in postorder(expr):
        values[id(node)] = rule(node, [values[id(child)] for child in children(node)])
    return values[id(expr)]


def _flat(expr: Expr) -> tuple[Any, ...]:
    items: list[Any] = []
    stack = [expr]
    while stack:
        node = stack.pop()
        below = children(node)
        items.append((node.head, len(below) if below else node.args))
        stack.extend(below)
    return tuple(items)


# --- limits: one place for parser and from_json -------------------------------------------------------------------


class Node(NamedTuple):
    """A node with what the limits need: height, product of nested |exponents|, exact value if a rational constant."""

    expr: Expr
    height: int
    power: int
    value: Fraction | None


class LimitError(Exception):
    pass


def _bits(value: Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()


def _rational(head: str, values: Sequence[Fraction]) -> Fraction | None:
    """Exact rational operation; None if it is not rational arithmetic; OverflowError beyond `MAX_BITS`."""
    result: Fraction | None = None
    if head == "neg":
        result = -values[0]
    elif head == "+":
        result = values[0] + values[1]
    elif head == "-":
        result = values[0] - values[1]
    elif head == "*":
        result = values[0] * values[1]
    elif head == "/":
        result = values[0] / values[1]
    elif head == "**" and values[1].denominator == 1:
        if _bits(values[0]) * abs(values[1]) > MAX_BITS and values[0] not in (0, 1, -1):
            raise OverflowError
        result = values[0] ** int(values[1])
    elif head == "abs":
        result = abs(values[0])
    elif head in ("min", "max"):
        result = min(values) if head == "min" else max(values)
    elif head == "where":
        result = values[1] if values[0] >= 0 else values[2]
    if result is not None and _bits(result) > MAX_BITS:
        raise OverflowError
    return result


def node_of(head: str, nodes: Sequence[Node]) -> Node:
    height = 1 + max(node.height for node in nodes)
    if height > MAX_DEPTH:
        raise LimitError(f"the expression is more than {MAX_DEPTH} operations deep; group long sums as (a+b)+(c+d)")
    power = max(node.power for node in nodes)
    if head == "**" and nodes[1].value is not None:
        exponent = abs(nodes[1].value)
        if exponent.denominator > MAX_EXPONENT:
            raise LimitError(f"the denominator of a constant exponent is at most {MAX_EXPONENT}")
        power = max(nodes[0].power, 1) * max(1, math.ceil(exponent))
        if power > MAX_EXPONENT:
            raise LimitError(f"constant exponents, nested ones multiplied, are at most {MAX_EXPONENT}")
    if head == "/" and nodes[1].value == 0:
        raise LimitError("division by zero")
    values = [node.value for node in nodes if node.value is not None]
    try:
        value = _rational(head, values) if len(values) == len(nodes) else None
    except ZeroDivisionError:
        raise LimitError("division by zero") from None
    except OverflowError:
        raise LimitError("the constant has too many digits") from None
    return Node(Expr(head, tuple(node.expr for node in nodes)), height, power, value)


def number(value: Fraction | int) -> Expr:
    """A number as an expression (negative ones as ``neg``, so that `to_text` and `parse` agree).

    >>> to_text(number(Fraction(-1, 3)))
    '-(1/3)'
    """
    value = Fraction(value)
    if value < 0:
        return Expr("neg", (number(-value),))
    if decimal(value) is not None:
        return Expr("number", (value,))
    return Expr("/", (Expr("number", (Fraction(value.numerator),)), Expr("number", (Fraction(value.denominator),))))


# --- facts about an expression ------------------------------------------------------------------------------------


def names(expr: Expr) -> tuple[str, ...]:
    """The variables, in order of first appearance.

    >>> from attain.symbolic.expression import parse
    >>> names(parse("y*x + sin(y)"))
    ('y', 'x')
    """
    return tuple(dict.fromkeys(node.args[0] for node in postorder(expr) if node.head == "variable"))


def jumps(expr: Expr) -> tuple[Expr, ...]:
    """The ``where`` nodes: off the zeros of their conditions the formula is one of its branches.

    >>> from attain.symbolic.expression import parse
    >>> jumps(parse("x + step(x - 1/3)"))
    (parse('where(x - 1/3 >= 0, 1, 0)'),)
    """
    return tuple(node for node in postorder(expr) if node.head == "where")


def to_fraction(expr: Expr) -> Fraction | None:
    """The exact value if the expression is rational arithmetic on numbers (bounded in size), else None.

    >>> from attain.symbolic.expression import parse
    >>> to_fraction(parse("2**-3 + 1/2")), to_fraction(parse("pi - pi"))
    (Fraction(5, 8), None)
    """

    def rule(node: Expr, values: list[Fraction | None]) -> Fraction | None:
        if node.head == "number":
            return Fraction(node.args[0])
        known = [value for value in values if value is not None]
        if not values or len(known) < len(values):
            return None
        try:
            return _rational(node.head, known)
        except (ZeroDivisionError, OverflowError):
            return None

    found: Fraction | None = fold(expr, rule)
    return found


def is_rational(expr: Expr) -> bool:
    """Whether `to_fraction` finds an exact rational value."""
    return to_fraction(expr) is not None


def substitute(expr: Expr, values: Mapping[str, Expr]) -> Expr:
    """Replace variables by expressions.

    >>> from attain.symbolic.expression import parse
    >>> substitute(parse("x**2 + y"), {"x": parse("1/3")})
    parse('(1/3)**2 + y')
    """

    def rule(node: Expr, args: list[Expr]) -> Expr:
        if node.head == "variable":
            return values.get(node.args[0], node)
        return Expr(node.head, tuple(args)) if args else node

    result: Expr = fold(expr, rule)
    return result


# --- text and JSON --------------------------------------------------------------------------------------------------


def decimal(value: Fraction) -> str | None:
    """Exact finite decimal of a fraction ≥ 0, or None; long ones in scientific form."""
    twos = fives = 0
    rest = value.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return None
    places = max(twos, fives)
    numerator = int(value * 10**places)
    digits = str(numerator)
    if places == 0 and len(digits) <= 30:
        return digits
    if places and max(places, len(digits)) <= 30:
        digits = digits.rjust(places + 1, "0")
        return f"{digits[:-places]}.{digits[-places:]}"
    exponent = len(digits) - 1 - places
    decimals = digits[1:].rstrip("0")
    return f"{digits[0]}{'.' + decimals if decimals else ''}e{exponent}"


_TEXT_POWER = {"+": 10, "-": 10, "*": 20, "/": 20, "neg": 30, "**": 40}


def to_text(expr: Expr) -> str:
    """Text that `parse` reads back as the same expression.

    >>> from attain.symbolic.expression import parse
    >>> to_text(parse("-(x+1)**2/(3*y)"))
    '-(x + 1)**2/(3*y)'
    """

    def wrap(part: tuple[str, int], least: int) -> str:
        return part[0] if part[1] >= least else f"({part[0]})"

    def rule(node: Expr, parts: list[tuple[str, int]]) -> tuple[str, int]:
        head = node.head
        if head == "number":
            value = node.args[0]
            plain = decimal(value) if value >= 0 else None
            return (plain, 100) if plain is not None else (to_text(number(value)), 10)
        if head in ("variable", "constant"):
            return node.args[0], 100
        if head == "neg":
            return f"-{wrap(parts[0], 30)}", 30
        if head == "**":
            return f"{wrap(parts[0], 41)}**{wrap(parts[1], 30)}", 40
        if head in _TEXT_POWER:
            power = _TEXT_POWER[head]
            gap = " " if power == 10 else ""
            right = wrap(parts[1], 100 if parts[1][0].startswith("-") else power + 1)
            return f"{wrap(parts[0], power)}{gap}{head}{gap}{right}", power
        if head == "where":
            return f"where({parts[0][0]} >= 0, {parts[1][0]}, {parts[2][0]})", 100
        return f"{head}({', '.join(text for text, _ in parts)})", 100

    text: str = fold(expr, rule)[0]
    return text


def to_json(expr: Expr) -> list[Any]:
    """Nested lists: ``["number", "1/3"]``, ``["variable", "x"]``, ``["+", …, …]``.

    >>> from attain.symbolic.expression import parse
    >>> to_json(parse("x/2"))
    ['/', ['variable', 'x'], ['number', '2']]
    """

    def rule(node: Expr, parts: list[Any]) -> list[Any]:
        return [node.head, *(parts if parts else (str(arg) for arg in node.args))]

    result: list[Any] = fold(expr, rule)
    return result


_FRACTION = re.compile(r"[0-9]{1,2500}(?:/[0-9]{1,2500})?")


def from_json(data: object) -> Expr:
    """Inverse of `to_json` for untrusted data: heads, arities, types, names and sizes are checked; else ValueError.

    >>> from_json(["abs", ["variable", "x"]])
    parse('abs(x)')
    >>> from_json(["system", ["variable", "x"]])
    Traceback (most recent call last):
        ...
    ValueError: unknown head 'system' in an expression
    """
    budget = [MAX_NODES]

    def read(item: object, depth: int) -> Node:
        budget[0] -= 1
        if depth > MAX_DEPTH or budget[0] < 0:
            raise ValueError("the expression is too large")
        if not isinstance(item, list) or not item or not isinstance(item[0], str):
            raise ValueError(f"an expression is a list that starts with its head, not {ascii(item)[:60]}")
        head, args = item[0], item[1:]
        if head in ("number", "variable", "constant"):
            return _leaf(head, args)
        arity = {"where": 3, **dict.fromkeys(BINARY, 2)}.get(head, 1)
        arity_ok = len(args) >= 2 if head in ("min", "max") else len(args) == arity
        if head not in (*BINARY, *FUNCTIONS, "neg", "where"):
            raise ValueError(f"unknown head {ascii(head)[:40]} in an expression")
        if not arity_ok:
            raise ValueError(f"{head} with {len(args)} arguments")
        try:
            return node_of(head, [read(arg, depth + 1) for arg in args])
        except LimitError as limit:
            raise ValueError(f"bad {head}: {limit}") from None

    return read(data, 1).expr


def _leaf(head: str, args: list[Any]) -> Node:
    if len(args) != 1 or not isinstance(args[0], str):
        raise ValueError(f"{head} takes one string")
    text = args[0]
    if head == "number":
        if not _FRACTION.fullmatch(text) or Fraction(text.partition("/")[2] or 1) == 0:
            raise ValueError(f"not a number: {ascii(text)[:40]}")
        value = Fraction(text)
        if _bits(value) > MAX_BITS:
            raise ValueError("the number has too many digits")
        return Node(Expr("number", (value,)), 1, 1, value)
    if head == "constant" and text not in CONSTANTS:
        raise ValueError(f"unknown constant {ascii(text)[:40]}")
    if head == "variable" and not NAME.fullmatch(text):
        raise ValueError(f"not a name: {ascii(text)[:40]}")
    return Node(Expr(head, (text,)), 1, 1, None)
