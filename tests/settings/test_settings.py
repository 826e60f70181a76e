"""The server's settings: one table, and a plain no to whatever does not fit it."""

from __future__ import annotations

from pathlib import Path

import pytest

from widget_server.errors import SettingInvalid, SettingUnknown
from widget_server.settings import TABLE, load

WHOLE = [setting.name for setting in TABLE if type(setting.default) is int]

ODD_NUMBERS = ["-1", "1.5", "1e3", "", " 7", "٣", "0x10", "nan", "inf", "9" * 30]

WRONG = {
    "data": [],
    "database": ["mysql://x", "transom"],
    "public_url": [
        "talk.example.com",
        "ftp://x",
        "https://",
        "https://a@b",
        "https://x/?q=1",
        "javascript:1",
    ],
    "trusted_proxies": ["0.0.0.0/0", "::/0", "10.0.0.0/33", "somewhere"],
    "secret": ["short"],
    "notifier_seconds": ["0", "-1", "nan", "inf", "61", "soon"],
    "plugins": ["./wave.py", "wave:Wave", "./wave.py:not-a-name"],
    "plugin_seconds": ["0", "-1", "nan", "inf", "61", "soon"],
    "slow_seconds": ["0", "-1", "nan", "61", "soon"],
    "log_format": ["", "xml", "JSON"],
    "metrics_token": ["short"],
    **dict.fromkeys(WHOLE, ODD_NUMBERS),
}


def test_defaults_need_no_setting() -> None:
    settings = load({})

    assert (settings.data, settings.public_url, settings.max_body) == (
        Path("transom-data"),
        "http://127.0.0.1:8400",
        65_536,
    )


def test_the_command_line_beats_a_variable_and_a_variable_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / "transom.toml"
    file.write_text('queue = 7\nrate_new = 8\ndata = "from-file"\n', encoding="utf-8")
    settings = load({"TRANSOM_RATE_NEW": "9", "TRANSOM_DATA": "from-variable"}, file, {"data": "from-option"})

    assert (settings.queue, settings.rate_new, settings.data) == (7, 9, Path("from-option"))


@pytest.mark.parametrize("setting", TABLE, ids=lambda setting: setting.name)
def test_every_setting_says_what_it_is_and_refuses_what_it_is_not(setting: object) -> None:
    name = getattr(setting, "name")  # noqa: B009 - the parameter is typed loosely by pytest
    wrong = WRONG[name]

    assert str(getattr(setting, "help")).endswith(".")  # noqa: B009 - as above
    for value in wrong:
        with pytest.raises(SettingInvalid, match=name):
            load({f"TRANSOM_{name.upper()}": value})


def test_an_unknown_name_is_an_error_that_says_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "transom.toml"
    file.write_text("colour = 'blue'\n", encoding="utf-8")

    with pytest.raises(SettingUnknown, match=r"transom\.toml.*'colour'"):
        load({}, file)
    with pytest.raises(SettingUnknown, match=r"TRANSOM_COLOUR"):
        load({"TRANSOM_COLOUR": "blue"})


@pytest.mark.parametrize("text", [None, "queue = ", "[server]\nqueue = 1\n"])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "transom.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")

    with pytest.raises((SettingInvalid, SettingUnknown), match=r"transom\.toml"):
        load({}, file)


def test_a_secret_that_does_not_fit_is_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "transom.toml"
    file.write_text('secret = "hunter2"\n', encoding="utf-8")

    with pytest.raises(SettingInvalid, match=r"transom\.toml: secret is at least 32 characters") as from_file:
        load({}, file)
    with pytest.raises(
        SettingInvalid, match=r"TRANSOM_SECRET: secret is at least 32 characters"
    ) as from_variable:
        load({"TRANSOM_SECRET": "hunter2"})

    assert "hunter2" not in f"{from_file.value} {from_variable.value}"


def test_proxies_are_networks_with_commas_or_spaces_between() -> None:
    settings = load({"TRANSOM_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8 fd00::/8"})

    assert [str(network) for network in settings.trusted_proxies] == [
        "127.0.0.1/32",
        "10.0.0.0/8",
        "fd00::/8",
    ]
