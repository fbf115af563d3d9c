"""Formulas and comparison chains from text: a closed grammar read by precedence climbing, bounded in every way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ...symbolic.tokens import ExpressionError, Token, tokens
from ...symbolic.tree import CONSTANTS, MAX_DIGITS, NAME, Expr, LimitError, Node, node_of, to_text
from ...symbolic.tree import FUNCTIONS as BASIC

UNARY = (*(f for f in BASIC if f not in ("min", "max")), "floor", "ceil", "gamma", "loggamma", "lambertw")
LISTS = ("min", "max", "sum", "logsumexp", "softmax")
MAX_CHARACTERS, MAX_NESTING = 4000, 60
RESERVED = frozenset(("in", "integer", "real", "inf", "infinity", "oo", "nan", "none", "true", "false", "lambda"))
_OPERATORS = r"\*\*|<=|>=|==|[-+*/(),<>\[\]]"
_COMPARISONS = ("<=", "<", ">=", ">", "==")
_HINTS = {"^": "powers are written **", "=": "equality is written ==", "≤": "write <=", "≥": "write >=", "!": "no !="}


@dataclass(frozen=True)
class Relation:
    """``lhs op rhs`` with op one of ``<= < ==``; ``>=`` and ``>`` are turned round.

    >>> Parser("x >= 1", frozenset()).chain()[0].op
    '<='
    """

    lhs: Expr
    op: str
    rhs: Expr

    @property
    def gap(self) -> Expr:
        """rhs − lhs: ≥ 0, > 0 or = 0 is what is said."""
        return Expr("-", (self.rhs, self.lhs))

    def __str__(self) -> str:
        return f"{to_text(self.lhs)} {self.op} {to_text(self.rhs)}"


def _tokens(text: str) -> list[Token]:
    return tokens(text, _OPERATORS, MAX_CHARACTERS, _HINTS, "use numbers, names, + - * / ** ( ) and comparisons")


_LEFT = {"+": 10, "-": 10, "*": 20, "/": 20, "**": 40}


class Parser:
    """Precedence climbing; ``variables`` names that win over constants."""

    def __init__(self, text: str, variables: frozenset[str]) -> None:
        self.text, self.variables, self.tokens = text, variables, _tokens(text)
        self.index = self.nesting = 0

    def error(self, what: str, token: Token, hint: str = "") -> ExpressionError:
        return ExpressionError(what, self.text, token.position, hint)

    def take(self) -> Token:
        token = self.tokens[self.index]
        self.index += token.kind != "end"
        return token

    @property
    def next(self) -> Token:
        return self.tokens[self.index]

    def build(self, head: str, nodes: Sequence[Node], token: Token) -> Node:
        try:
            return node_of(head, nodes)
        except LimitError as limit:
            raise self.error(f"bad {head!r}", token, str(limit)) from None

    def expression(self, power: int = 0) -> Node:
        self.nesting += 1
        token = self.take()
        if self.nesting > MAX_NESTING:
            raise self.error("too deeply nested", token, f"at most {MAX_NESTING} levels")
        left = self.prefix(token)
        while (strength := _LEFT.get(self.next.text, 0)) > power:
            operator = self.take()
            right = self.expression(strength - 1 if operator.text == "**" else strength)
            left = self.build(operator.text, (left, right), operator)
        self.nesting -= 1
        return left

    def prefix(self, token: Token) -> Node:
        if token.kind == "number":
            return self.number(token)
        if token.kind == "name":
            return self.call(token) if self.next.text == "(" else self.name(token)
        if token.text in ("+", "-"):
            operand = self.expression(30)
            return operand if token.text == "+" else self.build("neg", (operand,), token)
        if token.text == "(":
            inner = self.expression()
            self.close(token)
            return inner
        what = "the text ends too early" if token.kind == "end" else f"unexpected {token.text!r}"
        raise self.error(what, token, "a number, a name or ( belongs here")

    def close(self, opened: Token) -> None:
        token = self.take()
        if token.text != ")":
            at = opened if token.kind == "end" else token
            raise self.error("this bracket is never closed" if at is opened else f"unexpected {token.text!r}", at)

    def number(self, token: Token) -> Node:
        mantissa, _, exponent = token.text.lower().partition("e")
        if len(mantissa) > MAX_DIGITS or len(exponent) > 5 or abs(int(exponent or 0)) > MAX_DIGITS:
            raise self.error("number out of range", token, f"at most {MAX_DIGITS} digits")
        value = Fraction(mantissa) * Fraction(10) ** int(exponent or 0)
        return Node(Expr("number", (value,)), 1, 1, value)

    def name(self, token: Token) -> Node:
        name = token.text
        if name in self.variables:
            return Node(Expr("variable", (name,)), 1, 1, None)
        if name in CONSTANTS:
            return Node(Expr("constant", (name,)), 1, 1, None)
        if name in UNARY + LISTS:
            raise self.error(f"{name} without an argument", token, f"write {name}(...)")
        if name.lower() in RESERVED or not NAME.fullmatch(name):
            raise self.error(f"{name[:40]!r} is not a name", token, "names start with a letter")
        return Node(Expr("variable", (name,)), 1, 1, None)

    def call(self, token: Token) -> Node:
        opened, function = self.take(), token.text
        if function not in UNARY + LISTS:
            raise self.error(f"unknown function {function[:40]!r}", token, f"functions are {', '.join(UNARY + LISTS)}")
        arguments = [self.expression()]
        while function in LISTS and self.next.text == ",":
            self.take()
            arguments.append(self.expression())
        self.close(opened)
        if function in ("sum", "logsumexp", "softmax"):
            return self.listed(function, arguments, token)
        if function in ("min", "max") and len(arguments) == 1:
            return arguments[0]
        return self.build(function, arguments, token)

    def listed(self, function: str, arguments: list[Node], token: Token) -> Node:
        terms = arguments if function == "sum" else [self.build("exp", (a,), token) for a in arguments]
        first = terms[0]
        while len(terms) > 1:
            pairs = [terms[i : i + 2] for i in range(0, len(terms), 2)]
            terms = [self.build("+", pair, token) if len(pair) == 2 else pair[0] for pair in pairs]
        if function == "softmax":
            return self.build("/", (first, terms[0]), token)
        return terms[0] if function == "sum" else self.build("log", (terms[0],), token)

    def chain(self) -> list[Relation]:
        """Relations up to the end or a trailing word."""
        sides, ops = [self.expression()], []
        while self.next.text in _COMPARISONS:
            ops.append(self.take().text)
            sides.append(self.expression())
        if not ops:
            raise self.error("no comparison here", self.next, "write <=, <, >=, > or ==")
        return [_relation(a.expr, op, b.expr) for a, op, b in zip(sides, ops, sides[1:], strict=False)]

    def end(self) -> None:
        if self.next.kind != "end":
            raise self.error(f"unexpected {self.next.text[:20]!r}", self.next, "an operator is missing, or one ) or ]")


def _relation(a: Expr, op: str, b: Expr) -> Relation:
    return Relation(b, {">=": "<=", ">": "<"}[op], a) if op in (">=", ">") else Relation(a, op, b)
