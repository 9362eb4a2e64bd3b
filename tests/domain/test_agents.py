import pytest

from chalicelib.domain.agents import browser_of, network_of

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
_KIT = "AppleWebKit/537.36 (KHTML, like Gecko) "
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 "


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (f"{_WINDOWS}{_KIT}Chrome/150.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{_WINDOWS}{_KIT}Chrome/150.0.0.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
        (f"{_WINDOWS}{_KIT}Chrome/150.0.0.0 Safari/537.36 OPR/120.0", "Opera on Windows"),
        (f"{_WINDOWS}Gecko/20100101 Firefox/150.0", "Firefox on Windows"),
        (f"{_IPHONE}(KHTML, like Gecko) Version/19.0 Mobile Safari/604.1", "Safari on iPhone"),
        (f"{_IPHONE}(KHTML, like Gecko) CriOS/150.0 Mobile Safari/604.1", "Chrome on iPhone"),
        (f"{_IPHONE}(KHTML, like Gecko) FxiOS/150.0 Mobile Safari/604.1", "Firefox on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_1) Version/19 Safari/605", "Safari on Mac"),
        (f"Mozilla/5.0 (Linux; Android 16) {_KIT}Chrome/150.0 Mobile", "Chrome on Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64 1) Chrome/150.0 Safari/537.36", "Chrome on ChromeOS"),
        ("curl/8.9.0", "A browser"),
        ("", "A browser"),
        ("<script>alert(1)</script> Firefox\r\nBcc: all@acme.example", "Firefox"),
        (" " * 1_000 + "Firefox", "A browser"),
    ],
)
def test_a_browser_is_told_in_our_own_words(agent: str, words: str) -> None:
    assert browser_of(agent) == words


@pytest.mark.parametrize(
    ("ip", "beginning"),
    [
        ("192.0.2.7", "192.0"),
        ("2001:db8:1:2::9", "2001:0db8"),
        ("", None),
        ("<b>", None),
        ("192.0.2.7, 10.0.0.1", None),
    ],
)
def test_of_a_network_no_more_is_told_than_its_beginning(ip: str, beginning: str | None) -> None:
    assert network_of(ip) == beginning
