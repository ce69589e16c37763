"""Makes the pictures of the documentation from the running app."""
