"""Signing in with a user's password, and a one-time passcode where virtual MFA is on."""

from __future__ import annotations

from collections.abc import Mapping

from evs_tui.cloud.auth.strategy import Ask, Grant
from evs_tui.cloud.auth.tokens import grant_in, scope_of, token_in, user_of
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import PasswordLogin, Scope
from evs_tui.cloud.operations import CREATE_TOKEN
from evs_tui.cloud.prepared import PreparedRequest
from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret


class PasswordAuth:
    """A project token by password.

    Source: IAM API, Obtaining a User Token Through Password Authentication; Obtaining a User Token Through Password
    and Virtual MFA Authentication.
    """

    def __init__(self, login: PasswordLogin, scope: Scope) -> None:
        if login.user_id is None and (
            login.user_name is None or (login.user_domain_id is None and login.user_domain_name is None)
        ):
            raise ConfigFailure(
                "The user is not fully named",
                "a password belongs to a user id, or to a user name with its domain",
                "Set OS_USER_ID, or OS_USERNAME and OS_USER_DOMAIN_NAME",
            )
        self._login = login
        self._scope = scope
        self._token: Secret | None = None
        self._passcode_used = False

    @property
    def renewable(self) -> bool:
        """A passcode is good for one sign-in only, so there is no second one without a person."""
        return self._login.passcode is None

    async def sign_in(self, ask: Ask, *, again: bool) -> Grant:
        """See `Auth.sign_in`. On the wire: POST /v3/auth/tokens, 201, the token in a header."""
        if self._passcode_used:
            raise _passcode_used()
        try:
            reply = await ask(CREATE_TOKEN, query=(("nocatalog", "true"),) if again else (), body=self._body())
        except CloudError as error:
            # What never left this machine used nothing up; anything else may have.
            self._passcode_used = self._login.passcode is not None and error.kind is not ErrorKind.UNREACHABLE
            raise
        self._passcode_used = self._login.passcode is not None
        self._token = token_in(reply)
        return grant_in(reply)

    def apply(self, prepared: PreparedRequest) -> Mapping[str, str]:  # noqa: ARG002 - a token is the same for all
        """See `Auth.apply`."""
        return {} if self._token is None else {"X-Auth-Token": self._token.reveal()}

    def _body(self) -> dict[str, object]:
        login = self._login
        user = user_of(
            user_id=login.user_id,
            name=login.user_name,
            domain_id=login.user_domain_id,
            domain_name=login.user_domain_name,
        )
        identity: dict[str, object] = {
            "methods": ["password"],
            "password": {"user": {**user, "password": login.password.reveal()}},
        }
        if login.passcode is not None:
            # The page names the user by id here; one SDK refuses anything else.
            identity["methods"] = ["password", "totp"]
            identity["totp"] = {"user": {**user, "passcode": login.passcode.reveal()}}
        scope = scope_of(self._scope, domain_id=login.user_domain_id, domain_name=login.user_domain_name)
        auth: dict[str, object] = {"identity": identity}
        if scope is not None:
            auth["scope"] = scope
        return {"auth": auth}


def _passcode_used() -> CloudError:
    return CloudError(
        ErrorKind.EXPIRED,
        "A new passcode is needed",
        "the one-time passcode (MFA) has been used and cannot be sent twice",
        "Start again with a new passcode (OS_PASSCODE)",
    )
