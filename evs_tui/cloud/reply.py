"""An answer as it came from the wire, and its body as JSON. Nothing is believed here that was not checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from evs_tui.secret import redact
from evs_tui.text import excerpt

_REQUEST_ID_HEADERS = ("x-request-id", "x-openstack-request-id", "x-compute-request-id", "x-iam-trace-id")


class Unreadable(ValueError):
    """A body that is not the JSON it should be. The message says what it is instead, with an excerpt."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers (names in lower case) and the whole decoded body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Any 2xx."""
        return 200 <= self.status < 300

    @property
    def is_redirect(self) -> bool:
        """Any 3xx. None is ever followed: tokens and bodies would go to whatever host it names."""
        return 300 <= self.status < 400

    @property
    def request_id(self) -> str | None:
        """The id that the vendor's support asks for, from whichever header carries it."""
        found = next((self.headers[name] for name in _REQUEST_ID_HEADERS if self.headers.get(name)), None)
        return excerpt(redact(found), 100) if found else None

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body decoded.

        Raises:
            Unreadable: another content type, broken or cut JSON, a number that is none, absurd nesting.
        """
        kind = redact(self.headers.get("content-type", "")).partition(";")[0].strip().lower()
        if kind and kind != "application/json" and not kind.endswith("+json"):
            raise Unreadable(f"the answer is {excerpt(kind, 60)} instead of JSON: {self._shown()}")
        return self.loose_json()

    def loose_json(self) -> Any:
        """The body decoded, whatever its content type says: gateways label their refusals carelessly.

        Raises:
            Unreadable: see `json`.
        """
        try:
            return json.loads(self.body, parse_constant=_no_number)
        except RecursionError:
            raise Unreadable("the answer is nested too deeply") from None
        except ValueError:  # also a number of thousands of digits, or bytes that are no text
            raise Unreadable(f"the answer is not valid JSON or was cut: {self._shown()}") from None

    def _shown(self) -> str:
        words = excerpt(redact(self.text[:4000]), 120)
        return words or "it is empty"


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")
