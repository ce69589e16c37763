"""Programs that a test needs beside Python."""

from __future__ import annotations

import os
import shutil

import pytest


def needed(tool: str) -> str:
    """The path of `tool`. Where it is missing: a failure if `CI` is set, else the test is skipped with the reason."""
    path = shutil.which(tool)
    if path is not None:
        return path
    if os.environ.get("CI"):
        pytest.fail(f"{tool} is missing, and .ci/run was to install it", pytrace=False)
    pytest.skip(f"{tool} is not installed")
