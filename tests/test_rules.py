"""House rules that a linter cannot see: banned names, banned imports, the table of rooms, second copies."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("symbolic", "proofs", "numeric", "report", "experiments", "cli")
MAY_IMPORT = {
    "symbolic": {"symbolic"},
    "proofs": {"proofs", "symbolic"},
    "numeric": {"numeric", "symbolic", "proofs.interval"},
    "report": {"report", "symbolic", "proofs", "numeric"},
    "experiments": {"experiments", "report", "symbolic", "proofs", "numeric"},
    "cli": set(ROOMS),
}
BANNED = {"sympify", "parse_expr", "simplify", "eval", "exec", "evalf", "Float", "pickle"}
SOURCES = [p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py"))]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def banned_names(tree: ast.AST) -> list[str]:
    """Uses of a banned name as a name, an attribute or an import."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in BANNED:
                found.append(f"line {node.lineno}: {name}")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            module = (getattr(node, "module", None) or "").split(".")
            parts = [*module, *(part for a in node.names for part in a.name.split("."))]
            found += [f"line {node.lineno}: import of {part}" for part in parts if part in BANNED]
    return found


def own_imports(path: Path, tree: ast.AST) -> list[str]:
    """The modules of ours that a file imports, as dotted paths below `attain`."""
    here = list(path.relative_to(ROOT).with_suffix("").parts)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[: len(here) - node.level]
            found += [".".join([*base, *filter(None, [node.module or ""]), alias.name]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("attain"):
            found += [f"{node.module}.{alias.name}".removeprefix("attain.") for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [a.name.removeprefix("attain.") for a in node.names if a.name.startswith("attain.")]
    return found


def second_copies(tree: ast.AST) -> list[str]:
    """`import symbolic` style imports, which load a module twice when run from the root."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.split(".")[0] in ROOMS]
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] in ROOMS:
            found.append(node.module or "")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_source_keeps_the_rules(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    room = path.relative_to(ROOT).parts[0]
    assert banned_names(tree) == []
    assert second_copies(tree) == []
    allowed = MAY_IMPORT[room]
    wrong = [m for m in own_imports(path, tree) if not any(m == a or m.startswith(a + ".") for a in allowed)]
    assert wrong == [], f"{room} may import only {sorted(allowed)}"


@pytest.mark.parametrize(
    "path", [p for d in ("tests", "benchmarks", "notebooks") for p in sorted((ROOT / d).glob("*.py"))], ids=_name
)
def test_no_second_copy_outside_the_rooms(path: Path) -> None:
    assert second_copies(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import sympy\nsympy.sympify('x')",
        "from sympy import simplify",
        "x.evalf()",
        "eval('1')",
        "from sympy.core.numbers import Float",
        "import pickle",
        "from sympy.parsing.sympy_parser import parse_expr",
    ],
)
def test_the_ban_bites(code: str) -> None:
    assert banned_names(ast.parse(code))


def test_the_import_rules_bite() -> None:
    assert second_copies(ast.parse("import symbolic.lattice\nfrom proofs import kernel")) == [
        "symbolic.lattice",
        "proofs",
    ]
    path = ROOT / "symbolic" / "lattice.py"
    assert own_imports(path, ast.parse("from ..numeric.network import x")) == ["numeric.network.x"]
