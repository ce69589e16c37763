"""From a login to the strategy that carries it out."""

from __future__ import annotations

from evs_tui.clock import Clock
from evs_tui.cloud.auth.access_key import AccessKeyAuth
from evs_tui.cloud.auth.agency import AgencyAuth
from evs_tui.cloud.auth.application_credential import ApplicationCredentialAuth
from evs_tui.cloud.auth.password import PasswordAuth
from evs_tui.cloud.auth.strategy import Auth
from evs_tui.cloud.auth.token import TokenAuth
from evs_tui.cloud.identity import (
    AgencyLogin,
    ApplicationCredentialLogin,
    Identity,
    KeyLogin,
    PasswordLogin,
    Scope,
    TokenLogin,
)


def auth_for(identity: Identity, clock: Clock) -> Auth:
    """The strategy for the login of `identity`. `clock` dates signatures.

    Raises:
        ConfigFailure: the login is not complete.
    """
    login = identity.login
    if isinstance(login, AgencyLogin):
        # The base works in its own account: the project is one of the lending account's.
        return AgencyAuth(login, _auth(login.base, Scope(), clock), identity.scope)
    return _auth(login, identity.scope, clock)


def _auth(
    login: PasswordLogin | ApplicationCredentialLogin | TokenLogin | KeyLogin, scope: Scope, clock: Clock
) -> Auth:
    match login:
        case PasswordLogin():
            return PasswordAuth(login, scope)
        case ApplicationCredentialLogin():
            return ApplicationCredentialAuth(login)
        case TokenLogin():
            return TokenAuth(login, scope)
        case KeyLogin():
            return AccessKeyAuth(login, clock)
