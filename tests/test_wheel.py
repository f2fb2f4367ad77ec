"""The wheel carries everything a run needs: installed in an empty folder, it serves."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
from pathlib import Path

import pytest

from tests.service import free_port

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with our wheel in it; the libraries are those of the environment the tests run in."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    venv.create(folder / "env", with_pip=False)
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    wheel = next((folder / "dist").glob("*.whl"))
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", "--target", str(site), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True, timeout=300)
    libraries = sysconfig.get_paths()["purelib"]
    (site / "libraries.pth").write_text(libraries + "\n")
    return folder / "env"


@pytest.mark.slow
def test_the_wheel_serves_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "BIGCONVERSATION_PORT": str(port), "PYTHONSAFEPATH": "1"}
    command = [str(installed / "bin" / "python"), "-m", "bot", "serve"]
    where = subprocess.run(
        [command[0], "-c", "import bot; print(bot.__file__)"],
        check=True,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert str(installed) in where.stdout, "the checkout was imported instead of the wheel"
    served = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert b"Y Sgwrs" in _wait_for(f"http://127.0.0.1:{port}/cy", served)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/chat", timeout=5) as page:
            assert b"English" in page.read()
    finally:
        served.terminate()
        served.wait(15)
    assert (tmp_path / "var" / "bigconversation.db").exists()


def _wait_for(url: str, served: subprocess.Popen[bytes]) -> bytes:
    for _ in range(120):
        try:
            with urllib.request.urlopen(url, timeout=2) as page:
                return bytes(page.read())
        except OSError:
            assert served.poll() is None, served.stdout.read().decode() if served.stdout else ""
            time.sleep(0.25)
    raise AssertionError("it did not serve within 30 seconds")
