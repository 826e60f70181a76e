"""The compose files: both start the image without rights, with its data on a volume, and no password of their own."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.deploy.image import ROOT, said, stages
from widget_server.settings import load

FILES = ("compose.yaml", "compose.postgres.yaml")
GIVEN = re.compile(r"\$\{(\w+):\?[^}]+\}")


@pytest.mark.parametrize("name", FILES)
def test_the_server_is_bounded_to_its_volume(name: str) -> None:
    server = composed(name)["services"]["transom"]

    assert server["read_only"] is True
    assert server["cap_drop"] == ["ALL"]
    assert server["security_opt"] == ["no-new-privileges:true"]
    assert [volume.partition(":")[2] for volume in server["volumes"]] == said(stages()[-1], "VOLUME")
    assert (ROOT / "deploy" / server["build"]["context"] / server["build"]["dockerfile"]).is_file()
    assert all(port.startswith("127.0.0.1:") for port in server["ports"])


@pytest.mark.parametrize("name", FILES)
def test_what_it_sets_are_settings_and_what_is_secret_is_asked_for(name: str) -> None:
    whole = composed(name)
    server = whole["services"]["transom"]
    variables = {key: GIVEN.sub(r"https://\1.example", value) for key, value in server["environment"].items()}
    settings = load({key: value for key, value in variables.items() if key != "TRANSOM_DATABASE"})
    passwords = [
        value
        for service in whole["services"].values()
        for key, value in service.get("environment", {}).items()
        if key.endswith(("PASSWORD", "DATABASE"))
    ]

    assert settings.public_url == "https://TRANSOM_PUBLIC_URL.example"
    assert settings.trusted_proxies
    assert [value for value in passwords if "PASSWORD" in value and not GIVEN.search(value)] == []
    assert int(server["stop_grace_period"].removesuffix("s")) > settings.drain_seconds


def test_everything_that_is_named_is_there() -> None:
    for name in FILES:
        whole = composed(name)
        services = whole["services"]
        named = {
            volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", ())
        }
        networks = {
            network for service in services.values() for network in service.get("networks", ("default",))
        }
        awaited = {other for service in services.values() for other in service.get("depends_on", ())}

        assert named == set(whole["volumes"])
        assert networks == set(whole.get("networks", ("default",)))
        assert awaited <= set(services)
        assert all("healthcheck" in services[other] for other in awaited)


def test_the_database_is_reached_by_nobody_else() -> None:
    whole = composed("compose.postgres.yaml")
    database = whole["services"]["database"]

    assert "ports" not in database
    assert [whole["networks"][name] for name in database["networks"]] == [{"internal": True}]
    assert "@database/" in whole["services"]["transom"]["environment"]["TRANSOM_DATABASE"]


def composed(name: str) -> dict[str, Any]:
    """A compose file, read."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / name).read_text(encoding="utf-8"))
    return read
