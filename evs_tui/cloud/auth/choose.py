"""From a login to the strategy that carries it out."""

from __future__ import annotations

from evs_tui.cloud.auth.application_credential import ApplicationCredentialAuth
from evs_tui.cloud.auth.password import PasswordAuth
from evs_tui.cloud.auth.strategy import Auth
from evs_tui.cloud.auth.token import TokenAuth
from evs_tui.cloud.identity import ApplicationCredentialLogin, Identity, PasswordLogin, TokenLogin
from evs_tui.failure import ConfigFailure


def auth_for(identity: Identity) -> Auth:
    """The strategy for the login of `identity`.

    Raises:
        ConfigFailure: the login is not complete, or of a kind that is not built yet.
    """
    login = identity.login
    if isinstance(login, PasswordLogin):
        return PasswordAuth(login, identity.scope)
    if isinstance(login, ApplicationCredentialLogin):
        return ApplicationCredentialAuth(login)
    if isinstance(login, TokenLogin):
        return TokenAuth(login, identity.scope)
    raise ConfigFailure(
        "Signing in with an access key is not built yet",
        f"{identity.source} holds an access key and a secret key (AK/SK)",
        "Use a password, an application credential or a token for now",
    )
