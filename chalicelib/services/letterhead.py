"""Letterhead: how a message looks, in light and in dark, without fetching anything."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from time import gmtime, strftime

from chalicelib.domain.ports.surroundings import Mail

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
_LINK = (
    "display:inline-block;padding:10px 16px;background:#181d27;border-radius:8px;"
    "color:#ffffff;font-weight:600;text-decoration:none"
)
_NOTE = "margin:0;font-size:14px;line-height:22px;color:#626770"
# What stands at an element wins over a style sheet that does not insist.
_DARK = (
    ":root{color-scheme:light dark}@media(prefers-color-scheme:dark){"
    ".page{background:#0b0c0f!important;color:#edeef1!important}"
    ".sheet{background:#121317!important;border-color:#25272b!important}"
    ".code{background:#212327!important}.note{color:#9498a0!important}"
    ".link{background:#edeef1!important;color:#0f1216!important}}"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A way to a page of ours, and the words that stand for its address."""

    address: str = field(repr=False)
    words: str


def letter(
    subject: str, lines: Sequence[str], *, strong: str | None, link: Link | None = None
) -> str:
    """Answer a message as HTML: a paragraph for each line, one of them large, the last one small.

    No picture and nothing of another origin: nobody learns that it was opened. The one link that
    there may be is to ourselves, in the place of the line that says its address.
    """
    *above, last = lines
    paragraphs = [_line(line, strong=strong, link=link) for line in above]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(subject)}</title><style>{_DARK}</style></head>"
        f'<body class="page" style="{_PAGE}"><div class="sheet" style="{_SHEET}">'
        f"{''.join(paragraphs)}{_paragraph('note', _NOTE, last)}</div></body></html>\n"
    )


def mail_of(
    to: str,
    *,
    subject: str,
    lines: tuple[str, ...],
    strong: str | None = None,
    link: Link | None = None,
) -> Mail:
    """Answer a message to an address, as text and as HTML of the same words."""
    title, plain = one_line(subject), [one_line(line) for line in lines]
    return Mail(
        to=to,
        subject=title,
        text="\n\n".join(plain) + "\n",
        html=letter(title, plain, strong=strong, link=link),
    )


def one_line(text: str) -> str:
    """Answer a text without what would begin another line."""
    # A line break in an operator's chosen name would begin a header, or a sentence of its own.
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def moment_of(at: int) -> str:
    """Answer a moment as messages write it."""
    moment = gmtime(at)
    return f"{moment.tm_mday} {strftime('%B %Y, %H:%M UTC', moment)}"


def _line(line: str, *, strong: str | None, link: Link | None) -> str:
    if link is not None and line == link.address:
        anchor = f'<a class="link" href="{escape(line)}" style="{_LINK}">{escape(link.words)}</a>'
        return f'<p class="text" style="{_TEXT}">{anchor}</p>'
    if line == strong:
        return _paragraph("code", _CODE, line)
    return _paragraph("text", _TEXT, line)


def _paragraph(kind: str, style: str, line: str) -> str:
    return f'<p class="{kind}" style="{style}">{escape(line)}</p>'
