"""Ways to sign in, one module each, behind one protocol."""
