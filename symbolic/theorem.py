"""What a theorem is to the library: statement, hypotheses, construction, and a rule from problem and ε to sizes."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from . import theorems
from .exact import Real


class Sized(Protocol):
    """Anything with the JSON object B of the command line."""

    def to_json(self) -> dict[str, Any]:
        """Sizes and bounds as plain data."""


@dataclass(frozen=True)
class Option:
    """An input of a theorem: its command-line name, what it means, and the text used when it is absent."""

    name: str
    help: str
    default: str | None = None


@dataclass(frozen=True)
class Theorem:
    """A theorem as a calculator.

    Attributes:
        slug, title, source: its name on the command line, in words, and where it comes from.
        statement, hypotheses, construction: LaTeX statement, the hypotheses, and the weights, line by line.
        bounds: the names of its bounds; `design(problem, eps, name)` sizes one or raises `NotApplicable`.
        options: what `problem(values)` reads from text (one entry an option that was given).
        necessary: the lower bound on sizes, or None where there is none for this problem.
        lemmas: slugs of the lemmas its bounds rest on.
    """

    slug: str
    title: str
    source: str
    statement: str
    hypotheses: tuple[str, ...]
    construction: tuple[str, ...]
    bounds: tuple[str, ...]
    options: tuple[Option, ...]
    problem: Callable[[Mapping[str, str]], Any]
    design: Callable[[Any, Real, str], Sized]
    necessary: Callable[[Any, Real], Sized | None]
    lemmas: tuple[str, ...]


def slugs() -> tuple[str, ...]:
    """The theorems there are: one module each in `theorems/`.

    >>> "max-affine" in slugs()
    True
    """
    return tuple(m.name.replace("_", "-") for m in pkgutil.iter_modules(theorems.__path__))


def load(slug: str) -> Theorem:
    """The theorem called `slug`; ValueError with the near misses if there is none.

    >>> load("max-affine").bounds
    ('published', 'sharp', 'smooth')
    """
    known = slugs()
    if slug not in known:
        near = get_close_matches(slug, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "known: " + ", ".join(known)
        raise ValueError(f"unknown theorem {slug!r}; {hint}")
    theorem: Theorem = importlib.import_module(f"{theorems.__name__}.{slug.replace('-', '_')}").THEOREM
    return theorem
