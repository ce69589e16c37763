"""Signing in with a Keystone application credential, which carries its own project."""

from __future__ import annotations

from evs_tui.cloud.auth.strategy import Ask, Grant
from evs_tui.cloud.auth.tokens import Bearer, grant_in, token_in, user_of
from evs_tui.cloud.identity import ApplicationCredentialLogin
from evs_tui.cloud.operations import CREATE_TOKEN
from evs_tui.failure import ConfigFailure


class ApplicationCredentialAuth(Bearer):
    """A token by application credential.

    Source: Identity API v3, Authenticating with an Application Credential.
    """

    def __init__(self, login: ApplicationCredentialLogin) -> None:
        named = login.credential_name is not None and (
            login.user_id is not None
            or (login.user_name is not None and (login.user_domain_id or login.user_domain_name) is not None)
        )
        if login.credential_id is None and not named:
            raise ConfigFailure(
                "The application credential is not fully named",
                "its secret belongs to its id, or to its name with a user",
                "Set OS_APPLICATION_CREDENTIAL_ID, or OS_APPLICATION_CREDENTIAL_NAME with OS_USERNAME and "
                "OS_USER_DOMAIN_NAME",
            )
        super().__init__()
        self._login = login

    @property
    def renewable(self) -> bool:
        """The secret may be used as often as needed."""
        return True

    async def sign_in(self, ask: Ask, *, again: bool) -> Grant:
        """See `Auth.sign_in`. On the wire: POST /v3/auth/tokens, 201, the token in a header."""
        reply = await ask(CREATE_TOKEN, query=(("nocatalog", "true"),) if again else (), body=self._body())
        self._token = token_in(reply)
        return grant_in(reply)

    def _body(self) -> dict[str, object]:
        login = self._login
        credential: dict[str, object] = {"secret": login.secret.reveal()}
        if login.credential_id is not None:
            credential["id"] = login.credential_id
        else:
            credential["name"] = login.credential_name
            credential["user"] = user_of(
                user_id=login.user_id,
                name=login.user_name,
                domain_id=login.user_domain_id,
                domain_name=login.user_domain_name,
            )
        return {
            "auth": {"identity": {"methods": ["application_credential"], "application_credential": credential}},
        }
