"""The file that the activity screen writes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from evs_tui.cloud.ring import Call
from evs_tui.workspace import Options, Workspace


async def test_calls_are_written_for_the_owner_alone(own_environment: Path) -> None:
    workspace = Workspace.open(Options(), {"XDG_STATE_HOME": str(own_environment), "HOME": str(own_environment)})
    try:
        moment = datetime(2026, 11, 23, 14, 3, 12, tzinfo=UTC)
        call = Call(moment, "check_token", "GET", "https://iam.example", "/v3/auth/tokens?nocatalog=1", 200, 12)
        path = await workspace.core.ask(workspace.write_calls, [call])
    finally:
        workspace.close(5)
    assert path.parent == own_environment / "evs-tui"
    assert path.stat().st_mode & 0o777 == 0o600
    document = json.loads(path.read_bytes())
    assert [(each["operation"], each["query"]) for each in document["calls"]] == [("check_token", {"nocatalog": "1"})]
