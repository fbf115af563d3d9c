# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A first certificate
#
# How large must one softmax attention head be to approximate $f(x,y)=\sin x+\cos y$ on $[0,1]^2$ within
# $\varepsilon = 1/100$, and does the network do it? We go from text to a certified answer.

# %%
from fractions import Fraction

from attain.numeric.certificate import certify, network_of
from attain.numeric.evaluate import evaluate
from attain.proofs.designs import cheapest, designs_for, measured
from attain.symbolic.expression import parse
from attain.symbolic.lattice import m1N, m2, mu1
from attain.symbolic.theorem import load
from flint import arb

unit = (Fraction(0), Fraction(1))
f = parse("sin(x) + cos(y)", ["x", "y"])
eps = Fraction(1, 100)

# %% [markdown]
# ## 1. What is known of the function
#
# Interval arithmetic over the whole box proves the Lipschitz constants (in three norms), a bound on the Hessian
# and the oscillation. No sampling is involved, and every constant is rounded up to a short decimal.

# %%
target = measured(f, ("x", "y"), (unit, unit))
for norm, L in target.lipschitz.items():
    print(f"|f(x) - f(y)| <= {float(L)} * |x - y| in {norm}")
print("Hessian:", float(target.hessian), " oscillation:", float(target.osc))

# %% [markdown]
# ## 2. What it takes
#
# The theorem gives three bounds: as the paper argues it, sharp for Lipschitz functions, and second order for
# smooth ones. Each is inverted to the number $P$ of grid points an axis and the inverse temperature $R$.

# %%
theorem = load("max-affine")
print(theorem.title)
for line in theorem.construction:
    print("  ", line)

# %%
designs = designs_for(target, eps)
for name, design in designs.items():
    print(
        f"{name:10} P = {design.P[0]:4}  R = {float(design.R_on(0).mid()):12.1f}  cells = {design.cells:7}"
        f"  sup|F - f| <= {design.error_bound}"
    )

# %% [markdown]
# The lower bound says that `sharp` cannot be improved: whatever is done with values at the centres, some
# $L$-Lipschitz function needs this many points.

# %%
print(theorem.necessary(target, eps).to_json())

# %% [markdown]
# ## 3. The network runs
#
# The weights over a product grid factor over its axes, so the network is kept as `P` numbers an axis and a
# table of values; `evaluate` can also run it as the honest attention layer over all cells. Both agree.

# %%
design = cheapest(designs)
network = network_of(design)
points = [[0.1, 0.2], [0.5, 0.5], [0.9, 0.3]]
for method in ("dense", "separable"):
    print(f"{method:10}", evaluate(network, points, method).values)

# %% [markdown]
# ## 4. Does it happen?
#
# `certify` encloses the true $\sup_K|F-f|$ between two numbers that are proved: the lower one at a point, the
# upper one by a cover of the whole box. Floating point enters only as an observation.

# %%
certificate = certify(design, eps)
sup = certificate.sup_error
print("proved bound   ", design.error_bound)
print("true sup error  in", [float(sup.lower), float(sup.upper)])
print("observed       ", certificate.observed.max)
print("holds          ", certificate.holds)
assert certificate.holds
assert sup.lower <= sup.upper <= Fraction(design.error_bound)

# %% [markdown]
# ## 5. Lattice constants
#
# Every sharp constant is a function of $\kappa = R h^2$ alone. In balls, so every digit shown is right:

# %%
for kappa in (1, 2, 4, 8):
    k = arb(kappa)
    print(f"kappa = {kappa}:  m2 = {m2(k).str(8)}  m_(1,2) = {m1N(k, 2).str(8)}  mu1 = {mu1(k).str(8)}")
