from __future__ import annotations

from typing import Any

import pytest

from evs_tui.cloud.codes import meanings
from evs_tui.cloud.envelopes import LONGEST_WAIT, envelope_of, error_from, wants_new_token
from evs_tui.cloud.errors import ErrorKind
from evs_tui.cloud.reply import Reply
from evs_tui.failure import ExitCode
from evs_tui.secret import MASK, Secret
from tests import openstack_transcripts
from tests.cloud.support import VOLUME, reply

GONE = f"Volume {VOLUME} could not be found."


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "why"),
    [
        (404, {"error": {"message": GONE, "code": "EVS.5404"}}, "missing", "EVS.5404", GONE),
        (404, {"itemNotFound": {"message": GONE, "code": 404}}, "missing", None, GONE),
        (404, {"itemNotFound": {"message": GONE, "code": "EVS.5404"}}, "missing", "EVS.5404", GONE),
        (401, {"error": {"code": 401, "message": "Wrong.", "title": "Unauthorized"}}, "expired", None, "Wrong."),
        (401, {"error": {"message": "The token must be updated", "code": "401"}}, "expired", None, None),
        (401, {"error_msg": "The token has expired.", "error_code": "IAM.0066"}, "expired", "IAM.0066", None),
        (401, {"error_msg": "Locked.", "error_code": "IAM.0061"}, "credentials", "IAM.0061", None),
        (401, {"error": {"message": "No agency.", "code": "EVS.2143"}}, "rights", "EVS.2143", None),
        (
            401,
            {"error_msg": "AK access failed to reach the limit,forbidden", "error_code": "APIGW.0301"},
            "credentials",
            "APIGW.0301",
            None,
        ),
        (401, {"unauthorized": {"message": "No.", "code": 401}}, "expired", None, "No."),
        (400, {"badRequest": {"message": f"Invalid volume: Volume {VOLUME} status must be available", "code": 400}},
         "state", None, None),
        (400, {"badRequest": {"message": "Must specify a valid status.", "code": "EVS.5400"}}, "state", "EVS.5400",
         None),
        (400, {"badRequest": {"message": "limit param must be positive", "code": 400}}, "invalid", None, None),
        (400, {"badRequest": {"message": "Malformed request url", "code": 400}}, "project", None, None),
        (400, {"error": {"message": "Invalid token.", "code": "Common.0013"}}, "expired", "Common.0013", None),
        (400, {"error": {"message": "Wrong project.", "code": "Common.0018"}}, "project", "Common.0018", None),
        (400, {"error": {"message": "be locked", "code": "EVS.2068"}}, "state", "EVS.2068", None),
        (400, {"error": {"message": "flow control", "code": "IMG.0060"}}, "throttled", "IMG.0060", None),
        (400, {"error": {"message": "no such image", "code": "IMG.0027"}}, "missing", "IMG.0027", None),
        (403, {"forbidden": {"message": "Policy doesn't allow it.", "code": 403}}, "rights", None, None),
        (403, {"error": {"message": "pdp check deny!", "code": "EVS.2056"}}, "rights", "EVS.2056", None),
        (404, {"error": {"message": "response is null.", "code": "EVS.2265"}}, "rights", "EVS.2265", None),
        (404, {"error_msg": "The API does not exist", "error_code": "APIGW.0101"}, "invalid", "APIGW.0101", None),
        (409, {"conflictingRequest": {"message": "Busy.", "code": 409}}, "state", None, "Busy."),
        (413, {"overLimit": {"message": "Rate.", "code": 413, "retryAfter": "7"}}, "throttled", None, "Rate."),
        (413, {"overLimit": {"message": "Quota.", "code": 413}}, "quota", None, "Quota."),
        (413, {"error": {"message": "Quota.", "code": "EVS.5413"}}, "quota", "EVS.5413", None),
        (413, {"overLimitFault": {"message": "Over.", "code": 413, "details": "x"}}, "quota", None, "Over."),
        (415, {"badMediaType": {"code": 415, "message": "Unsupported Content-Type"}}, "invalid", None, None),
        (429, {"error_msg": "Threshold.", "error_code": "APIGW.0308"}, "throttled", "APIGW.0308", None),
        (429, {"error_msg": "Threshold.", "error_code": "IAM.0012"}, "throttled", "IAM.0012", None),
        (400, {"errorCode": "SVC.1", "errorMsg": "One."}, "invalid", "SVC.1", "One."),
        (400, {"errorCode": "SVC.2", "errorMessage": "Two."}, "invalid", "SVC.2", "Two."),
        (400, {"code": "Ecs.0005", "message": "Three."}, "invalid", "Ecs.0005", "Three."),
        (404, {"code": "404 Not Found", "message": "Gone.<br /><br />\n\n\n", "title": "Not Found"}, "missing", None,
         "Gone."),
        (400, {"request_id": "r-1", "error": {"code": "SVC.3", "message": "Four."}}, "invalid", "SVC.3", "Four."),
        (400, {"error": "Five."}, "invalid", None, "Five."),
        (403, {"encoded_authorization_message": "xyz", "error_code": "PAP5.0027", "error_msg": "Denied."}, "rights",
         "PAP5.0027", "Denied."),
        (409, {"NeutronError": {"type": "InUse", "message": "Six.", "detail": ""}}, "state", "InUse", "Six."),
        (406, {"computeFault": {"code": 406, "message": "Version 3.999"}}, "invalid", None, None),
        (500, {"error": {"message": "Internal server error.", "code": "EVS.5500"}}, "server", "EVS.5500", None),
        (503, {"serviceUnavailable": {"message": "Later.", "code": 503}}, "server", None, "Later."),
        # A code with a milder meaning does not make a 5xx harmless.
        (500, {"error": {"message": "odd", "code": "EVS.5404"}}, "server", "EVS.5404", None),
    ],
)  # fmt: skip
def test_every_envelope_becomes_one_error(status: int, body: Any, kind: str, code: str | None, why: str | None) -> None:
    answer = reply(status, body, {"x-request-id": "req-9"})
    error = error_from(answer, "It failed")
    assert (error.kind.value, error.code, error.http_status) == (kind, code, status)
    assert error.what == "It failed"
    assert why is None or error.why == why
    assert error.request_id == ("r-1" if "request_id" in body else "req-9")
    assert envelope_of(answer).known


