"""`python -m tests.documents`: writes the manual page and the generated pages of docs/ anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.documents.manual import manual
from tests.documents.permissions import permissions
from tests.documents.troubleshooting import error_codes

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "installed/share/man/man1/evs-tui.1": manual,
    "permissions.md": permissions,
    "error-codes.md": error_codes,
}


def main() -> None:
    """Write them all."""
    for name, make in DOCUMENTS.items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8")
        print(path.relative_to(DOCS.parent))


if __name__ == "__main__":
    main()
