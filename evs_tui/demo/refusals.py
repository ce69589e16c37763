"""The error envelopes of the services, each as its documentation or the upstream service writes it."""

from __future__ import annotations

from http import HTTPStatus
from uuid import uuid4

from evs_tui.demo.exchange import Refusal, Reply

_CINDER_KEYS = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    415: "badMediaType",
    501: "notImplemented",
    503: "serviceUnavailable",
}


def coded(status: int, code: str, message: str) -> Refusal:
    """`{"error":{"message","code":"EVS.5404"}}`. Source: EVS API, Error Codes; likewise IMS and ECS."""
    return Refusal(Reply(status, {"error": {"message": message, "code": code}}))


def cinder(status: int, message: str) -> Refusal:
    """`{"badRequest":{"message","code":400}}`, the fault of the Cinder layer. Source: Cinder API, faults."""
    return Refusal(Reply(status, {_CINDER_KEYS.get(status, "computeFault"): {"code": status, "message": message}}))


def keystone(status: int, message: str) -> Refusal:
    """`{"error":{"code":401,"message","title"}}` with an integer code. Source: IAM API, Status Codes; Keystone v3."""
    reply = Reply(status, {"error": {"code": status, "message": message, "title": HTTPStatus(status).phrase}})
    return Refusal(reply)


def keystone_unauthorized(auth_url: str) -> Refusal:
    """Keystone's one answer to every failed sign-in, which never says what was wrong."""
    refusal = keystone(401, "The request you have made requires authentication.")
    refusal.reply.headers["WWW-Authenticate"] = f'Keystone uri="{auth_url}"'
    return refusal


def glance(status: int, message: str) -> Refusal:
    """`{"message":"…<br /><br />","code":"404 Not Found","title"}`, as Glance and Cinder's router write it."""
    phrase = HTTPStatus(status).phrase
    body = {"message": f"{message}<br /><br />\n\n\n", "code": f"{status} {phrase}", "title": phrase}
    return Refusal(Reply(status, body))


def html(status: int, text: str) -> Refusal:
    """A page for people, as gateways and Glance under IMS send it."""
    title = f"{status} {HTTPStatus(status).phrase}"
    head = f" <head>\n  <title>{title}</title>\n </head>"
    page = f"<html>\n{head}\n <body>\n  <h1>{title}</h1>\n  {text}<br /><br />\n </body>\n</html>"
    return Refusal(Reply(status, raw=page.encode(), content_type="text/html; charset=UTF-8"))


def gateway(status: int, code: str, message: str) -> Refusal:
    """`{"error_msg","error_code","request_id"}` of the API gateway. Source: EVS API, Error Codes (APIGW)."""
    return Refusal(Reply(status, {"error_msg": message, "error_code": code, "request_id": uuid4().hex}))


def field(name: str, value: object, reason: str) -> str:
    """The text of Cinder's schema check about one field of a body."""
    return f"Invalid input for field/attribute {name}. Value: {value}. {reason}"
