"""Which requests are answered: a table of Host and Origin, held against what browsers send."""

from __future__ import annotations

import socket

import pytest

from lossviz.core.mode import Mode
from lossviz.ui.origins import RequestFacts, refusal

HOME = Mode.read({}, "127.0.0.1")
CLASS = Mode.read({"LOSSVIZ_HOSTS": "lab.example,loss.example:8443"}, "0.0.0.0")
PROXIED = Mode.read({"LOSSVIZ_SHARED": "1", "LOSSVIZ_HOSTS": "lab.example"}, "127.0.0.1")


def answered(mode: Mode, method: str = "GET", websocket: bool = False, **headers: str) -> bool:
    said = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return refusal(RequestFacts(method, websocket, said), mode) == ""


@pytest.mark.parametrize(
    ("host", "home", "shared"),
    [
        ("127.0.0.1:8501", True, True),
        ("localhost:8501", True, True),
        ("LocalHost:8501", True, True),
        ("localhost.:8501", True, True),
        ("localhost", True, True),
        ("[::1]:8501", True, True),
        ("[0:0:0:0:0:0:0:1]:8501", True, True),
        ("127.0.0.2:8501", True, True),
        ("192.168.0.7:8501", False, True),
        ("[fe80::1]:8501", False, True),
        (f"{socket.gethostname()}:8501", False, True),
        ("lab.example:8501", False, True),
        ("LAB.example.", False, True),
        ("loss.example:8443", False, True),
        ("loss.example:8501", False, False),
        ("loss.example", False, False),
        ("evil.example:8501", False, False),
        ("notlab.example:8501", False, False),
        ("x.lab.example:8501", False, False),
        ("localhost.evil.example:8501", False, False),
        ("127.0.0.1.evil.example:8501", False, False),
        ("127.1:8501", False, False),
        ("2130706433:8501", False, False),
        ("0.0.0.0:8501", False, False),
        ("[::]:8501", False, False),
        ("evil.example@127.0.0.1:8501", False, False),
        ("127.0.0.1:8501/x", False, False),
        ("127.0.0.1:0", False, False),
        ("127.0.0.1:99999", False, False),
        ("127.0.0.1:8501, evil.example", False, False),
        ("::1", False, False),
        ("", False, False),
    ],
)
def test_a_name_that_is_not_the_server_s_is_not_answered(host: str, home: bool, shared: bool) -> None:
    assert answered(HOME, host=host) is home
    assert answered(CLASS, host=host) is shared


def test_a_request_without_a_host_or_with_two_is_not_answered() -> None:
    assert not answered(HOME)
    assert refusal(RequestFacts("GET", False, {"host": ["127.0.0.1:1", "127.0.0.1:1"]}), HOME)


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        ("127.0.0.1:8501", "http://127.0.0.1:8501", True),
        ("localhost:8501", "http://localhost:8501", True),
        ("LOCALHOST.:8501", "http://localhost:8501", True),
        ("localhost:8501", "HTTP://LOCALHOST:8501", True),
        ("[::1]:8501", "http://[::1]:8501", True),
        ("localhost", "http://localhost", True),
        ("localhost:80", "http://localhost", True),
        ("localhost", "http://localhost:80", True),
        ("localhost", "https://localhost", True),
        ("localhost:443", "https://localhost", True),
        ("localhost:443", "http://localhost", False),
        ("127.0.0.1:8501", "http://localhost:9999", False),
        ("127.0.0.1:8501", "http://127.0.0.1:9999", False),
        ("127.0.0.1:8501", "http://localhost:8501", False),
        ("127.0.0.1:8501", "http://127.0.0.1", False),
        ("127.0.0.1:8501", "http://[::1]:8501", False),
        ("127.0.0.1:8501", "null", False),
        ("127.0.0.1:8501", "", False),
        ("127.0.0.1:8501", "http://evil.example:8501", False),
        ("127.0.0.1:8501", "http://127.0.0.1:8501.evil.example", False),
        ("127.0.0.1:8501", "http://127.0.0.1:8501@evil.example", False),
        ("127.0.0.1:8501", "http://127.0.0.1:8501/", False),
        ("127.0.0.1:8501", "127.0.0.1:8501", False),
        ("127.0.0.1:8501", "ftp://127.0.0.1:8501", False),
        ("127.0.0.1:8501", "file://", False),
        ("127.0.0.1:8501", "chrome-extension://abcdefgh", False),
        ("127.0.0.1:8501", "https://lossviz.streamlit.app", False),
    ],
)
@pytest.mark.parametrize("websocket", [False, True])
def test_an_origin_is_the_host_port_included(host: str, origin: str, expected: bool, websocket: bool) -> None:
    assert answered(HOME, websocket=websocket, host=host, origin=origin) is expected


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        # The proxy passes the name on, or its own address; https is its affair.
        ("lab.example", "https://lab.example", True),
        ("lab.example:8501", "http://lab.example:8501", True),
        ("127.0.0.1:8501", "https://lab.example", True),
        ("127.0.0.1:8501", "http://lab.example", True),
        ("127.0.0.1:8501", "http://lab.example:9999", False),
        ("127.0.0.1:8501", "https://evil.example", False),
        ("127.0.0.1:8501", "https://lab.example.evil.example", False),
    ],
)
def test_behind_a_proxy_the_named_hosts_are_origins_too(host: str, origin: str, expected: bool) -> None:
    assert answered(PROXIED, host=host, origin=origin) is expected


def test_what_a_proxy_is_said_to_have_heard_is_not_believed() -> None:
    assert not answered(
        PROXIED, host="evil.example", x_forwarded_host="lab.example", forwarded="host=lab.example"
    )
    assert not answered(
        HOME, host="127.0.0.1:1", origin="http://evil.example", x_forwarded_host="evil.example"
    )


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_may_link_here_and_not_use_what_is_here(site: str) -> None:
    host = "127.0.0.1:8501"
    opened = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    assert answered(HOME, host=host, sec_fetch_site=site, **opened)
    assert not answered(
        HOME, host=host, sec_fetch_site=site, sec_fetch_mode="navigate", sec_fetch_dest="iframe"
    )
    assert not answered(
        HOME, host=host, sec_fetch_site=site, sec_fetch_mode="no-cors", sec_fetch_dest="image"
    )
    assert not answered(HOME, "POST", host=host, sec_fetch_site=site, **opened)
    assert not answered(HOME, websocket=True, host=host, sec_fetch_site=site, **opened)


def test_programs_and_the_page_itself_are_answered_without_an_origin() -> None:
    assert answered(HOME, host="127.0.0.1:8501")
    assert answered(HOME, "POST", host="127.0.0.1:8501")
    assert answered(HOME, host="127.0.0.1:8501", sec_fetch_site="same-origin", sec_fetch_mode="cors")
    assert answered(HOME, host="127.0.0.1:8501", sec_fetch_site="none", sec_fetch_mode="navigate")
