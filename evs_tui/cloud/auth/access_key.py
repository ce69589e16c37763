"""Signing in with an access key and its secret key: there is no token, every request is signed as it leaves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from evs_tui.clock import Clock
from evs_tui.cloud.auth.key_refusal import key_refusal
from evs_tui.cloud.auth.signature import authorization, canonical_of, sdk_date
from evs_tui.cloud.auth.strategy import Ask, Grant
from evs_tui.cloud.auth.tokens import is_sendable
from evs_tui.cloud.errors import CloudError
from evs_tui.cloud.identity import KeyLogin
from evs_tui.cloud.prepared import PreparedRequest
from evs_tui.cloud.reply import Reply
from evs_tui.failure import ConfigFailure

_ACCESS_KEY = re.compile(r"[A-Za-z0-9]{1,128}")


class AccessKeyAuth:
    """Signatures by a permanent access key, or by a temporary one with its security token.

    Source: IAM API, "Calling APIs", AK/SK Authentication; Obtaining a Temporary AK/SK.
    """

    has_token = False

    def __init__(self, login: KeyLogin, clock: Clock) -> None:
        if not _ACCESS_KEY.fullmatch(login.access_key):
            raise ConfigFailure(
                "The access key cannot be used", "it is made of letters and digits alone", "Copy it again"
            )
        if not login.secret_key or not is_sendable(login.secret_key.reveal()):
            raise ConfigFailure(
                "The secret key cannot be used", "it is empty or holds blanks or line breaks", "Copy it again"
            )
        self._login = login
        self._clock = clock

    @property
    def renewable(self) -> bool:
        """There is nothing to renew."""
        return False

    async def sign_in(self, ask: Ask, *, again: bool) -> Grant:  # noqa: ARG002 - nothing is asked: the first request proves it
        """See `Auth.sign_in`. Nothing is sent: no answer tells who the user is; the project is looked up after it."""
        return Grant(user_id="", user_name=shown_key(self._login.access_key), project_id=None, project_name=None)

    def apply(self, prepared: PreparedRequest, *, project_id: str | None) -> Mapping[str, str]:
        """See `Auth.apply`. Signed are host, time, project, content type and security token, and nothing else."""
        headers = {"Host": urlsplit(prepared.origin).netloc, "X-Sdk-Date": sdk_date(self._clock.now())}
        if project_id is not None:
            headers["X-Project-Id"] = project_id
        if self._login.security_token is not None:
            headers["X-Security-Token"] = self._login.security_token.reveal()
        kind = dict(prepared.headers).get("Content-Type")
        signed = headers if kind is None else {**headers, "Content-Type": kind}
        canonical = canonical_of(prepared, signed)
        headers["Authorization"] = authorization(
            canonical, self._login.access_key, self._login.secret_key, headers["X-Sdk-Date"]
        )
        return headers

    def refusal(self, reply: Reply, sent: PreparedRequest, clock_difference: float | None) -> CloudError | None:
        """See `Auth.refusal`."""
        return key_refusal(
            reply,
            sent,
            shown=shown_key(self._login.access_key),
            is_temporary=self._login.security_token is not None,
            clock_difference=clock_difference,
        )


def shown_key(access_key: str) -> str:
    """An access key as a person sees it: both ends, enough to tell which one it is."""
    return f"access key {access_key if len(access_key) <= 8 else f'{access_key[:4]}..{access_key[-4:]}'}"
