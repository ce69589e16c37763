"""Working with the rights that another account lends (an agency): one sign-in that takes on another."""

from __future__ import annotations

from evs_tui.cloud.auth.strategy import Ask, Auth, Grant
from evs_tui.cloud.auth.tokens import Bearer, grant_in, scope_of, token_in
from evs_tui.cloud.envelopes import error_from
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import AgencyLogin, Scope
from evs_tui.cloud.operations import CREATE_TOKEN
from evs_tui.failure import ConfigFailure


class AgencyAuth(Bearer):
    """A token in the lending account, by the token or signature of `base`.

    Source: IAM API, Obtaining an Agency Token (`assume_role`; the caller has the right Agent Operator).
    """

    def __init__(self, login: AgencyLogin, base: Auth, scope: Scope) -> None:
        if not login.agency_name or (login.domain_name is None and login.domain_id is None):
            raise ConfigFailure(
                "The agency is not fully named",
                "an agency belongs to the account that lends its rights",
                "Give the agency's name and the name or id of that account (its domain)",
            )
        super().__init__()
        self._login = login
        self._base = base
        self._scope = scope

    @property
    def renewable(self) -> bool:
        """As far as the base can sign in once more; a key only signs."""
        return self._base.renewable or not self._base.has_token

    async def sign_in(self, ask: Ask, *, again: bool) -> Grant:
        """See `Auth.sign_in`. On the wire: the base's own sign-in, then POST /v3/auth/tokens with `assume_role`."""
        await self._base.sign_in(ask, again=again)
        query = (("nocatalog", "true"),) if again else ()
        reply = await ask(CREATE_TOKEN, query=query, body=self._body(), by=self._base)
        if reply.status in {401, 403, 404}:
            raise self._refused(error_from(reply, CREATE_TOKEN.failed))
        self._token = token_in(reply)
        return grant_in(reply)

    def _refused(self, error: CloudError) -> CloudError:
        return CloudError(
            ErrorKind.CREDENTIALS,
            f"The agency {self._login.agency_name} cannot be taken on",
            error.why,
            "Check the agency's name, the lending account and the project there; this user needs the right Agent "
            "Operator",
            code=error.code,
            http_status=error.http_status,
            request_id=error.request_id,
        )

    def _body(self) -> dict[str, object]:
        login = self._login
        role: dict[str, object] = {"agency_name": login.agency_name}
        if login.domain_id is not None:
            role["domain_id"] = login.domain_id
        else:
            role["domain_name"] = login.domain_name
        auth: dict[str, object] = {"identity": {"methods": ["assume_role"], "assume_role": role}}
        scope = scope_of(self._scope, domain_id=login.domain_id, domain_name=login.domain_name)
        return {"auth": auth if scope is None else {**auth, "scope": scope}}
