from __future__ import annotations

import pytest

from evs_tui.cloud.origins import BadEndpoint, Endpoint, endpoint_from


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://iam.eu-de.otc.t-systems.com/v3", Endpoint("https://iam.eu-de.otc.t-systems.com")),
        ("https://iam.eu-de.otc.t-systems.com/v3/auth/tokens", Endpoint("https://iam.eu-de.otc.t-systems.com")),
        ("https://IAM.Example.COM:443/v3/", Endpoint("https://iam.example.com")),
        ("https://example.com:8443", Endpoint("https://example.com:8443")),
        ("https://example.com/identity/v3", Endpoint("https://example.com", "/identity")),
        ("https://example.com/volume/v3/0d1e2f", Endpoint("https://example.com", "/volume")),
        ("https://example.com/compute/v2.1", Endpoint("https://example.com", "/compute")),
        ("https://ims.example.com", Endpoint("https://ims.example.com")),
        ("http://127.0.0.1:15000/v3", Endpoint("http://127.0.0.1:15000")),
        ("http://localhost:80/", Endpoint("http://localhost")),
        ("http://[::1]:5000/v3", Endpoint("http://[::1]:5000")),
    ],
)
def test_an_endpoint_is_an_origin_and_the_path_before_its_version(url: str, expected: Endpoint) -> None:
    assert endpoint_from(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://iam.example.com/v3",
        "http://127.0.0.1.example.com/v3",
        "http://localhost.example.com/",
        "http://10.0.0.5:5000/v3",
        "ftp://example.com/",
        "example.com/v3",
        "",
        "https://",
        "https:///v3",
        "https://user:pw@example.com/v3",
        "https://example.com@evil.invalid/v3",
        "https://exa mple.com/",
        "https://exämple.com/",
        "https://a\x1b]52;c;x\x07.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://example.com/a/../b",
        "https://example.com/%2e%2e/",
        "https://example.com/v3?x=1",
        "https://example.com/v3#x",
        "https://" + "a" * 64 + ".com/",
        "https://[::1/",
    ],
)
def test_what_must_not_be_sent_to_is_refused(url: str) -> None:
    with pytest.raises(BadEndpoint) as refused:
        endpoint_from(url)
    assert "\x1b" not in str(refused.value)
    assert ":pw@" not in str(refused.value)
