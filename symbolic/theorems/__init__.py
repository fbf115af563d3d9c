"""One file per theorem; each defines `THEOREM` (see `attain.symbolic.theorem`) and is found by being here."""
