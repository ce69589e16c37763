"""What the answer to a call that changes something proves. Pure: the heart of "none is lost, none is sent twice".

| the answer | what it proves |
| --- | --- |
| 2xx | taken; without a readable image id it is taken all the same |
| 401 and its 400 twins, 429, APIGW.0308, 413 with a wait | refused for now |
| any other 4xx in an envelope that we know | refused |
| nothing, and the transport knows that no byte left | not sent |
| everything else: 3xx, 4xx without an envelope, 408, 5xx, cut, timed out | unclear |
"""

from __future__ import annotations

from evs_tui.cloud.answers import Answer, NotSent, Refused, RefusedForNow, Taken, Unclear
from evs_tui.cloud.envelopes import envelope_of, error_from, wants_new_token
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.reply import Reply, Unreadable
from evs_tui.text import is_id

_THROTTLED_CODE = "APIGW.0308"


def answer_of(reply: Reply, what: str) -> Answer:
    """The answer that `reply` is. `what` is the sentence for the case that it is no success.

    Source: EVS API, Exporting EVS Disk Data as an Image; API Gateway, Error Codes.
    """
    if reply.is_success:
        return _taken(reply)
    error = error_from(reply, what)
    if not 400 <= reply.status < 500:
        return Unclear(error)
    envelope = envelope_of(reply)
    if (
        wants_new_token(reply)
        or reply.status == 429
        or envelope.code == _THROTTLED_CODE
        or (reply.status == 413 and envelope.retry_after is not None)
    ):
        return RefusedForNow(error, error.retry_after)
    # A 408 is a gateway that lost patience: the service behind it may still have got the request.
    if envelope.known and reply.status != 408:
        return Refused(error)
    return Unclear(error)


def answer_of_fault(error: CloudError, *, sent: bool, status: int | None) -> Answer:
    """The answer where none could be read whole. `sent` is False only if it is proved that no byte left.

    `status` is the HTTP status, if that much arrived: a 2xx whose body broke off is an acceptance.
    """
    if not sent:
        return NotSent(error)
    if status is not None and 200 <= status < 300:
        return Taken(None, error.request_id)
    return Unclear(error)


def unclear(what: str, why: str) -> Unclear:
    """For what should not happen at all: nobody knows what it did."""
    return Unclear(CloudError(ErrorKind.INTERRUPTED, what, why))


def _taken(reply: Reply) -> Taken:
    try:
        decoded = reply.loose_json()
    except Unreadable:
        decoded = None
    outer = decoded if isinstance(decoded, dict) else {}
    inner = outer.get("os-volume_upload_image")
    image_id = inner.get("image_id") if isinstance(inner, dict) else None
    return Taken(_id_or_none(image_id), reply.request_id, _id_or_none(outer.get("job_id")))


def _id_or_none(found: object) -> str | None:
    return found if isinstance(found, str) and is_id(found) else None
