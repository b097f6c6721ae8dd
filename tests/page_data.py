"""What a map gives its script, as the script completes it."""

import json
import re
from typing import Any

__all__ = ["completed", "payload_of"]


def payload_of(html: str) -> dict[str, Any]:
    """The data in a page."""
    found = re.search(r'id="data">(.*?)</script>', html)
    assert found is not None
    return completed(json.loads(found[1]))


def completed(data: dict[str, Any]) -> dict[str, Any]:
    """The data, each item, tie and card with what it says like others."""
    for name, alike in data["alike"].items():
        data[name] = [{**alike[own.pop("like")], **own} for own in data[name]]
    return data
