from __future__ import annotations

from typing import Any

import pytest

from evs_tui.cloud.answers import NotSent, Refused, RefusedForNow, Taken, Unclear
from evs_tui.cloud.classify import answer_of, answer_of_fault
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.reply import Reply
from tests import openstack_transcripts
from tests.cloud.support import IMAGE, reply

WHAT = "The export was not accepted"
BAD_STATE = {"badRequest": {"message": "status must be available", "code": 400}}


@pytest.mark.parametrize(
    ("body", "image_id"),
    [
        ({"os-volume_upload_image": {"image_id": IMAGE, "status": "uploading"}}, IMAGE),
        ({"os-volume_upload_image": {"status": "uploading"}}, None),
        ({"os-volume_upload_image": {"image_id": "../../x"}}, None),
        ({"os-volume_upload_image": {"image_id": 7}}, None),
        ({"os-volume_upload_image": None}, None),
        ({"image_id": IMAGE}, None),
        ([], None),
        (None, None),
    ],
)
@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_2xx_is_an_acceptance_with_or_without_an_image_id(status: int, body: Any, image_id: str | None) -> None:
    assert answer_of(reply(status, body, {"x-request-id": "r"}), WHAT) == Taken(image_id, "r")


@pytest.mark.parametrize("raw", [b"\xff\xfe garbage", b'{"os-volume_upload_image": {"image_id": "c533', b"[" * 100_000])
def test_an_unreadable_2xx_is_an_acceptance(raw: bytes) -> None:
    assert answer_of(Reply(202, {}, raw), WHAT) == Taken(None, None)


def test_a_readable_2xx_counts_whatever_its_label() -> None:
    body = b'{"os-volume_upload_image": {"image_id": "%s"}}' % IMAGE.encode()
    assert answer_of(Reply(202, {"content-type": "text/plain"}, body), WHAT) == Taken(IMAGE, None)


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (400, BAD_STATE, {}, Refused),
        (400, {"error": {"message": "m", "code": "EVS.1018"}}, {}, Refused),
        (403, {"forbidden": {"message": "m", "code": 403}}, {}, Refused),
        (404, {"itemNotFound": {"message": "m", "code": 404}}, {}, Refused),
        (409, {"conflictingRequest": {"message": "m", "code": 409}}, {}, Refused),
        (413, {"overLimit": {"message": "quota", "code": 413}}, {}, Refused),
        (404, {"error_msg": "no API", "error_code": "APIGW.0101"}, {}, Refused),
        (401, {"error": {"message": "m", "code": "EVS.2143"}}, {}, Refused),
        (401, {"error_msg": "m", "error_code": "IAM.0061"}, {}, Refused),
        (400, {"error": {"message": "flow", "code": "IMG.0060"}}, {}, Refused),
        (401, {"error": {"message": "m", "code": 401}}, {}, RefusedForNow),
        (401, None, {}, RefusedForNow),
        (400, {"error": {"message": "m", "code": "EVS.0002"}}, {}, RefusedForNow),
        (400, {"error": {"message": "m", "code": "Common.0013"}}, {}, RefusedForNow),
        (400, {"error": {"message": "m", "code": "IMG.0087"}}, {}, RefusedForNow),
        (429, {"error_msg": "m", "error_code": "APIGW.0308"}, {}, RefusedForNow),
        (429, None, {}, RefusedForNow),
        (403, {"error_msg": "m", "error_code": "APIGW.0308"}, {}, RefusedForNow),
        (413, {"overLimit": {"message": "m", "code": 413, "retryAfter": "7"}}, {}, RefusedForNow),
        (413, {"overLimit": {"message": "m", "code": 413}}, {"retry-after": "7"}, RefusedForNow),
        (400, None, {}, Unclear),
        (400, {}, {}, Unclear),
        (400, ["x"], {}, Unclear),
        (404, {"odd": 1}, {}, Unclear),
        (408, {"error_msg": "time", "error_code": "APIGW.0201"}, {}, Unclear),
        (300, None, {}, Unclear),
        (302, None, {"location": "https://evil.invalid/"}, Unclear),
        (307, None, {"location": "https://evil.invalid/"}, Unclear),
        (500, {"error": {"message": "m", "code": "EVS.5500"}}, {}, Unclear),
        (500, {"error": {"message": "m", "code": "APIGW.0308"}}, {}, Unclear),
        (502, None, {}, Unclear),
        (503, {"serviceUnavailable": {"message": "m", "code": 503}}, {"retry-after": "7"}, Unclear),
        (504, None, {}, Unclear),
        (600, BAD_STATE, {}, Unclear),
    ],
)
def test_the_table_of_answers(status: int, body: Any, headers: dict[str, str], expected: type) -> None:
    answer = answer_of(reply(status, body, headers), WHAT)
    assert type(answer) is expected
    assert not isinstance(answer, Taken)
    assert answer.error.what == WHAT


def test_a_page_with_a_4xx_is_unclear_unless_it_is_a_401() -> None:
    page = b"<html><body>Not here</body></html>"
    assert isinstance(answer_of(Reply(404, {"content-type": "text/html"}, page), WHAT), Unclear)
    assert isinstance(answer_of(Reply(401, {"content-type": "text/html"}, page), WHAT), RefusedForNow)


def test_the_wait_is_handed_on() -> None:
    body = {"overLimit": {"message": "m", "code": 413, "retryAfter": "7"}}
    answer = answer_of(reply(413, body), WHAT)
    assert isinstance(answer, RefusedForNow)
    assert answer.retry_after == 7.0


@pytest.mark.parametrize(
    ("sent", "status", "expected"),
    [(False, None, NotSent), (True, None, Unclear), (True, 400, Unclear), (True, 502, Unclear), (True, 202, Taken)],
)
def test_a_broken_exchange(sent: bool, status: int | None, expected: type) -> None:
    error = CloudError(ErrorKind.INTERRUPTED, WHAT, "cut", request_id="r")
    answer = answer_of_fault(error, sent=sent, status=status)
    assert type(answer) is expected
    if isinstance(answer, Taken):
        assert answer == Taken(None, "r")


@pytest.mark.parametrize("name", [name for name in openstack_transcripts.names() if name.startswith("upload-")])
def test_answers_of_the_real_service(name: str) -> None:
    post = next(exchange for exchange in openstack_transcripts.read(name) if exchange.request.method == "POST")
    answer = answer_of(Reply(post.reply.status, post.reply.headers, post.reply.body), WHAT)
    if post.reply.status == 202:
        assert isinstance(answer, Taken)
        assert answer.image_id == post.reply.json()["os-volume_upload_image"]["image_id"]
        assert answer.request_id is not None
    else:
        assert isinstance(answer, Refused)
        assert answer.error.http_status == post.reply.status
