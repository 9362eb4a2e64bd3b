"""`/dev/outbox`, which shows the mails that the local cloud keeps; no deployment has it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import urllib.request
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from infra.local.server.messages import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra.local.server.messages import Request

_STYLE = """
:root{color-scheme:light dark;--canvas:light-dark(#f7f8fa,#0b0c0f);
--surface:light-dark(#fff,#121317);--line:light-dark(#e3e5e9,#25272b);
--ink:light-dark(#151922,#edeef1);--ink-3:light-dark(#626770,#9498a0)}
body{background:var(--canvas);color:var(--ink);font:14px/22px system-ui,sans-serif;
margin:0 auto;max-width:720px;padding:40px 16px}
h1{font-size:24px;line-height:32px;font-weight:600;margin:0}
p,dl,dt{color:var(--ink-3)}
article{background:var(--surface);border:1px solid var(--line);border-radius:12px;
margin-top:16px;padding:16px 20px}
h2{font-size:16px;line-height:24px;font-weight:600;margin:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:0 12px;margin:8px 0;font-size:13px}
dd{margin:0;overflow-wrap:anywhere}
pre{font:13px/20px ui-monospace,monospace;margin:12px 0 0;white-space:pre-wrap;
overflow-wrap:anywhere}
iframe{border:1px solid var(--line);border-radius:8px;display:block;height:340px;
margin-top:12px;width:100%}
"""
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; frame-src 'self'"
)
# A mail is shown as its reader would get it, by styles of its own and with no right to anything.
_MAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
_ALWAYS = (
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
)
_HEADERS = (*_ALWAYS, ("content-security-policy", _POLICY))
_HTML = ("content-type", "text/html; charset=utf-8")
PATH = "/dev/outbox"
_MAIL = re.compile(rf"{PATH}/([^/]+)\.html")
# The cloud is on this machine; a proxy of the environment has no part in it.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail as a person would read it; `time` is ISO 8601."""

    id: str
    to: tuple[str, ...]
    subject: str
    time: str
    text: str
    html: str


class Outbox:
    """Reads the mails from the endpoint where the local SES keeps them."""

    def __init__(self, endpoint: str) -> None:
        self._url = endpoint.rstrip("/") + "/_aws/ses"

    @staticmethod
    def has(path: str) -> bool:
        """Whether a path is one of the outbox's."""
        return path in {PATH, f"{PATH}.json"} or _MAIL.fullmatch(path) is not None

    def answer(self, request: Request) -> Answer:
        """The page, the same as JSON, or one mail as HTML."""
        # A foreign name that resolves to this machine must not read anybody's codes.
        if request.header("host").rpartition(":")[0] not in _LOCAL_NAMES:
            return Answer(status=403, headers=_HEADERS, body=b"")
        if request.method not in {"GET", "HEAD"}:
            return Answer(status=405, headers=(*_HEADERS, ("allow", "GET, HEAD")), body=b"")
        try:
            mails = self.mails()
        except (OSError, ValueError, LookupError):
            text = "The endpoint that this server was given keeps no mails to show.\n"
            plain = (*_HEADERS, ("content-type", "text/plain; charset=utf-8"))
            return Answer(status=502, headers=plain, body=text.encode())
        if one := _MAIL.fullmatch(request.path):
            return _shown([mail for mail in mails if mail.id == unquote(one[1])])
        if request.path.endswith(".json"):
            kind = ("content-type", "application/json")
            text = json.dumps({"mails": [asdict(m) for m in mails]})
        else:
            kind, text = _HTML, _page(mails)
        return Answer(status=200, headers=(*_HEADERS, kind), body=text.encode())

    def mails(self) -> list[Mail]:
        """All mails, newest first."""
        with _DIRECT.open(self._url, timeout=5) as answer:
            messages = json.load(answer)["messages"]
        # Python's sort is stable: of two mails in one second, the later one stays first.
        return sorted(map(_mail, reversed(messages)), key=lambda mail: mail.time, reverse=True)


def _mail(message: dict[str, object]) -> Mail:
    destination, body = message.get("Destination"), message.get("Body")
    to = destination.get("ToAddresses") if isinstance(destination, dict) else None
    parts = body if isinstance(body, dict) else {}
    return Mail(
        id=str(message.get("Id") or ""),
        to=tuple(map(str, to or ())),
        subject=str(message.get("Subject") or ""),
        time=str(message.get("Timestamp") or ""),
        text=str(parts.get("text_part") or parts.get("html_part") or ""),
        html=str(parts.get("html_part") or ""),
    )


def _shown(found: Sequence[Mail]) -> Answer:
    if not found or not found[0].html:
        return Answer(status=404, headers=_HEADERS, body=b"")
    headers = (*_ALWAYS, ("content-security-policy", _MAIL_POLICY), _HTML)
    return Answer(status=200, headers=headers, body=found[0].html.encode())


def _page(mails: Iterable[Mail]) -> str:
    articles = "".join(map(_article, mails)) or "<p>No mail yet.</p>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="refresh" content="5">'
        f"<title>Outbox</title><style>{_STYLE}</style>"
        "<h1>Outbox</h1><p>Mails that this machine would have sent. It exists locally only.</p>"
        f"<main>{articles}</main></html>"
    )


def _article(mail: Mail) -> str:
    to, subject, when, text = map(escape, (", ".join(mail.to), mail.subject, mail.time, mail.text))
    return (
        f"<article><h2>{subject}</h2><dl><dt>To</dt><dd>{to}</dd>"
        f"<dt>Sent</dt><dd><time>{when}</time></dd></dl>{_frame(mail)}<pre>{text}</pre></article>"
    )


def _frame(mail: Mail) -> str:
    if not mail.html:
        return ""
    source, title = (escape(f"{PATH}/{quote(mail.id, safe='')}.html"), escape(mail.subject))
    return f'<iframe sandbox loading="lazy" src="{source}" title="{title}"></iframe>'