@pytest.mark.parametrize(
    ("status", "kind", "raw", "why"),
    [
        (502, "text/html", b"<html><head><title>T</title></head><body><center><h1>502 Bad Gateway</h1></center></body>",
         "HTTP 502 Bad Gateway: 502 Bad Gateway"),
        (404, "text/html", b"<html>\n <head><title>404</title>\n </head>\n <body>No image found<br /></body></html>",
         "HTTP 404 Not Found: No image found"),
        (503, "text/plain", b"upstream connect error", "HTTP 503 Service Unavailable: upstream connect error"),
        (401, "text/plain", b"Authentication required: Authentication failed",
         "HTTP 401 Unauthorized: Authentication required: Authentication failed"),
        (504, "", b"", "HTTP 504 Gateway Timeout, without a word of explanation"),
        (400, "application/json", b"{}", "HTTP 400 Bad Request: {}"),
        (400, "application/json", b"[1]", "HTTP 400 Bad Request: [1]"),
        (400, "application/json", b'{"error": {"mess', 'HTTP 400 Bad Request: {"error": {"mess'),
        (400, "application/json", b'{"error": null}', 'HTTP 400 Bad Request: {"error": null}'),
        (599, "application/json", b"[" * 100_000, None),
        (418, "application/octet-stream", b"\x1b]0;x\x07\xff", None),
    ],
)  # fmt: skip
def test_what_is_no_envelope_is_shown_as_text_and_is_not_known(
    status: int, kind: str, raw: bytes, why: str | None
) -> None:
    answer = Reply(status, {"content-type": kind}, raw)
    assert not envelope_of(answer).known
    error = error_from(answer, "It failed")
    assert why is None or error.why == why
    assert "\x1b" not in error.why
    assert len(error.why) < 400


def test_an_unknown_code_is_shown_as_it_came_but_clean_and_bounded() -> None:
    error = error_from(reply(400, {"error": {"code": "NEW.7\x1b[2J" + "x" * 500, "message": "m" * 1000}}), "It failed")
    assert error.code is not None
    assert error.code.startswith("NEW.7␛[2Jxxx")
    assert len(error.code) == 100
    assert len(error.why) == 300


def test_a_living_secret_that_the_cloud_echoes_is_not_shown() -> None:
    secret = Secret("hunter2hunter2")
    error = error_from(reply(400, {"error": {"code": "X.1", "message": "bad value hunter2hunter2"}}), "It failed")
    assert error.why == f"bad value {MASK}"
    assert secret


@pytest.mark.parametrize(
    ("headers", "body", "wait"),
    [
        ({"retry-after": "7"}, {"overLimit": {"message": "m", "code": 413, "retryAfter": "9"}}, 7.0),
        ({}, {"overLimit": {"message": "m", "code": 413, "retryAfter": 9}}, 9.0),
        ({}, {"overLimit": {"message": "m", "code": 413, "retryAfter": "100000"}}, LONGEST_WAIT),
        ({}, {"overLimit": {"message": "m", "code": 413, "retryAfter": 100000}}, LONGEST_WAIT),
        ({"retry-after": "Thu, 15 Jan 2026 09:30:30 GMT", "date": "Thu, 15 Jan 2026 09:30:00 GMT"}, {}, 30.0),
        ({"retry-after": "Thu, 15 Jan 2026 09:30:30 -0000", "date": "Thu, 15 Jan 2026 09:30:00 GMT"}, {}, 30.0),
        ({"retry-after": "Thu, 15 Jan 2026 09:30:30 GMT"}, {}, None),
        ({"retry-after": "soon"}, {}, None),
        ({"retry-after": "-5"}, {}, None),
        ({"retry-after": "9" * 5000}, {}, None),
    ],
)
def test_the_wait_comes_from_header_or_body_and_is_capped(
    headers: dict[str, str], body: Any, wait: float | None
) -> None:
    assert error_from(reply(413, body, headers), "It failed").retry_after == wait


