"""Who calls: the living token of a request, or what its signature stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evs_tui.demo.signatures import check_signature, is_signed
from evs_tui.demo.state import Token

if TYPE_CHECKING:
    from evs_tui.demo.exchange import Request
    from evs_tui.demo.state import State


def caller(state: State, request: Request) -> Token | None:
    """The caller's token, dead or alive; None without a known one. A signature counts as a token for this one call.

    The project of a signed call is the one of its header `X-Project-Id`.
    """
    if not is_signed(request):
        return state.tokens.get(request.token or "")
    check_signature(state, request)
    known = state.credential
    project_id = request.headers.get("x-project-id")
    project = next((project for project in state.projects if project.id == project_id), None)
    now = state.now()
    return Token("", known.user_id, known.username, ("aksk",), project, now, now + 1)
