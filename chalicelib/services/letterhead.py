"""Letterhead: how a message looks, in light and in dark, without fetching anything."""

from collections.abc import Sequence
from html import escape

_PAGE = "margin:0;padding:32px 16px;background:#f7f8fa;color:#151922"
_SHEET = (
    "max-width:440px;margin:0 auto;padding:24px;background:#ffffff;border:1px solid #e3e5e9;"
    "border-radius:12px;font:16px/24px system-ui,-apple-system,'Segoe UI',sans-serif"
)
_TEXT = "margin:0 0 16px"
_CODE = (
    "margin:0 0 16px;padding:12px 8px;background:#edeef2;border-radius:8px;text-align:center;"
    "font:600 32px/40px ui-monospace,'SF Mono',Consolas,monospace;letter-spacing:.18em"
)
_NOTE = "margin:0;font-size:14px;line-height:22px;color:#626770"
# What stands at an element wins over a style sheet that does not insist.
_DARK = (
    ":root{color-scheme:light dark}@media(prefers-color-scheme:dark){"
    ".page{background:#0b0c0f!important;color:#edeef1!important}"
    ".sheet{background:#121317!important;border-color:#25272b!important}"
    ".code{background:#212327!important}.note{color:#9498a0!important}}"
)


def letter(subject: str, lines: Sequence[str], *, strong: str | None) -> str:
    """Answer a message as HTML: a paragraph for each line, one of them large, the last one small.

    No picture, no link and nothing of another origin: nobody learns that it was opened.
    """
    *above, last = lines
    paragraphs = [
        _paragraph("code", _CODE, line) if line == strong else _paragraph("text", _TEXT, line)
        for line in above
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(subject)}</title><style>{_DARK}</style></head>"
        f'<body class="page" style="{_PAGE}"><div class="sheet" style="{_SHEET}">'
        f"{''.join(paragraphs)}{_paragraph('note', _NOTE, last)}</div></body></html>\n"
    )


def _paragraph(kind: str, style: str, line: str) -> str:
    return f'<p class="{kind}" style="{style}">{escape(line)}</p>'
