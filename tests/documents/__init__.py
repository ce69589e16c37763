"""Documents made from the program's own tables, so that they cannot tell something else than it does."""
