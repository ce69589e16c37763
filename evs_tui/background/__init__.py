"""A run carried out by a process of our own without a terminal: it survives the window and the line of who began it."""
