"""Settings for one operation, which GIMP 2.10's procedures took as arguments."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from gimpfu.gimp3.database import call_native


@contextlib.contextmanager
def context(**settings: Any) -> Iterator[None]:
    """Change settings of the context during the block: `opacity=50.0` sets the opacity.

    A tuple gives several arguments.
    """
    call_native("gimp-context-push")
    try:
        for name, value in settings.items():
            values = value if isinstance(value, tuple) else (value,)
            call_native(f"gimp-context-set-{name.replace('_', '-')}", *values)
        yield
    finally:
        call_native("gimp-context-pop")
