"""Texts cut into numbers, names and operators; the error that names the spot where a text goes wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_NUMBER = r"(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
_REST = r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<op>%s)|(?P<space>[ \t\r\n]+)"


class ExpressionError(ValueError):
    """A text that is not an expression. ``str()`` is one line; `position` is the 0-based column of the spot.

    >>> from attain.symbolic.expression import parse
    >>> try: parse("2*x^2")
    ... except ExpressionError as error: print(error); print(error.caret)
    unexpected '^' at column 4: powers are written **
    2*x^2
       ^
    """

    def __init__(self, what: str, text: str, position: int, hint: str = "") -> None:
        super().__init__(what, text, position, hint)
        self.what, self.text, self.position, self.hint = what, text, position, hint

    def __str__(self) -> str:
        return f"{self.what} at column {self.position + 1}" + (f": {self.hint}" if self.hint else "")

    @property
    def caret(self) -> str:
        """Two lines: the text (a window around the spot if it is long) and ``^`` under the spot."""
        start = max(0, self.position - 40) if len(self.text) > 100 else 0
        window = self.text[start : start + 100]
        shown = "".join(c if c.isprintable() else " " for c in window)
        lead = "..." if start else ""
        tail = "..." if start + 100 < len(self.text) else ""
        return f"{lead}{shown}{tail}\n{' ' * (len(lead) + self.position - start)}^"


class Token(NamedTuple):
    """``kind`` is number, name, op or, once and last, end."""

    kind: str
    text: str
    position: int

    @property
    def end(self) -> int:
        """The column after the token."""
        return self.position + len(self.text)


def tokens(text: str, operators: str, limit: int, hints: Mapping[str, str], otherwise: str) -> list[Token]:
    """The tokens of a text of at most ``limit`` characters; ``operators`` is a regular expression.

    Raises `ExpressionError` at a character that starts no token, with its entry in ``hints`` or ``otherwise``.

    >>> [token.text for token in tokens("2*x <= 1", r"<=|[*]", 100, {}, "")]
    ['2', '*', 'x', '<=', '1', '']
    """
    if len(text) > limit:
        raise ExpressionError(f"expression of {len(text)} characters", text, limit, f"at most {limit}")
    pattern = re.compile(_NUMBER + _REST % operators)
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:
            character = text[position]
            shown = repr(character) if character.isprintable() else ascii(character)
            raise ExpressionError(f"unexpected {shown}", text, position, hints.get(character, otherwise))
        kind = match.lastgroup or ""
        if kind != "space":
            if found and kind != "op" and found[-1].kind == "number" and found[-1].end == position:
                hint = "write * between them; digits take no _ , 0x or j"
                raise ExpressionError(f"{match[0][:20]!r} right after a number", text, position, hint)
            found.append(Token(kind, match[0], position))
        position = match.end()
    return [*found, Token("end", "", len(text))]
