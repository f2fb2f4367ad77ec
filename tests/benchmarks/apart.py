"""The peers' own environment, made once inside ours by pip; what it holds is pinned."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "peers" / "requirements.txt"
FOLDER = Path(sys.prefix) / "peers"


def python() -> Path:
    """The interpreter of the peers' environment, made first where it is missing or of other versions."""
    stamp, wanted = FOLDER / "stamp", hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    interpreter = FOLDER / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(FOLDER, clear=True, with_pip=True)
        install = [interpreter, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r", REQUIREMENTS]
        subprocess.run(install, check=True)
        stamp.write_text(wanted)
    return interpreter