def test_the_request_id_is_found_in_any_of_its_headers() -> None:
    for name in ("x-request-id", "x-openstack-request-id", "x-compute-request-id", "x-iam-trace-id"):
        assert error_from(reply(500, {}, {name: "req-1\x1b"}), "It failed").request_id == "req-1␛"


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, {"error": {"message": "m", "code": 401}}, True),
        (401, {"error_msg": "decrypt token fail", "error_code": "APIGW.0301"}, True),
        (401, {}, True),
        (401, {"error": {"message": "m", "code": "EVS.2143"}}, False),
        (401, {"error_msg": "m", "error_code": "IAM.0061"}, False),
        (401, {"error_msg": "AK access failed to reach the limit,forbidden", "error_code": "APIGW.0301"}, False),
        (400, {"error": {"message": "m", "code": "EVS.0002"}}, True),
        (400, {"error": {"message": "m", "code": "Common.0013"}}, True),
        (400, {"error": {"message": "m", "code": "IMG.0087"}}, True),
        (400, {"error": {"message": "m", "code": "EVS.5400"}}, False),
        (403, {"error": {"message": "m", "code": "EVS.0002"}}, False),
    ],
)
def test_the_signs_that_a_new_token_may_help(status: int, body: Any, expected: bool) -> None:
    assert wants_new_token(reply(status, body)) is expected


@pytest.mark.parametrize("location", ["https://evil.invalid/x?token=1", "//evil.invalid/x", "https://u:p@evil.invalid"])
def test_a_redirect_names_the_host_and_is_not_trusted(location: str) -> None:
    error = error_from(reply(307, None, {"location": location}), "It failed")
    assert error.kind is ErrorKind.UNTRUSTED
    assert error.exit_code is ExitCode.UNREACHABLE
    assert "u:p" not in error.why
    assert "token" not in error.why
    if "://" in location:
        assert error.why == "HTTP 307: the server points to evil.invalid, which is not followed"


@pytest.mark.parametrize(
    ("transcript", "kind", "words"),
    [
        ("cinder-bad-token", "expired", "The request you have made requires authentication."),
        ("cinder-expired-token", "expired", "The request you have made requires authentication."),
        ("cinder-list-limit-negative", "invalid", "limit param must be positive"),
        ("cinder-list-marker-unknown", "missing", "could not be found"),
        ("cinder-project-not-the-tokens", "project", "Malformed request url"),
        ("cinder-services-forbidden", "rights", "Policy doesn't allow"),
        ("cinder-show-unknown", "missing", "could not be found"),
        ("glance-bad-token", "expired", "could not verify that you are authorized"),
        ("glance-expired-token", "expired", "could not verify that you are authorized"),
        ("glance-list-marker-unknown", "invalid", "No image found with ID"),
        ("glance-show-unknown", "missing", "No image found with ID"),
        ("keystone-all-projects-forbidden", "rights", "You are not authorized"),
        ("keystone-malformed-json", "invalid", "Expecting to find valid JSON"),
        ("keystone-project-without-role", "expired", "requires authentication"),
        ("keystone-unknown-route", "missing", "The requested URL was not found"),
        ("keystone-wrong-password", "expired", "requires authentication"),
        ("upload-refused-disk-format-nope", "invalid", "disk_format"),
        ("upload-refused-error-volume", "state", "status must be available"),
        ("upload-refused-in-use-without-force", "state", "status must be available"),
        ("upload-refused-name-256-long", "invalid", "image_name"),
        ("upload-refused-os-type-key", "invalid", "__os_type"),
        ("upload-refused-unknown-volume", "missing", "could not be found"),
        ("upload-refused-visibility-public", "rights", "Policy doesn't allow"),
    ],
)
def test_refusals_of_real_services_are_understood(transcript: str, kind: str, words: str) -> None:
    recorded = openstack_transcripts.read(transcript)[0].reply
    error = error_from(Reply(recorded.status, recorded.headers, recorded.body), "It failed")
    assert error.kind.value == kind
    assert words in error.why
    assert "<" not in error.why.replace("<br", "<")
    assert error.code is None


def test_the_table_of_codes_is_whole() -> None:
    table = meanings()
    assert len(table) > 80
    assert table["EVS.5404"].kind is ErrorKind.MISSING
    assert table["EVS.2056"].advice is not None
    for code in ("EVS.0002", "Common.0013", "IMG.0087"):
        assert table[code].kind is ErrorKind.EXPIRED
