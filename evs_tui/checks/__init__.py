"""Whether things are as evs-tui needs them: one function a check, each with what was found and what to do."""
