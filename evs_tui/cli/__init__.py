"""The command line: what a person or a script types, and how the answer is written."""
