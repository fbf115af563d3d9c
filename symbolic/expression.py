"""Formulas as users type them: a closed grammar, exact numbers, one-line errors that show the spot.

An expression is read by our own tokenizer and precedence parser; nothing is ever executed. The grammar is

    numbers (exact: ``0.1`` is 1/10), names, ``+ - * / **``, unary ``-``, parentheses, the constants ``pi`` and ``e``,
    the functions of `FUNCTIONS`, where ``min`` and ``max`` take two or more arguments, and for functions with jumps
    ``where(a <= b, u, v)`` (u where the comparison ``<= < >= >`` holds, v elsewhere; both must be defined everywhere),
    ``indicator(a <= b)``, ``step(u)`` (1 for u ≥ 0, else 0) and ``sign(u)``.

``**`` binds tighter than unary minus on its left and groups to the right: ``-x**2`` is ``-(x**2)``. All functions are
real: ``a**(p/q)`` with a fraction that is not an integer needs a ≥ 0, and an exponent that is not a rational constant
means exp(b·log a). `Expr` and what can be asked of it live in `tree`, LaTeX, SymPy and floats in `rendering`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fractions import Fraction

from .rendering import evaluate, to_latex, to_sympy
from .tokens import ExpressionError, Token, tokens
from .tree import (
    CONSTANTS,
    FUNCTIONS,
    MAX_DIGITS,
    MAX_LENGTH,
    MAX_NESTING,
    NAME,
    PIECEWISE,
    Expr,
    LimitError,
    Node,
    children,
    fold,
    from_json,
    is_rational,
    jumps,
    names,
    node_of,
    number,
    postorder,
    substitute,
    to_fraction,
    to_json,
    to_text,
)

__all__ = [
    "CONSTANTS",
    "FUNCTIONS",
    "Expr",
    "ExpressionError",
    "children",
    "constant",
    "evaluate",
    "fold",
    "from_json",
    "is_rational",
    "jumps",
    "names",
    "number",
    "parse",
    "postorder",
    "substitute",
    "to_fraction",
    "to_json",
    "to_latex",
    "to_sympy",
    "to_text",
]

_OPERATORS = r"\*\*|<=|>=|[-+*/(),<>]"
_NOT_NAMES = frozenset(
    ("nan", "inf", "infinity", "none", "true", "false", "lambda", "if", "else", "and", "or", "not", "in", "is", "for")
)
_OTHER_SPELLINGS = {
    "^": "powers are written **",
    "=": "an expression has no =",
    "[": "use round brackets",
    "{": "use round brackets",
    "−": "use the plain minus sign -",
    "–": "use the plain minus sign -",
    "×": "use *",
    "·": "use *",
    "÷": "use /",
    "²": "write **2",
    "³": "write **3",
    "π": "write pi",
    "√": "write sqrt(...)",
}
_OTHER_NAMES = {
    "ln": "log",
    "arctan": "atan",
    "arcsin": "asin",
    "arccos": "acos",
    "fabs": "abs",
    "pow": "**",
    "logistic": "sigmoid",
    "expit": "sigmoid",
    "maximum": "max",
    "minimum": "min",
    "relu": "max(0, ...)",
}


def _tokens(text: str) -> list[Token]:
    return tokens(text, _OPERATORS, MAX_LENGTH, _OTHER_SPELLINGS, "use numbers, names, + - * / ** and ( )")


def _number(token: Token, text: str) -> Fraction:
    mantissa, _, exponent = token.text.lower().partition("e")
    hint = f"at most {MAX_DIGITS} digits and an exponent within ±{MAX_DIGITS}"
    if len(mantissa) > MAX_DIGITS + 1 or len(exponent) > 6 or abs(int(exponent or 0)) > MAX_DIGITS:
        raise ExpressionError("number out of range", text, token.position, hint)
    whole, _, decimals = mantissa.partition(".")
    scale = int(exponent or 0) - len(decimals)
    value = Fraction(int(whole + decimals)) * Fraction(10) ** scale
    if value >= 10 ** (MAX_DIGITS + 1) or (value.denominator > 1 and (value * 10**MAX_DIGITS).denominator > 1):
        raise ExpressionError("number out of range", text, token.position, hint)
    return value


_COMPARISONS = ("<=", "<", ">=", ">")
_LEFT_POWER = {"+": 10, "-": 10, "*": 20, "/": 20, "**": 40}
_UNARY_POWER = 30


class _Parser:
    def __init__(self, text: str, variables: tuple[str, ...] | None) -> None:
        self.text, self.variables = text, variables
        self.tokens, self.index, self.nesting = _tokens(text), 0, 0

    def error(self, what: str, token: Token, hint: str = "") -> ExpressionError:
        return ExpressionError(what, self.text, token.position, hint)

    def build(self, head: str, nodes: Sequence[Node], token: Token) -> Node:
        try:
            return node_of(head, nodes)
        except LimitError as limit:
            raise self.error(f"bad {head!r}", token, str(limit)) from None

    def take(self) -> Token:
        token = self.tokens[self.index]
        self.index += token.kind != "end"
        return token

    def whole(self) -> Node:
        if self.tokens[0].kind == "end":
            raise self.error("empty expression", self.tokens[0], "write a formula such as sin(x) + y**2")
        node = self.expression(0)
        token = self.take()
        if token.kind != "end":
            hint = "this bracket was never opened" if token.text == ")" else "an operator such as * or + is missing"
            hint = "comparisons belong in where(...) or indicator(...)" if token.text in _COMPARISONS else hint
            raise self.error(f"unexpected {token.text[:20]!r}", token, hint)
        return node

    def expression(self, right_power: int) -> Node:
        self.nesting += 1
        token = self.take()
        if self.nesting > MAX_NESTING:
            raise self.error("brackets, signs and powers too deeply nested", token, f"at most {MAX_NESTING} levels")
        left = self.prefix(token)
        while (power := _LEFT_POWER.get(self.tokens[self.index].text, 0)) > right_power:
            operator = self.take()
            # ** groups to the right and takes a signed exponent; the others group to the left
            right = self.expression(power - 1 if operator.text == "**" else power)
            left = self.build(operator.text, (left, right), operator)
        self.nesting -= 1
        return left

    def prefix(self, token: Token) -> Node:
        if token.kind == "number":
            value = _number(token, self.text)
            return Node(Expr("number", (value,)), 1, 1, value)
        if token.kind == "name":
            return self.call(token) if self.tokens[self.index].text == "(" else self.name(token)
        if token.text in ("+", "-"):
            operand = self.expression(_UNARY_POWER)
            return operand if token.text == "+" else self.build("neg", (operand,), token)
        if token.text == "(":
            inner = self.expression(0)
            self.close(token)
            return inner
        if token.kind == "end":
            raise self.error("the expression ends too early", token, "a number, a name or ( belongs here")
        raise self.error(f"unexpected {token.text!r}", token, "a number, a name or ( belongs here")

    def close(self, opened: Token) -> None:
        token = self.take()
        if token.text != ")":
            if token.kind == "end":
                raise self.error("this bracket is never closed", opened, "add )")
            hint = (
                "only min and max take more than one argument" if token.text == "," else ") or an operator belongs here"
            )
            raise self.error(f"unexpected {token.text[:20]!r}", token, hint)

    def call(self, token: Token) -> Node:
        opened, function = self.take(), token.text
        if function in PIECEWISE:
            return self.piecewise(function, token, opened)
        if function not in FUNCTIONS:
            known = f"functions are {', '.join((*FUNCTIONS, *PIECEWISE))}"
            hint = (
                f"write {self.text[token.position : token.end][:20]}*(...) for a product"
                if self.known(function)
                else known
            )
            raise self.error(
                f"unknown function {function[:40]!r}", token, _suggest(function, (*FUNCTIONS, *PIECEWISE)) + hint
            )
        arguments = [self.expression(0)]
        while function in ("min", "max") and self.tokens[self.index].text == ",":
            self.take()
            arguments.append(self.expression(0))
        self.close(opened)
        if function in ("min", "max") and len(arguments) < 2:
            raise self.error(f"{function} of one argument", token, f"{function} takes two or more")
        return self.build(function, arguments, token)

    def piecewise(self, function: str, token: Token, opened: Token) -> Node:
        """where, indicator, step and sign, all as ``where`` nodes."""
        one, zero = _constant_node(1), _constant_node(0)
        if function in ("step", "sign"):
            inside = self.expression(0)
            self.close(opened)
            if function == "step":
                return self.build("where", (inside, one, zero), token)
            below = self.build("where", (inside, zero, self.build("neg", (one,), token)), token)
            return self.build("where", (self.build("neg", (inside,), token), below, one), token)
        left = self.expression(0)
        relation = self.take()
        if relation.text not in _COMPARISONS:
            raise self.error(
                f"{function} without a comparison",
                token,
                f"write {function}(x <= 1/2{'' if function == 'indicator' else ', 1, 0'})",
            )
        right = self.expression(0)
        if relation.text in ("<=", ">"):
            left, right = right, left
        inside = (
            left
            if right.value == 0
            else self.build("neg", (right,), token)
            if left.value == 0
            else self.build("-", (left, right), token)
        )
        values = [one, zero]
        if function == "where":
            values = []
            for _ in range(2):
                comma = self.take()
                if comma.text != ",":
                    raise self.error("where takes a comparison and two values", comma, "write where(x <= 1/2, 1, 0)")
                values.append(self.expression(0))
        self.close(opened)
        return self.build("where", (inside, *(values if "=" in relation.text else values[::-1])), token)

    def known(self, name: str) -> bool:
        return name in CONSTANTS or name in (self.variables or ())

    def name(self, token: Token) -> Node:
        name = token.text
        if self.variables is not None and name in self.variables:
            return Node(Expr("variable", (name,)), 1, 1, None)
        if name in CONSTANTS:
            return Node(Expr("constant", (name,)), 1, 1, None)
        if name in FUNCTIONS or name in PIECEWISE:
            raise self.error(f"{name} without an argument", token, f"write {name}(...)")
        if name.lower() in _NOT_NAMES or not NAME.fullmatch(name):
            hint = "names start with a letter and have at most 64 characters; nan, inf and keywords are not names"
            raise self.error(f"{name[:40]!r} is not a name", token, hint)
        if self.variables is not None:
            known = (
                f"variables are {', '.join(self.variables)}" if self.variables else "only constants are allowed here"
            )
            raise self.error(
                f"unknown name {name[:40]!r}", token, _suggest(name, (*self.variables, *CONSTANTS)) + known
            )
        return Node(Expr("variable", (name,)), 1, 1, None)


def _constant_node(value: int) -> Node:
    return Node(Expr("number", (Fraction(value),)), 1, 1, Fraction(value))


def _suggest(name: str, known: Sequence[str]) -> str:
    found = [_OTHER_NAMES[name]] if name in _OTHER_NAMES else get_close_matches(name[:64], known, 1)
    return f"did you mean {found[0]}? " if found else ""


def parse(text: str, variables: Iterable[str] | None = None) -> Expr:
    """Read a formula. With ``variables`` any other name is an error; a variable named like a constant wins.

    Raises `ExpressionError` for every text that is not a formula, within milliseconds and without recursion trouble:
    at most `MAX_LENGTH` characters, `MAX_NESTING` levels of brackets, `MAX_DIGITS` digits, constant exponents up to
    `MAX_EXPONENT` (nested ones multiplied).

    >>> parse("sin(x) + 0.1*y", ["x", "y"]).head
    '+'
    >>> parse("indicator(x**2 + y**2 <= 1/4)")
    parse('where(1/4 - (x**2 + y**2) >= 0, 1, 0)')
    >>> try: parse("sin(x) + z", ["x", "y"])
    ... except ExpressionError as error: print(error)
    unknown name 'z' at column 10: variables are x, y
    """
    if not isinstance(text, str):
        raise TypeError(f"an expression is a str, not {type(text).__name__}")
    names_ = (variables,) if isinstance(variables, str) else None if variables is None else tuple(variables)
    return _Parser(text, names_).whole().expr


def constant(text: str) -> Expr:
    """A formula without variables: ``1/3``, ``pi/2``, ``1e-3``, ``-2``.

    >>> to_fraction(constant("-1e-3"))
    Fraction(-1, 1000)
    """
    return parse(text, ())
