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
    "sign-in-firm": (
        "sign_in.html",
        {
            "title": "Sign in",
            "step": "firm",
            "post_href": "#",
            "firms": [{"id": "agy_1", "name": "Keystone"}, {"id": "agy_2", "name": "Northgate"}],
            "carried": [{"name": "proof", "value": "p"}],
        },
    ),
    "lost": (
        "lost.html",
        {"title": "Nothing is here", "says": "The address is wrong.", "request_id": ""},
    ),
    "mailbox": (
        "mailbox.html",
        {
            "title": "Mailbox",
            "width": "reading",
            "mails": [
                {
                    "title": "Hours of Ada wait for you",
                    "sub": "To c@acme.example",
                    "due": "today, 09:42",
                }
            ],
        },
    ),
    "mail": (
        "mail.html",
        {
            "title": "Hours wait",
            "width": "reading",
            "subject": "Hours of Ada Okonkwo wait for you",
            "facts": [{"label": "To", "value": "c.braithwaite@acme.example"}],
            "body": "Look and decide:\n\nhttp://127.0.0.1:8000/a/token\n",
            "papers": [{"name": "invoice.pdf", "href": "#"}],
        },
    ),
}
