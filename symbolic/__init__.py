"""What does it take: expressions, lattice constants, attention on block matrices, one file per theorem."""
