"""Values that a plug-in stores in GIMP until GIMP quits, as `gimpshelf` did."""

from __future__ import annotations

import json
from typing import Any

from gimpfu.colours import RGB
from gimpfu.errors import error
from gimpfu.objects.handles import Handle, call
from gimpfu.objects.images import Display, Image


class Shelf:
    """`shelf["name"] = value`: texts, numbers, lists, dictionaries, colours and GIMP's objects."""

    def has_key(self, key: str) -> bool:
        return key in self

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(_stored(key))

    def __getitem__(self, key: str) -> Any:
        data = _stored(key)
        if not data:
            raise KeyError(key)
        return json.loads(data, object_hook=revived)

    def __setitem__(self, key: str, value: Any) -> None:
        data = json.dumps(tagged(value)).encode()
        call("gimp-procedural-db-set-data", key, len(data), tuple(data))

    def __delitem__(self, key: str) -> None:
        # GIMP cannot forget data, so nothing is stored instead.
        call("gimp-procedural-db-set-data", key, 1, (0,))


shelf = Shelf()


def _stored(key: str) -> bytes:
    try:
        data = bytes(call("gimp-procedural-db-get-data", key)[1])
    except error:
        return b""
    return data.strip(b"\0")


def tagged(value: Any) -> Any:
    """Return a value as JSON can hold it. Raises `TypeError`."""
    if isinstance(value, Handle):
        return {"gimp": value.space, "id": value.ID}
    if isinstance(value, RGB):
        return {"gimp": "colour", "parts": value.parts()}
    if isinstance(value, tuple):
        return {"gimp": "tuple", "items": [tagged(item) for item in value]}
    if isinstance(value, list):
        return [tagged(item) for item in value]
    if isinstance(value, dict):
        return {key: tagged(item) for key, item in value.items()}
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"{value!r} cannot be put on the shelf.")


def revived(found: dict[str, Any]) -> Any:
    """Return what `tagged` made a dictionary of; None for an object that does not exist."""
    kind = found.get("gimp")
    if kind == "tuple":
        return tuple(found["items"])
    if kind == "colour":
        return RGB(*found["parts"])
    if kind == "image":
        return Image.from_id(found["id"])
    if kind == "item":
        return Handle.backend.item(found["id"])
    if kind == "display":
        return Display.reference(found["id"])
    return found
