"""Reading: a JSON body within limits; whatever could surprise the code below is refused here."""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from api.errors import Refused, Unreadable

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 32
MOST_NODES = 10_000

STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,2})?", re.ASCII)


def json_object(
    raw: bytes, *, lists_as: str = "", most_bytes: int = MOST_BYTES, most_values: int = MOST_NODES
) -> dict[str, Any]:
    """Read a JSON object; raises Unreadable, or Refused with 413, and never anything else.

    Where a bare list is taken, `lists_as` is the name under which it then stands.
    """
    if len(raw) > most_bytes:
        raise Refused(413, "body_too_large", f"Send at most {most_bytes} bytes.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("body_not_utf8", "Send the body as UTF-8.") from None
    _measure(text, most_values)
    try:
        read = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_number,
            parse_int=_whole,
            parse_constant=_constant,
        )
    except (json.JSONDecodeError, RecursionError):
        raise Unreadable("body_not_json", "Send the body as valid JSON.") from None
    if lists_as and isinstance(read, list):
        read = {lists_as: read}
    if not isinstance(read, dict):
        raise Unreadable("body_not_an_object", "Send one JSON object.")
    if SURROGATE.search(text) or "\\u0000" in text:
        _check_words(read)
    return read


def _measure(text: str, most: int) -> None:
    """Refuse what is too deep or too long before it is built; strings do not count."""
    if text.count("[") + text.count("{") + text.count(",") + text.count(":") <= MOST_DEPTH:
        return
    bare = STRING.sub('""', text)
    nodes = 1 + bare.count(",") + bare.count("[") + bare.count("{") + bare.count(":")
    if nodes > 2 * most or bare.count(",") > most:
        raise Unreadable("body_too_long", f"Send at most {most} values in one body.")
    depth = 0
    for letter in bare:
        if letter in "[{":
            depth += 1
            if depth > MOST_DEPTH:
                raise Unreadable("body_too_deep", f"Nest at most {MOST_DEPTH} deep.")
        elif letter in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Unreadable("name_twice", f"The name {_safe(twice)!r} stands twice in one object.")
    return read


def _number(text: str) -> Decimal:
    if not NUMBER.fullmatch(text):
        raise Unreadable("number_out_of_range", "Send numbers of at most 18 digits.")
    return Decimal(text)


def _whole(text: str) -> int:
    if len(text) > 19:
        raise Unreadable("number_out_of_range", "Send numbers of at most 18 digits.")
    return int(text)


def _constant(text: str) -> NoReturn:
    raise Unreadable("not_a_number", f"{text} is not JSON.")


def _check_words(read: Any) -> None:
    """Refuse halves of characters and NUL, in names and in values."""
    left = [read]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left.extend(value.keys())
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
        elif isinstance(value, str) and not is_writable(value):
            raise Unreadable("text_not_writable", "Send whole characters, and no NUL.")


def is_writable(text: str) -> bool:
    """Whether every character can be written down: no lone surrogate, no NUL."""
    return "\x00" not in text and _safe(text) == text


def _safe(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
