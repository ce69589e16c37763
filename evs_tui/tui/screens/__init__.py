"""One module a screen; a screen shows one stage of an export and sends one intention."""
