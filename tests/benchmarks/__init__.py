"""How quick, small and quiet the program is beside its peers, measured in one run."""
