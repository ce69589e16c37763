"""The rights that another account lends: a token there, by a token or signature here.

Source: IAM API, Obtaining an Agency Token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evs_tui.demo import refusals
from evs_tui.demo.account import Project

if TYPE_CHECKING:
    from evs_tui.demo.exchange import Json
    from evs_tui.demo.state import State, Token

_LENT_PROJECT_ID = "55555555555555555555555555555555"


def taken_on(state: State, caller: Token, identity: Json, scope: object) -> tuple[str, str, Project]:
    """User id, user name and project of the lending account, for a caller who is signed in in his own.

    Raises Refusal where agency, account or project is another than the one there is.
    """
    known = state.credential
    role = identity.get("assume_role")
    wanted = scope.get("project") if isinstance(scope, dict) else None
    fits = isinstance(role, dict) and (role.get("agency_name"), role.get("domain_name")) == (
        known.agency_name,
        known.agency_domain,
    )
    if state.flavour != "huawei" or not fits or not isinstance(wanted, dict):
        raise refusals.keystone(403, "You have no right to perform this action.")
    if wanted.get("name") != known.agency_project and wanted.get("id") != _LENT_PROJECT_ID:
        raise refusals.keystone(401, "The request you have made requires authentication.")
    user_id = "0760a9e2a60026664f1fc0031f9f205e"
    return user_id, f"{known.agency_domain}/{caller.user_name}", Project(_LENT_PROJECT_ID, known.agency_project)
