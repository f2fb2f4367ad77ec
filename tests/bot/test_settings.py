"""Settings: everything wrong is named at once, a trial needs none, and keys are made once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bot.settings import BadSettings, Settings, keys_for, read_settings
from storage.sealing import Keys, new_key
from tests.conftest import trial

P = "BIGCONVERSATION_"


def environment(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(P + name.upper(), value)


def told(monkeypatch: pytest.MonkeyPatch, **values: str) -> str:
    environment(monkeypatch, **values)
    with pytest.raises(BadSettings) as refused:
        read_settings()
    return str(refused.value)


def production(**more: str) -> dict[str, str]:
    keys = {"secret_keys": new_key(), "lookup_key": new_key()}
    return {"host": "0.0.0.0", "public_url": "https://talk.example.org", **keys, **more}


def test_nothing_set_is_a_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings()
    assert settings.trial
    assert settings.base_url == "http://127.0.0.1:8080"


def test_links_go_to_our_own_site_or_to_the_hosts_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Settings(**production()).broadcast_rules  # type: ignore[arg-type]
    assert (own.link_domains, own.alone, own.second_from) == (("talk.example.org",), False, 50)
    named = Settings(**production(link_domains="A.example.org, b.example.org"))  # type: ignore[arg-type]
    assert named.broadcast_rules.link_domains == ("a.example.org", "b.example.org")
    assert Settings().broadcast_rules.link_domains == ()
    assert "LINK_DOMAINS: write names of hosts" in told(monkeypatch, **production(link_domains="https://a.example.org"))


@pytest.mark.parametrize(
    ("host", "public_url", "is_trial"),
    [
        ("127.0.0.1", "", True),
        ("localhost", "", True),
        ("::1", "", True),
        ("127.0.0.1", "http://localhost:8080", True),
        ("127.0.0.1", "http://[::1]:8080", True),
        ("127.0.0.1", "https://talk.example.org", False),
        ("127.0.0.1", "http://127.0.0.1.example.org", False),
        ("0.0.0.0", "", False),
        ("::", "", False),
        ("", "", False),
        ("192.168.1.7", "", False),
        ("0.0.0.0", "http://localhost", False),
    ],
)
def test_a_trial_is_what_nobody_outside_can_reach(host: str, public_url: str, is_trial: bool) -> None:
    assert Settings(host=host, public_url=public_url).trial is is_trial


def test_production_names_every_missing_setting_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    words = told(monkeypatch, host="0.0.0.0")
    for name in ("SECRET_KEYS", "LOOKUP_KEY", "PUBLIC_URL"):
        assert f"{P}{name}: not set" in words
    assert "doctor --new-key" in words


def test_what_cannot_be_read_does_not_hide_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    words = told(monkeypatch, host="0.0.0.0", port="eighty", rollup_seconds="-1", database_url="mysql://x")
    for name in ("PORT", "ROLLUP_SECONDS", "DATABASE_URL", "SECRET_KEYS", "LOOKUP_KEY", "PUBLIC_URL"):
        assert f"{P}{name}:" in words, name


def test_complete_production_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, **production())
    settings = read_settings()
    assert (settings.trial, keys_for(settings)[1]) == (False, False)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"public_url": "http://talk.example.org"}, "PUBLIC_URL"),
        ({"public_url": "talk.example.org"}, "PUBLIC_URL"),
        ({"secret_keys": "short"}, "SECRET_KEYS"),
        ({"secret_keys": ","}, "SECRET_KEYS"),
        ({"lookup_key": "é"}, "LOOKUP_KEY"),
        ({"trusted_proxies": "127.0.0.1, the proxy"}, "TRUSTED_PROXIES"),
        ({"trusted_proxies": "10.0.0.1/8"}, "TRUSTED_PROXIES"),
        ({"database_url": "sqlite://"}, "DATABASE_URL"),
        ({"database_url": "sqlite:///:memory:"}, "DATABASE_URL"),
        ({"database_url": "nonsense"}, "DATABASE_URL"),
    ],
)
def test_a_wrong_setting_is_named_and_no_secret_told(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], named: str
) -> None:
    given = production(database_url="postgresql://us:passw0rd@db/bc") | wrong
    words = told(monkeypatch, **given)
    assert f"{P}{named}" in words
    for secret in ("passw0rd", given["secret_keys"], given["lookup_key"]):
        assert len(secret) < 9 or secret not in words


def test_one_key_of_two_is_refused_in_a_trial_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "belong together" in told(monkeypatch, secret_keys=new_key())


def test_a_trials_keys_are_made_once_for_us_alone(tmp_path: Path) -> None:
    settings = trial(tmp_path / "var")
    first, made = keys_for(settings)
    again, made_again = keys_for(settings)
    file = tmp_path / "var" / "trial-keys"
    assert (made, made_again, first) == (True, False, again)
    assert file.stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_have_the_same_keys(tmp_path: Path) -> None:
    found: list[tuple[Keys, bool]] = []
    threads = [threading.Thread(target=lambda: found.append(keys_for(trial(tmp_path)))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({keys for keys, _ in found}) == 1
    assert [made for _, made in found].count(True) == 1


@pytest.mark.parametrize("text", ["", "one", "not keys"])
def test_a_key_file_that_holds_none_is_told_and_left_alone(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.settings.time.sleep", lambda _: None)
    file = tmp_path / "trial-keys"
    file.write_text(text)
    with pytest.raises(BadSettings, match="trial-keys"):
        keys_for(trial(tmp_path))
    assert file.read_text() == text
