"""Policy: what a browser is told to hold a page to."""

from typing import Final

from django.http import HttpResponse

# Nothing from elsewhere, no inline script, no inline style.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def strict(answer: HttpResponse) -> HttpResponse:
    """Hold an answer to the policy of pages: nothing from elsewhere, kept nowhere."""
    answer.headers.setdefault("Content-Security-Policy", POLICY)
    answer["Cache-Control"] = "no-store"
    answer["X-Frame-Options"] = "DENY"  # for browsers older than the policy's own word for it
    answer["X-Robots-Tag"] = "noindex"
    return answer
