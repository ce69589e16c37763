"""Signing in with a user's password, and a one-time passcode where virtual MFA is on."""

from __future__ import annotations

from evs_tui.cloud.auth.passcode import PasscodeNeeded
from evs_tui.cloud.auth.strategy import Ask, Grant
from evs_tui.cloud.auth.tokens import Bearer, grant_in, scope_of, token_in, user_of
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import PasswordLogin, Scope
from evs_tui.cloud.operations import CREATE_TOKEN
from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret


class PasswordAuth(Bearer):
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
        super().__init__()
        self._login = login
        self._scope = scope
        self._passcode = login.passcode
        self._needs_passcode = login.needs_passcode or login.passcode is not None

    @property
    def renewable(self) -> bool:
        """A passcode is good for one sign-in only, so a second one needs a person to give another."""
        return not self._needs_passcode or self._passcode is not None

    def take_passcode(self, passcode: Secret) -> None:
        """Use `passcode` for the next sign-in, and only for that."""
        self._passcode = passcode
        self._needs_passcode = True

    async def sign_in(self, ask: Ask, *, again: bool) -> Grant:
        """See `Auth.sign_in`. On the wire: POST /v3/auth/tokens, 201, the token in a header.

        Raises:
            PasscodeNeeded: the one that was given is used up, or there was none. Nothing was sent.
        """
        if self._needs_passcode and self._passcode is None:
            raise PasscodeNeeded(self._login.user_name or self._login.user_id or "", again=again)
        passcode, self._passcode = self._passcode, None
        try:
            query = (("nocatalog", "true"),) if again else ()
            reply = await ask(CREATE_TOKEN, query=query, body=self._body(passcode))
        except CloudError as error:
            # What never left this machine used nothing up; anything else may have.
            self._passcode = passcode if error.kind is ErrorKind.UNREACHABLE else None
            raise
        if passcode is None and "openstack-auth-receipt" in reply.headers:
            # Source: Identity API v3, "Multi-Factor Authentication and Auth Receipts": right so far, more is wanted.
            self._needs_passcode = True
            raise PasscodeNeeded(self._login.user_name or self._login.user_id or "", again=again)
        self._token = token_in(reply)
        return grant_in(reply)

    def _body(self, passcode: Secret | None) -> dict[str, object]:
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
        if passcode is not None:
            # The page names the user by id here; one SDK refuses anything else.
            identity["methods"] = ["password", "totp"]
            identity["totp"] = {"user": {**user, "passcode": passcode.reveal()}}
        scope = scope_of(self._scope, domain_id=login.user_domain_id, domain_name=login.user_domain_name)
        auth: dict[str, object] = {"identity": identity}
        if scope is not None:
            auth["scope"] = scope
        return {"auth": auth}
