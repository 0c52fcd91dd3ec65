"""The local page for reviewing: only on this machine, only for who has the address, nothing from outside.

What is promised: the server listens on 127.0.0.1 alone, on a port of the system's choice; every request but those for
the page's own style and script carries the token of the address; a request that another page sends (another origin, or
another host name) is refused; the page's policy lets no inline script run and nothing be loaded from elsewhere.
"""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any, get_args

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from casextract.language import Language, label, labels, preferred
from casextract.records import Bound, Currency, Dimension, Status
from casextract.review import desk as desks
from casextract.review.corrections import EDITABLE, CorrectionError
from casextract.review.desk import ConflictError, Desk, UnreadError
from casextract.review.page import templates

HOST = "127.0.0.1"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ASSETS = {"review.js": "text/javascript", "review.css": "text/css"}
LARGEST_BODY = 1 << 20
"""Bytes of a request; a correction has some hundred."""


def listening() -> socket.socket:
    """A socket on this machine alone, on a port that is free."""
    found = socket.socket()
    found.bind((HOST, 0))
    return found


def new_token() -> str:
    """A token nobody can guess."""
    return secrets.token_urlsafe(24)


def app(desk: Desk, port: int, token: str, language: Language | None = None) -> Starlette:
    """The web application over a desk. With `language` None the browser's own decides."""

    def guarded(
        answer: Callable[[Request], Awaitable[Response]],
    ) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            reason = refusal(request, port, token)
            if reason is not None:
                return _headed(PlainTextResponse(reason, 403))
            try:
                return _headed(await answer(request))
            except ConflictError as error:
                return _headed(JSONResponse({"error": str(error)}, 409))
            except UnreadError as error:
                return _headed(JSONResponse({"error": str(error)}, 422))
            except KeyError as error:
                return _headed(JSONResponse({"error": f"there is no {error}"}, 404))
            except (CorrectionError, ValueError, TypeError) as error:
                return _headed(JSONResponse({"error": str(error)}, 400))
            except OSError as error:
                return _headed(
                    JSONResponse({"error": f"{desk.log}: cannot be written ({error.strerror or error})"}, 500)
                )

        return handle

    async def page(request: Request) -> Response:
        spoken = language or _spoken(request.headers.get("accept-language", ""))
        return Response(_page(spoken), media_type="text/html; charset=utf-8")

    async def start(request: Request) -> Response:
        spoken: Language = "zh" if request.query_params.get("lang") == "zh" else "en"
        return _json({"documents": await run_in_threadpool(desk.documents), "log": str(desk.log), **words(spoken)})

    async def document(request: Request) -> Response:
        return _json(await run_in_threadpool(desk.article, request.path_params["doc_id"]))

    async def explanation(request: Request) -> Response:
        place = int(request.query_params.get("start", "-1"))
        return _json(await run_in_threadpool(desk.explanation, request.path_params["doc_id"], place))

    async def corrections(request: Request) -> Response:
        body = await _body(request)
        made = await run_in_threadpool(desk.record, desks.Request(**body))
        return _json({"id": made.id, "article": await run_in_threadpool(desk.article, body["doc_id"])})

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _ASSETS or not _own_host(request, port):
            return _headed(PlainTextResponse("not found", 404))
        text = resources.files("casextract.review").joinpath("static", name).read_bytes()
        return _headed(Response(text, media_type=f"{_ASSETS[name]}; charset=utf-8"))

    return Starlette(
        routes=[
            Route("/", guarded(page)),
            Route("/static/{name}", asset),
            Route("/api/start", guarded(start)),
            Route("/api/documents/{doc_id}", guarded(document)),
            Route("/api/documents/{doc_id}/explanation", guarded(explanation)),
            Route("/api/corrections", guarded(corrections), methods=["POST"]),
        ]
    )


def refusal(request: Request, port: int, token: str) -> str | None:
    """Why a request is not answered, or None."""
    if not _own_host(request, port):
        return "another host name than this machine's own"
    origin = request.headers.get("origin")
    if origin is not None and origin not in _origins(port):
        return "another origin"
    if request.method == "POST" and origin is None:
        return "no origin"
    given = request.headers.get("x-token") or (request.query_params.get("token", "") if request.url.path == "/" else "")
    if not secrets.compare_digest(given.encode(), token.encode()):
        return "no token, or a wrong one: use the address that casextract review printed"
    return None


def words(language: Language) -> dict[str, Any]:
    """The names and the choices of the page in one language."""
    choices = {
        "metric": labels("metric", language),
        "dimension": _named("dimension", get_args(Dimension), language),
        "status": _named("status", get_args(Status), language),
        "bound": _named("bound", get_args(Bound), language),
        "currency": _named("currency", get_args(Currency), language),
        "direction": labels("direction", language),
    }
    return {
        "choices": choices,
        "fields": labels("field", language),
        "topics": labels("topic", language),
        "words": labels("review", language),
        "editable": EDITABLE,
    }


def _named(kind: str, codes: tuple[str, ...], language: Language) -> dict[str, str]:
    return {code: label(kind, code, language) for code in codes}


def _own_host(request: Request, port: int) -> bool:
    return request.headers.get("host") in (f"{HOST}:{port}", f"localhost:{port}")


def _origins(port: int) -> tuple[str, str]:
    return f"http://{HOST}:{port}", f"http://localhost:{port}"


def _spoken(accepted: str) -> Language:
    first = accepted.split(",", 1)[0].strip().lower()
    return "zh" if first.startswith("zh") else "en" if first else preferred()


async def _body(request: Request) -> dict[str, Any]:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ValueError("a correction comes as JSON")
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > LARGEST_BODY:
            raise ValueError("the request is too large")
    body = json.loads(data)
    if not isinstance(body, dict):
        raise TypeError("a correction is one JSON object")
    return body


def _json(value: Any) -> Response:
    return Response(desks.dumps(value), media_type="application/json")


def _headed(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _page(language: Language) -> str:
    return templates().get_template("review.html").render(t=labels("review", language), language=language)
