"""The collections of claims with known truth: well formed, true as recorded, and never decided wrongly."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from attain.proofs.prover.decide import prove_claim
from attain.proofs.prover.language import from_table, parse_claim
from truth import fails_at, violation

FILES = sorted((Path(__file__).parent / "claims").glob("*.toml"))
TABLES: list[dict[str, Any]] = [t for path in FILES for t in tomllib.loads(path.read_text(encoding="utf-8"))["claim"]]
EXPECT = ("proved", "refuted", "error")


def expected(kind: str) -> list[dict[str, Any]]:
    return [table for table in TABLES if table["expect"] == kind]


def name(table: dict[str, Any]) -> str:
    return str(table["name"])


def test_the_collections_are_large_and_readable() -> None:
    assert [len(expected(kind)) >= least for kind, least in zip(EXPECT, (680, 185, 35), strict=True)] == [True] * 3
    assert len({table["name"] for table in TABLES}) == len(TABLES)
    assert len({(table["claim"], *table.get("assume", ())) for table in TABLES}) == len(TABLES)
    assert all(from_table(table).goals and table["expect"] in EXPECT for table in TABLES)


@pytest.mark.parametrize("table", [t for t in expected("refuted") if "false_at" in t], ids=name)
def test_false_claims_fail_at_their_point(table: dict[str, Any]) -> None:
    assert fails_at(from_table(table), table["false_at"])


@pytest.mark.parametrize("table", expected("proved"), ids=name)
def test_true_claims_hold_at_sampled_points(table: dict[str, Any]) -> None:
    found, tried = violation(from_table(table), random.Random(table["name"]), 20)
    assert found is None
    assert tried > 0


def test_the_sampler_finds_violations() -> None:
    for text, where in (("x*exp(-x) <= 0.3678", "x >= 0"), ("1/x >= 0", "x >= 0"), ("x + y <= 1.9", "x*y == 1")):
        assert violation(parse_claim(text, [where]), random.Random(0), 300)[0] is not None


@pytest.mark.parametrize("table", TABLES[::21], ids=name)
def test_no_wrong_verdict_on_a_part(table: dict[str, Any]) -> None:
    assert prove_claim(from_table(table), 1.0).status in (table["expect"], "undecided")


@pytest.mark.slow
def test_no_wrong_verdict_on_the_whole() -> None:
    found = [(table["expect"], prove_claim(from_table(table), 10.0).status) for table in TABLES]
    assert all(status in (expect, "undecided") for expect, status in found)
    for kind, least in (("proved", 0.85), ("refuted", 0.95)):
        mine = [status == expect for expect, status in found if expect == kind]
        assert sum(mine) >= least * len(mine)
