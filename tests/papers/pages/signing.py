"""Sample contexts of signing in."""

from typing import Any

WRONG: dict[str, Any] = {
    "title": "The e-mail and the password do not belong together.",
    "faults": [{"detail": "After five tries the next one has to wait.", "href": ""}],
}
SIGN_IN_PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "sign-in": (
        "sign_in.html",
        {"title": "Sign in", "step": "password", "email": "", "post_href": "#"},
    ),
    "sign-in-wrong": (
        "sign_in.html",
        {
            "title": "Sign in",
            "step": "password",
            "email": "ops@keystone.test",
            "post_href": "#",
            "problem": WRONG,
        },
    ),
    "sign-in-code": (
        "sign_in.html",
        {"title": "Sign in", "step": "code", "post_href": "#", "back_href": "#"},
    ),
}
