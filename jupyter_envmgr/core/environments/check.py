"""What may stand in the fields of a request that people fill with words."""

from __future__ import annotations

from ..errors import EnvMgrError
from .model import CreateRequest

_LONGEST_WORDS = {"display_name": 200, "remarks": 10_000}


def check_request_words(request: CreateRequest) -> None:
    """Check the display name, remarks and labels of a create."""
    check_words("display_name", request.display_name)
    check_words("remarks", request.remarks)
    check_labels(request.labels)


def check_words(field: str, text: str) -> None:
    """Refuse what no list, dialog or kernel.json can show: too long, or control characters."""
    longest = _LONGEST_WORDS[field]
    if len(text) > longest:
        raise EnvMgrError.of_field(
            "bad-request", field, f"{len(text)} characters: {longest} at most"
        )
    for character in text:
        if (ord(character) < 32 and character not in "\n\t") or 0xD800 <= ord(character) < 0xE000:
            raise EnvMgrError.of_field("bad-request", field, "has a control character")
    if field == "display_name" and "\n" in text:
        raise EnvMgrError.of_field("bad-request", field, "must be one line")


def check_labels(labels: dict[str, str]) -> None:
    """Refuse labels that are too many or too long: 64 of at most 63 and 255 characters."""
    if len(labels) > 64:
        raise EnvMgrError.of_field("bad-request", "labels", f"{len(labels)} labels: 64 at most")
    for key, value in labels.items():
        if not key or len(key) > 63 or len(value) > 255:
            raise EnvMgrError.of_field(
                "bad-request", "labels", f"{key[:63]!r}: 63 characters and 255 for its value"
            )
