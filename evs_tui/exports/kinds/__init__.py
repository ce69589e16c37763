"""The kinds of steps, one module a kind. `table` says which kind does what; whoever carries out asks nothing else."""
