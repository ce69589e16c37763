"""The terminal UI: screens and widgets over the same service layer as the command line."""
