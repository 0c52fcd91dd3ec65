"""Mails: the letter itself as an article, and what hangs on it as files of their own."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import parseaddr

from casextract.load.encodings import decode
from casextract.load.html import load_html
from casextract.load.metadata import clean
from casextract.load.source import Article, LoadError, Meta

_HEADER = re.compile(
    rb"^(?:Return-Path|Received|From|To|Cc|Date|Subject|Message-ID|MIME-Version|Content-Type|Delivered-To|Reply-To|X-[\w-]+):",
    re.IGNORECASE | re.MULTILINE,
)
_REPLY = re.compile(r"^\s*(?:(?:re|fw|fwd|回复|转发|轉寄|回覆|答复)\s*[:：]\s*)+", re.IGNORECASE)


def is_mail(head: bytes) -> bool:
    """Whether a file begins as a mail does: with three of its headers, in the first of its lines too."""
    top = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    first = _HEADER.match(top)
    return first is not None and len({m[0].lower() for m in _HEADER.finditer(top)}) >= 3


def load_letter(data: bytes, encoding: str | None = None) -> Article:
    """The text of a mail; its subject is the title, its sender the byline, its date the date of publication.

    Raises LoadError where it has none, or as `load_html` and `decode` do.
    """
    message = _parsed(data)
    body = message.get_body(preferencelist=("html", "plain"))
    content = body.get_payload(decode=True) if body is not None else None
    if body is None or not isinstance(content, bytes) or not content.strip():
        raise LoadError("no_text", "the mail has no text of its own; what hangs on it is read by itself")
    if body.get_content_type() == "text/html":
        page = load_html(content, encoding, body.get_content_charset())
    else:
        decoded = decode(content, encoding, body.get_content_charset())
        page = Article(decoded.text, notes=decoded.notes, encoding=decoded.encoding)
    sent = message["date"].datetime if message["date"] is not None else None
    name, address = parseaddr(str(message["from"] or ""))
    meta = Meta(
        title=clean(_REPLY.sub("", str(message["subject"] or ""))),
        published_on=sent.date() if sent is not None else None,
        byline=clean(name or address),
    )
    return Article(page.text, page.marks, meta, page.notes, page.encoding)


def attachments(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and contents of what hangs on a mail; pictures inside its text are no files of their own."""
    for n, part in enumerate(_parsed(data).iter_attachments(), 1):
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and not (part.get_content_maintype() == "image" and part["content-id"]):
            name = part.get_filename() or f"{n}"
            yield re.sub(r"[\\/]+", "_", name), content


def _parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message
