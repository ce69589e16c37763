"""The signature against the vendor's own: every vector, and the forms that only a signer of one's own gets wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evs_tui.cloud.auth.signature import authorization, canonical_of
from evs_tui.cloud.prepared import PreparedRequest
from evs_tui.secret import Secret
from tests.fixtures.signing.vendor import as_sent

FIXTURES = Path(__file__).parents[1] / "fixtures" / "signing"
VECTORS = json.loads((FIXTURES / "vectors.json").read_text("utf-8"))
RECORDED = json.loads((FIXTURES / "vendor.json").read_text("utf-8"))["cases"]


def prepared_of(inputs: dict[str, Any]) -> PreparedRequest:
    path, query = as_sent(inputs)
    body = (inputs["body"] or "").encode()
    return PreparedRequest(inputs["method"], f"https://{inputs['host']}", path, query, (), body or None)


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_every_vector_of_the_vendors_signer(vector: dict[str, Any]) -> None:
    inputs, expect = vector["inputs"], vector["expect"]
    headers = {name: value for name, value in expect["final_headers"].items() if name != "Authorization"}
    signed = {name: value for name, value in headers.items() if "_" not in name}
    canonical = canonical_of(prepared_of(inputs), signed)
    assert canonical.text == expect["canonical_request"]
    assert authorization(canonical, inputs["ak"], Secret(inputs["sk"]), "20260115T093000Z") == expect["authorization"]


def test_the_example_that_the_vendor_published() -> None:
    inputs, expect = VECTORS["published_vector"]["inputs"], VECTORS["published_vector"]["expect"]
    canonical = canonical_of(prepared_of(inputs), {**inputs["headers"], "Host": inputs["host"]})
    assert canonical.signed_headers == expect["signed_headers"]
    signed = authorization(canonical, inputs["ak"], Secret(inputs["sk"]), inputs["headers"]["X-Sdk-Date"])
    assert signed.endswith(f"Signature={expect['signature']}")


def test_what_the_vendors_signer_answered_to_requests_made_by_chance() -> None:
    assert len(RECORDED) == 200
    for case in RECORDED:
        inputs = case["inputs"]
        canonical = canonical_of(prepared_of(inputs), {**inputs["headers"], "Host": inputs["host"]})
        signed = authorization(canonical, inputs["ak"], Secret(inputs["sk"]), inputs["headers"]["X-Sdk-Date"])
        assert signed == case["authorization"], inputs
