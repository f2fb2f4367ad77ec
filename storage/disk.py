"""The disk: what has to survive a power cut is asked of it by name."""

from __future__ import annotations

import os
from pathlib import Path


def on_disk(path: Path) -> None:
    """Waits until a file's bytes, or the names in a folder, are on the disk: a new file's name is durable only when
    its folder is. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
