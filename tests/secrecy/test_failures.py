"""What the cloud layer says about a failure is free of secrets by itself: the screens show it as it comes."""

from __future__ import annotations

import pytest

from evs_tui.cloud.errors import CloudError
from evs_tui.cloud.identity import TokenLogin
from evs_tui.cloud.operations import LIST_CLOUDVOLUMES
from evs_tui.cloud.session import Session
from evs_tui.secret import MASK, Secret
from tests.cloud.support import Impatient, Says, ScriptedCloud, grant, identity, raw_server

CANARY = "gAAAA-canary-in-a-failure-0815"


async def failure_of(says: Says) -> CloudError:
    """What a read fails with where the cloud answers so."""
    cloud = ScriptedCloud(lambda _: says)
    cloud.sign_in = lambda _: grant(status=200)
    session = Session(identity(login=TokenLogin(Secret(CANARY))), clock=Impatient(), jitter=lambda: 1.0, asgi=cloud)
    try:
        with pytest.raises(CloudError) as failed:
            await session.read(LIST_CLOUDVOLUMES)
        assert cloud.seen[-1].headers["x-auth-token"] == CANARY
        assert CANARY not in str(list(session.ring))
        return failed.value
    finally:
        await session.aclose()


@pytest.mark.parametrize(
    "says",
    [
        Says(400, {"error": {"message": f"refused: {CANARY}", "code": "EVS.1023"}}),
        Says(400, {"error_msg": "refused", "error_code": CANARY}),
        Says(400, {"error_msg": "refused", "error_code": "X.1", "request_id": CANARY}),
        Says(400, {"error": {"message": "refused", "code": "X.1"}}, {"X-Request-Id": CANARY}),
        Says(302, None, {"Location": f"https://{CANARY}/"}),
        Says(400, {"badRequest": {"message": f"refused: {CANARY}", "code": 400}}),
        Says(400, None, {"Content-Type": "text/html"}, raw=f"<html><body>{CANARY}</body></html>".encode()),
        Says(400, None, {"Content-Type": "text/plain"}, raw=CANARY.encode()),
        Says(200, None, raw=CANARY.encode()),
        Says(200, None, {"Content-Type": "text/html"}, raw=f"<html>{CANARY}".encode()),
        Says(200, None, {"Content-Type": f"text/{CANARY}"}, raw=b"{}"),
    ],
)
async def test_a_secret_that_comes_back_in_an_answer_is_not_said(says: Says) -> None:
    failure = await failure_of(says)
    told = f"{failure.what} {failure.why} {failure.advice} {failure.code} {failure.request_id}"
    assert CANARY.lower() not in told.lower()
    assert MASK in told


async def test_a_secret_in_what_breaks_the_protocol_is_not_said() -> None:
    async with raw_server(f"{CANARY}\r\n\r\n".encode()) as server:
        who = identity(server.origin, TokenLogin(Secret(CANARY)))
        session = Session(who, clock=Impatient(), jitter=lambda: 1.0)
        with pytest.raises(CloudError) as failed:
            await session.sign_in()
        await session.aclose()
    assert CANARY not in failed.value.why
    assert MASK in failed.value.why
