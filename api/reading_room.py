"""The reading room: the document as files, and Swagger UI beside it, all from our own server."""

from functools import cache

import orjson
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from api.document import document, written

SIDECAR = "drf_spectacular_sidecar/swagger-ui-dist"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Backline API</title>
<link rel="stylesheet" href="{style}">
<link rel="icon" href="{icon}">
</head>
<body>
<main id="room" data-document="/v1/openapi.json"></main>
<noscript>The document itself: <a href="/v1/openapi.yaml">openapi.yaml</a></noscript>
<script src="{bundle}"></script>
<script src="{start}"></script>
</body>
</html>
"""
PROBLEM = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{words}</title>
<h1>{words}</h1>
<p>A problem with the code <code>{code}</code> says in <code>detail</code> what is wrong and
what to do, and lists every fault in <code>errors</code>, each with its place. Codes are stable;
sentences are for people. <a href="/v1/docs">All operations and what they refuse</a>.</p>
</html>
"""


@require_safe
def yaml(_request: HttpRequest) -> HttpResponse:
    """The document as it is committed."""
    return _kept(HttpResponse(written(), content_type="application/yaml"))


@require_safe
def json(_request: HttpRequest) -> HttpResponse:
    """The document for programs."""
    return _kept(HttpResponse(_as_json(), content_type="application/json"))


@cache
def _as_json() -> bytes:
    return orjson.dumps(document())


@require_safe
def docs(_request: HttpRequest) -> HttpResponse:
    """Swagger UI over the document."""
    page = PAGE.format(
        style=static(f"{SIDECAR}/swagger-ui.css"),
        icon=static(f"{SIDECAR}/favicon-32x32.png"),
        bundle=static(f"{SIDECAR}/swagger-ui-bundle.js"),
        start=static("api/reading_room.js"),
    )
    answer = HttpResponse(page)
    answer["Content-Security-Policy"] = POLICY
    return answer


@require_safe
def problem(_request: HttpRequest, code: str) -> HttpResponse:
    """What the `type` of a problem leads to."""
    words = code.replace("_", " ").capitalize()
    return _kept(HttpResponse(PROBLEM.format(words=words, code=code)))


def _kept(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "public, max-age=300"
    return answer


urlpatterns: list[URLPattern] = [
    path("v1/openapi.yaml", yaml),
    path("v1/openapi.json", json),
    path("v1/docs", docs),
    path("problems/<slug:code>", problem),
]
