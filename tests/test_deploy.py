"""What is in `deploy/` names what is there: settings, files, folders that the units may write."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.settings import PREFIX, Settings

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
UNITS = sorted(each for each in DEPLOY.iterdir() if each.suffix in {".service", ".timer"})
KNOWN = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("name", ["compose.yaml", "compose.scale.yaml"])
def test_a_compose_file_holds_together(name: str) -> None:
    read: dict[str, Any] = YAML(typ="safe").load(DEPLOY / name)
    services, volumes, networks = read["services"], read["volumes"], read["networks"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        assert set(service["networks"]) <= set(networks)
        assert {each for each in service.get("environment", {}) if each.startswith(PREFIX)} <= KNOWN
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in volumes or (DEPLOY / source).is_file(), volume
    ours = services["bigconversation"]["environment"]
    assert ours["BIGCONVERSATION_TRUSTED_PROXIES"] == networks["inside"]["ipam"]["config"][0]["subnet"]


def test_what_is_installed_is_there() -> None:
    script = (DEPLOY / "install.sh").read_text()
    named = re.findall(r'"\$here/([\w.-]+)"', script) + re.findall(r"bigconversation[\w-]*\.(?:service|timer)", script)
    assert len(set(named)) >= 7
    assert not [each for each in named if not (DEPLOY / each).exists()]
    assert {unit.name for unit in UNITS} <= set(named)


@pytest.mark.parametrize("unit", [each for each in UNITS if each.suffix == ".service"], ids=lambda unit: unit.name)
def test_a_unit_may_do_little_and_write_where_the_settings_say(unit: Path) -> None:
    text = unit.read_text()
    for line in (
        "NoNewPrivileges=true",
        "ProtectSystem=strict",
        "CapabilityBoundingSet=",
        "UMask=0077",
        "User=bigconversation",
    ):
        assert f"\n{line}\n" in text, line
    writable = {f"/var/lib/{each}" for each in re.findall(r"^StateDirectory=(.*)$", text, re.MULTILINE)[0].split()}
    example = (DEPLOY / "bigconversation.env.example").read_text()
    for name in ("DATABASE_URL=sqlite:///", "TOMBSTONES="):
        [path] = re.findall(rf"^{PREFIX}{name}(/.*)$", example, re.MULTILINE)
        assert str(Path(path).parent) in writable


@pytest.mark.slow
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    for unit in UNITS:
        text = unit.read_text().replace("/opt/bigconversation/bin/bigconversation", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    verify = ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in UNITS)]
    ran = subprocess.run(verify, capture_output=True, text=True, check=False, timeout=60)
    ours = [line for line in ran.stderr.splitlines() if "bigconversation" in line]
    assert (ran.returncode, ours) == (0, []), ran.stderr


def test_the_scripts_are_shell(tmp_path: Path) -> None:
    for script in DEPLOY.glob("*.sh"):
        subprocess.run(["sh", "-n", str(script)], check=True, timeout=10)
    refused = subprocess.run(
        ["sh", str(DEPLOY / "install.sh")], capture_output=True, text=True, check=False, timeout=10
    )
    assert (refused.returncode, "Say the name people use" in refused.stderr) == (1, True)
