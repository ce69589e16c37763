"""Working with a token that somebody else obtained. It tells its project and user, and cannot be renewed."""

from __future__ import annotations

from evs_tui.cloud.auth.strategy import Ask, Grant
from evs_tui.cloud.auth.tokens import Bearer, grant_in, is_sendable
from evs_tui.cloud.envelopes import error_from
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import Scope, TokenLogin
from evs_tui.cloud.operations import CHECK_TOKEN
from evs_tui.failure import ConfigFailure
from evs_tui.text import excerpt

_ADVICE = "Obtain a new token and start again, or sign in with a password, which is renewed by itself"


class TokenAuth(Bearer):
    """A ready token, checked once with the identity service.

    Source: IAM API, Verifying a Token; Identity API v3, Validate and show information for token.
    """

    def __init__(self, login: TokenLogin, scope: Scope) -> None:
        if not is_sendable(login.token.reveal()):
            raise ConfigFailure(
                "The token cannot be used", "it holds blanks, line breaks or other characters", "Copy it again"
            )
        super().__init__(login.token)
        self._login = login
        self._scope = scope

    @property
    def renewable(self) -> bool:
        """Nothing here can obtain another one."""
        return False

    async def sign_in(self, ask: Ask, *, again: bool) -> Grant:
        """See `Auth.sign_in`. On the wire: GET /v3/auth/tokens with the token as caller and as subject."""
        if again:
            raise _expired(None, None)
        token = self._login.token.reveal()
        reply = await ask(CHECK_TOKEN, headers={"X-Auth-Token": token, "X-Subject-Token": token})
        if reply.status in {401, 404}:
            raise _expired(reply.status, error_from(reply, CHECK_TOKEN.failed))
        if reply.status != 200:
            raise error_from(reply, CHECK_TOKEN.failed)
        grant = grant_in(reply)
        self._compare(grant)
        return grant

    def _compare(self, grant: Grant) -> None:
        """A token is bound to its project: asking for another one can only end in confusion."""
        wanted_id, wanted_name = self._scope.project_id, self._scope.project_name
        if (wanted_id is not None and wanted_id != grant.project_id) or (
            wanted_id is None and wanted_name is not None and wanted_name != grant.project_name
        ):
            raise ConfigFailure(
                f"The token is not for project {excerpt(wanted_id or wanted_name or '', 100)}",
                f"it is for {grant.project_name or grant.project_id or 'no project at all'}",
                "Obtain a token for the project, or leave the project out",
            )


def _expired(status: int | None, refusal: CloudError | None) -> CloudError:
    return CloudError(
        ErrorKind.EXPIRED,
        "The token is no longer accepted",
        refusal.why if refusal is not None else "it was given to us ready-made and cannot be renewed here",
        _ADVICE,
        code=refusal.code if refusal is not None else None,
        http_status=status,
        request_id=refusal.request_id if refusal is not None else None,
    )
