"""The first screen waits for nothing: it is there before the cloud is asked, and without an answer of the cloud."""

from __future__ import annotations

import signal
import socket

import pytest

from tests.terminal.screen import COMMAND, CTRL_Q, Terminal

pytestmark = pytest.mark.terminal


@pytest.mark.parametrize("way", ["ctrl+q", "SIGTERM"])
def test_the_screen_is_painted_before_the_first_connection_and_can_be_left_without_an_answer(way: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        variables = {
            "OS_AUTH_URL": f"http://127.0.0.1:{server.getsockname()[1]}/v3",
            "OS_USERNAME": "somebody",
            "OS_PASSWORD": "Sentinel-of-nobody",
            "OS_USER_DOMAIN_NAME": "domain",
            "OS_PROJECT_NAME": "project",
            "EVS_TUI_DIALECT": "otc",
            "OS_REGION_NAME": "eu-de",
        }
        with Terminal(COMMAND, variables=variables) as terminal:
            painted: list[bool] = []

            def connected() -> bool:
                try:
                    connection, _ = server.accept()
                except BlockingIOError:
                    painted.append("Signing in." in terminal.text)
                    return False
                connections.append(connection)
                return True

            connections: list[socket.socket] = []
            terminal.wait_until(connected, "a connection", gap=0.001)
            assert painted[-1], "the cloud was asked before anything was shown"
            terminal.wait_for("Signing in.", "q quit")
            if way == "ctrl+q":
                terminal.type(CTRL_Q)
                assert terminal.end(10) == 0
            else:
                terminal.send(signal.SIGTERM)
                assert terminal.end(10) == 128 + signal.SIGTERM
            asked = connections[0].recv(65536)
            connections[0].close()
        assert asked.startswith(b"POST /v3/auth/tokens ")
        assert b"Sentinel-of-nobody" not in terminal.raw
