"""The examples in every docstring, run on the installed namespace (so that no module is loaded twice)."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

ROOMS = ("symbolic", "proofs", "numeric", "report", "experiments", "cli")
OPTIONAL = ("torch",)
"""What a module of ours may need that is not installed by default."""


def modules() -> list[str]:
    """Every module of ours, by its dotted name."""
    found = []
    for room in ROOMS:
        package = importlib.import_module(f"attain.{room}")
        found += [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    return found


@pytest.mark.parametrize("name", modules())
def test_docstring_examples(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in OPTIONAL:
            raise
        pytest.skip(f"needs {error.name}")
    result = doctest.testmod(module)
    assert result.failed == 0
