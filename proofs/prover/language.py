"""Claims as text: comparison chains over formulas, domains of variables and side conditions, read by a closed grammar.

Formulas are those of `attain.symbolic.expression` and besides the functions ``floor ceil gamma loggamma lambertw``
and, over a list of arguments, ``sum logsumexp softmax`` (``softmax(a, b, …)`` is the weight of its first argument).
All functions are real: gamma and loggamma need an argument > 0, lambertw (principal branch) one ≥ −1/e.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...symbolic.expression import ExpressionError
from ...symbolic.tree import NAME, Expr, names, postorder
from .parser import LISTS, MAX_CHARACTERS, RESERVED, UNARY, Parser, Relation

MAX_VARIABLES, MAX_NODES = 16, 1500


__all__ = ["Claim", "Relation", "Variable", "from_table", "parse_claim"]


@dataclass(frozen=True)
class Variable:
    """A variable on an interval; an end that is None is infinite. ``integer`` restricts it to whole numbers."""

    name: str
    low: Expr | None = None
    high: Expr | None = None
    low_open: bool = False
    high_open: bool = False
    integer: bool = False


@dataclass(frozen=True)
class Claim:
    """All ``goals`` hold for all values of the variables that satisfy the conditions.

    >>> claim = parse_claim("x*exp(-x) <= 1/e", ["x >= 0"])
    >>> claim.variables[0].high is None, str(claim.goals[0])
    (True, 'x*exp(-x) <= 1/e')
    """

    text: str
    variables: tuple[Variable, ...]
    conditions: tuple[Relation, ...]
    goals: tuple[Relation, ...]
    name: str = field(default="claim")
    where: tuple[str, ...] = ()


_IN = re.compile(
    r"\s*(?P<names>[A-Za-z_][\w]*(?:\s*,\s*[A-Za-z_]\w*)*)\s+(?P<word>in|integer|real)\b(?P<rest>.*)", re.S
)
_INF = re.compile(r"\s*(?P<sign>[-+]?)\s*(?:inf|infinity|oo)\s*")


def _declared(text: str) -> list[str]:
    """The names that a condition declares even if they are constants: ``e in …``, ``e integer``, ``e real``."""
    match = _IN.match(text)
    return [name.strip() for name in match["names"].split(",")] if match else []


def parse_claim(text: str, where: Iterable[str] = (), name: str = "claim") -> Claim:
    """Read a claim and its conditions; raises `ExpressionError` or ValueError, one line each.

    Conditions are ``x in [0, 1)``, ``x, y in (0, inf)``, ``n >= 2 integer``, ``0 < t < 1``, ``x real`` and
    any other comparison chain (a side condition). A name that is nowhere bounded is real and unbounded.

    >>> parse_claim("n**2 >= n", ["n >= 2 integer"]).variables[0].integer
    True
    """
    conditions = list(where)
    for item in (text, *conditions):
        if not isinstance(item, str):
            raise ValueError(f"a claim is text, not {type(item).__name__}")
        if len(item) > MAX_CHARACTERS:
            raise ExpressionError(f"text of {len(item)} characters", item, MAX_CHARACTERS, f"at most {MAX_CHARACTERS}")
    if len(conditions) > 100:
        raise ValueError(f"{len(conditions)} conditions: at most 100")
    declared = frozenset(n for item in conditions for n in _declared(item))
    parser = Parser(text, declared)
    goals = parser.chain()
    parser.end()
    reader = _Conditions(declared)
    for item in conditions:
        reader.read(item)
    used = [n for goal in (*goals, *reader.relations) for side in (goal.lhs, goal.rhs) for n in names(side)]
    for variable in dict.fromkeys(used):
        reader.known.setdefault(variable, Variable(variable))
    _limits(text, goals, reader)
    return Claim(text, tuple(reader.known.values()), tuple(reader.relations), tuple(goals), name, tuple(conditions))


def _limits(text: str, goals: Sequence[Relation], reader: _Conditions) -> None:
    if len(reader.known) > MAX_VARIABLES:
        raise ExpressionError(f"{len(reader.known)} variables", text, 0, f"at most {MAX_VARIABLES}")
    nodes = sum(1 for r in (*goals, *reader.relations) for side in (r.lhs, r.rhs) for _ in postorder(side))
    if nodes > MAX_NODES:
        raise ExpressionError(f"{nodes} operations", text, 0, f"at most {MAX_NODES}")


class _Conditions:
    def __init__(self, declared: frozenset[str]) -> None:
        self.declared = declared
        self.known: dict[str, Variable] = {}
        self.relations: list[Relation] = []

    def read(self, text: str) -> None:
        match = _IN.match(text)
        if match:
            for name in match["names"].split(","):
                self.word(text, name.strip(), match["word"], match["rest"])
            return
        parser = Parser(text, self.declared)
        links = parser.chain()
        integer = parser.next.text == "integer"
        if parser.next.text in ("integer", "real"):
            parser.take()
            subjects = {s.args[0] for r in links for s in (r.lhs, r.rhs) if s.head == "variable"}
            if len(subjects) != 1:
                raise parser.error("which variable is meant?", parser.next, "write n >= 2 integer, or n integer")
            if integer:
                self.change(subjects.pop(), integer=True)
        parser.end()
        for link in links:
            self.link(link)

    def word(self, text: str, name: str, word: str, rest: str) -> None:
        if not NAME.fullmatch(name) or name.lower() in RESERVED or name in UNARY + LISTS:
            raise ExpressionError(f"{name[:40]!r} is not a name", text, 0, "names start with a letter")
        self.change(name, integer=word == "integer")
        if word != "in":
            if rest.strip():
                raise ExpressionError(f"unexpected {rest.strip()[:20]!r}", text, len(text) - len(rest))
            return
        body = rest.strip()
        if body.endswith((" integer", " real")):
            self.change(name, integer=body.endswith("integer"))
            body = body.rsplit(None, 1)[0].strip()
        if len(body) < 5 or body[0] not in "[(" or body[-1] not in "])":
            raise ExpressionError("not an interval", text, text.find(" in ") + 4, "write x in [0, 1]")
        cut = _comma(body)
        if cut < 0:
            raise ExpressionError("an interval has two ends", text, text.find(" in ") + 4, "write x in [0, 1]")
        low, high = self.end(body[1:cut], "-", text), self.end(body[cut + 1 : -1], "+", text)
        self.bound(name, low, body[0] == "(", None, False)
        self.bound(name, None, False, high, body[-1] == ")")

    def end(self, text: str, infinite: str, whole: str) -> Expr | None:
        match = _INF.fullmatch(text)
        if match:
            if (match["sign"] or "+") != infinite:
                raise ExpressionError("reversed or empty interval", whole, 0, "the lower end comes first")
            return None
        parser = Parser(text, self.declared)
        expr = parser.expression().expr
        parser.end()
        if names(expr):
            raise ExpressionError("an end of a domain is a constant", whole, 0, "write a side condition such as x <= y")
        return expr

    def change(self, name: str, integer: bool) -> None:
        old = self.known.get(name, Variable(name))
        self.known[name] = Variable(name, old.low, old.high, old.low_open, old.high_open, integer or old.integer)

    def link(self, relation: Relation) -> None:
        a, b, strict = relation.lhs, relation.rhs, relation.op == "<"
        if relation.op != "==" and a.head == "variable" and not names(b):
            self.bound(a.args[0], None, False, b, strict)
        elif relation.op != "==" and b.head == "variable" and not names(a):
            self.bound(b.args[0], a, strict, None, False)
        else:
            self.relations.append(relation)

    def bound(self, name: str, low: Expr | None, low_open: bool, high: Expr | None, high_open: bool) -> None:
        """A first end of a variable is its domain; a second one on the same side is a side condition."""
        old = self.known.get(name, Variable(name))
        me = Expr("variable", (name,))
        if low is not None and old.low is not None:
            self.relations.append(Relation(low, "<" if low_open else "<=", me))
            low = None
        if high is not None and old.high is not None:
            self.relations.append(Relation(me, "<" if high_open else "<=", high))
            high = None
        lower = (old.low, old.low_open) if low is None else (low, low_open)
        upper = (old.high, old.high_open) if high is None else (high, high_open)
        self.known[name] = Variable(name, lower[0], upper[0], lower[1], upper[1], old.integer)


def _comma(text: str) -> int:
    depth = 0
    for i, character in enumerate(text[1:-1], 1):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            return i
    return -1


def from_table(table: Mapping[str, object]) -> Claim:
    """A `[[claim]]` table: ``name``, ``claim``, ``vars``, ``integer``, ``assume``; ValueError for anything else.

    >>> from_table({"name": "a", "claim": "x <= 1", "vars": {"x": ["0", "1"]}}).variables[0].name
    'x'
    """
    known = {"name", "claim", "vars", "integer", "assume", "where", "expect", "false_at"}
    unknown = sorted(set(table) - known)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r} in a claim; keys are name, claim, vars, integer, assume")
    text, name, variables = table.get("claim"), table.get("name", "claim"), table.get("vars", {})
    if not isinstance(text, str) or not isinstance(name, str) or not isinstance(variables, dict):
        raise ValueError('a claim needs claim = "lhs <= rhs", name a text, vars a table')
    where = []
    for key, ends in variables.items():
        good = isinstance(ends, list) and len(ends) == 2 and all(isinstance(end, str) for end in ends)
        if not good:
            raise ValueError(f'vars.{key}: two ends as texts, such as ["0", "inf"]')
        where.append(f"{key} in [{ends[0]}, {ends[1]}]")
    for key in ("integer", "assume", "where"):
        items = table.get(key, [])
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise ValueError(f"{key}: a list of texts")
        where += [f"{item} integer" if key == "integer" else item for item in items]
    return parse_claim(text, where, name)
