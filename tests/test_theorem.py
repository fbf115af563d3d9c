"""The catalogue: every theorem file is found, complete, and sizes a problem given as text."""

from __future__ import annotations

import importlib
import json
from fractions import Fraction
from pathlib import Path

import pytest
from attain.symbolic import theorems
from attain.symbolic.design import NotApplicable
from attain.symbolic.theorem import load, slugs

SAMPLES = {
    "cross-attention": {"lipschitz": "1", "hessian": "1", "keys": "1"},
    "max-affine": {"lipschitz": "1", "hessian": "1"},
    "max-affine-lp": {"lipschitz": "1"},
    "softmax-concentration": {"scores": "10"},
}
REFUSED = {("max-affine-lp", "jump"): "--jump"}


def test_every_file_is_a_theorem():
    files = {p.stem.replace("_", "-") for p in Path(theorems.__path__[0]).glob("*.py")} - {"--init--"}
    assert set(slugs()) == files == set(SAMPLES)


@pytest.mark.parametrize("slug", slugs())
def test_a_theorem_is_complete(slug):
    theorem = load(slug)
    module = importlib.import_module(f"attain.symbolic.theorems.{slug.replace('-', '_')}")
    assert theorem is module.THEOREM
    assert theorem.slug == slug
    assert all((theorem.title, theorem.source, theorem.hypotheses, theorem.construction, theorem.lemmas))
    assert theorem.statement.count("{") == theorem.statement.count("}")
    assert theorem.statement.count(r"\bigl") + theorem.statement.count(r"\Bigl") == theorem.statement.count("igr")
    names = [o.name for o in theorem.options]
    assert len(set(names)) == len(names)
    assert all(o.help for o in theorem.options)


@pytest.mark.parametrize("slug", slugs())
def test_a_theorem_sizes_a_problem_from_text(slug):
    theorem = load(slug)
    defaults = {o.name: o.default for o in theorem.options if o.default is not None}
    problem = theorem.problem({**defaults, **SAMPLES[slug]})
    eps = Fraction(1, 20)
    for bound in theorem.bounds:
        if (slug, bound) in REFUSED:
            with pytest.raises(NotApplicable, match=REFUSED[slug, bound]):
                theorem.design(problem, eps, bound)
            continue
        data = json.loads(json.dumps(theorem.design(problem, eps, bound).to_json()))
        assert Fraction(data["error_bound"]) <= eps
        assert data["evidence"] == "enclosed"
        assert all(Fraction(v) <= eps + Fraction(1, 10**6) for v in data["budget"].values())
    assert theorem.necessary(problem, eps).to_json()["why"]
    with pytest.raises(ValueError, match="unknown bound"):
        theorem.design(problem, eps, "no such bound")
    assert issubclass(NotApplicable, ValueError)


def test_unknown_theorem():
    with pytest.raises(ValueError, match=r"unknown theorem 'max-afine'; did you mean max-affine\?"):
        load("max-afine")
    with pytest.raises(ValueError, match="known: cross-attention, max-affine, max-affine-lp, softmax-concentration"):
        load("../../etc")
