"""Plug-ins from a shell: what is there, what is broken and why, and what a site tells them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.test_commands import transom
from widget_server.opening import DATABASE

WAVE = """
from widget_server.vocabulary import Flag, Lines, Setting, Whole
from widget_server.widgets.like import Like

class Wave(Like):
    name = "wave"
    version = "7"
    title = "Wave"
    package = __name__
    settings = {
        "most": Setting("Most", Whole(1, 50), 5),
        "words": Setting("Words", Lines(most=3, each=20), ("Hi",)),
        "several": Setting("Several", Flag(), False),
    }
"""

BROKEN = {
    "raises": ("raise RuntimeError('no such device')", "RuntimeError: no such device"),
    "leaves": ("raise SystemExit(3)", "SystemExit: 3"),
    "lacks": ("import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
    "is half": ("def (", "SyntaxError"),
    "is nothing": ("Thing = 3", "neither a widget nor a check"),
    "needs something": (
        "class Thing:\n    def __init__(self, x): ...",
        "missing 1 required positional argument",
    ),
    "is nameless": ("class Thing:\n    def opinion(self): ...", "has no attribute 'name'"),
    "has a bad name": (
        "class Thing:\n    name = 'Two words'\n    def opinion(self): ...",
        "a-z, 0-9 and hyphens",
    ),
    "has half the methods": ("class Thing:\n    name = 'thing'\n    def accept(self): ...", "has no 'load'"),
    "has no template": (
        WAVE.replace("__name__", "'json'") + "Thing = Wave",
        "has no fragment.html",
    ),
    "has settings of no kind": (
        WAVE + "class Thing(Wave):\n    settings = {'a': 3}",
        "its setting 'a' is no Setting",
    ),
    "has a default that does not fit": (
        WAVE + "class Thing(Wave):\n    settings = {'a': Setting('A', Whole(1, 2), 3)}",
        "a whole number from 1 to 2",
    ),
}


def wave(folder: Path) -> str:
    """A plug-in in a file, with its template beside it, as the settings name it."""
    folder.mkdir(exist_ok=True)
    (folder / "wave.py").write_text(WAVE)
    (folder / "fragment.html").write_text(
        '<form id="wave"><button name="action" value="like">Wave</button></form>'
    )
    return f"{folder / 'wave.py'}:Wave"


def installed(folder: Path, group: str, **points: str) -> None:
    """A distribution that brings entry points of one group."""
    info = folder / f"{folder.name}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {folder.name}\nVersion: 1.2\n")
    lines = "\n".join(f"{name} = {value}" for name, value in points.items())
    (info / "entry_points.txt").write_text(f"[{group}]\n{lines}\n")
    (info / "direct_url.json").write_text(json.dumps({"url": "https://code.example/it.git", "vcs_info": {}}))


def listed(told: Result) -> dict[str, dict[str, str]]:
    """What `transom plugins --json` says, by name."""
    assert told.exit_code == 0, told.output
    return {each["name"]: each for each in json.loads(told.stdout)}


def test_a_file_is_a_plug_in_without_a_package(tmp_path: Path) -> None:
    found = listed(transom("plugins", "--json", data=tmp_path, TRANSOM_PLUGINS=wave(tmp_path / "own")))
    plain = transom("plugins", data=tmp_path, TRANSOM_PLUGINS=wave(tmp_path / "own"))

    assert found["wave"] == {
        "group": "transom.widgets",
        "name": "wave",
        "distribution": "",
        "version": "7",
        "state": "loaded",
        "origin": str(tmp_path / "own" / "wave.py"),
        "reason": "",
    }
    assert found["like"]["state"] == "loaded"
    assert f"transom.widgets\twave\t-\t7\tloaded\t{tmp_path / 'own' / 'wave.py'}\n" in plain.output


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_plug_in_is_named_with_its_reason_and_the_others_are_there(
    tmp_path: Path, fault: str
) -> None:
    text, reason = BROKEN[fault]
    (tmp_path / "thing.py").write_text(text)
    named = {"TRANSOM_PLUGINS": f"{tmp_path / 'thing.py'}:Thing"}

    found = json.loads(transom("plugins", "--json", data=tmp_path, **named).stdout)
    doctor = transom("doctor", "--json", data=tmp_path, **named)

    (broken,) = [each for each in found if each["state"] == "broken"]
    assert reason in broken["reason"]
    assert {"like", "wordpress"} <= {each["name"] for each in found if each["state"] == "loaded"}
    assert doctor.exit_code == 1
    assert reason in next(
        each["message"] for each in json.loads(doctor.stdout)["findings"] if each["code"] == "plugins"
    )


def test_what_a_distribution_brings_says_whence_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path / "site-packages", "transom.signins", pager="json:dumps", gone="nowhere:Thing")
    monkeypatch.syspath_prepend(tmp_path / "site-packages")

    found = listed(transom("plugins", "--json", data=tmp_path))

    assert (found["pager"]["group"], found["pager"]["state"]) == ("transom.signins", "loaded")
    assert (found["pager"]["distribution"], found["pager"]["version"]) == ("site-packages", "1.2")
    assert found["pager"]["origin"] == "https://code.example/it.git"
    assert "nowhere:Thing cannot be loaded" in found["gone"]["reason"]


def test_two_of_one_name_are_listed_both_and_stop_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path / "theirs", "transom.widgets", like="widget_server.widgets.like:Like")
    monkeypatch.syspath_prepend(tmp_path / "theirs")

    found = json.loads(transom("plugins", "--json", data=tmp_path).stdout)
    started = transom("migrate", data=tmp_path)
    doctor = transom("doctor", data=tmp_path)

    likes = [each for each in found if each["name"] == "like"]
    assert {each["distribution"] for each in likes} == {"theirs", "transom-server"}
    assert {each["state"] for each in likes} == {"broken"}
    assert started.exit_code == 1
    assert "Two plug-ins of transom.widgets are named 'like'" in started.output
    assert "Two plug-ins of transom.widgets are named 'like'" in doctor.output


def test_a_broken_importer_says_why_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path / "mover", "transom.importers", blogger="nowhere:Reader")
    monkeypatch.syspath_prepend(tmp_path / "mover")
    file = tmp_path / "blog.xml"
    file.write_text("<x/>")

    told = transom("import", "blogger", str(file), "--site", "blog", data=tmp_path)
    other = transom("import", "wordpress", str(file), "--site", "none", data=tmp_path)

    assert "The format 'blogger' cannot be used: nowhere:Reader cannot be loaded" in told.output
    assert "no site 'none'" in other.output


def test_a_name_that_is_no_file_is_refused(tmp_path: Path) -> None:
    told = transom("plugins", data=tmp_path, TRANSOM_PLUGINS="wave")
    gone = json.loads(transom("plugins", "--json", data=tmp_path, TRANSOM_PLUGINS="./gone.py:Gone").stdout)

    assert told.exit_code == 1
    assert "files and the names in them, like ./wave.py:Wave" in told.output
    assert [each["name"] for each in gone if each["state"] == "broken"] == ["Gone"]


def test_a_site_is_set_and_shown_from_a_shell(tmp_path: Path) -> None:
    named = {"TRANSOM_PLUGINS": wave(tmp_path / "own")}
    transom("site", "create", "blog", "--origin", "https://blog.example", data=tmp_path)
    wishes = (
        "mode=first_held",
        "max_length=500",
        "live=no",
        "widgets=wave,comments",
        "wave.several=yes",
        "wave.words=Ahoy",
        "wave.words=Moin, moin",
    )

    done = transom("site", "set", "blog", *wishes, data=tmp_path, **named)
    again = transom("site", "set", "blog", *wishes, data=tmp_path, **named)
    shown = transom("site", "show", "blog", data=tmp_path, **named)
    plain = json.loads(transom("site", "show", "blog", "--json", data=tmp_path, **named).stdout)

    assert done.exit_code == 0, done.output
    assert "wave.several: default → yes" in done.output
    assert "All of that was so already" in again.output
    assert set(wishes) < set(shown.output.splitlines())
    assert "wave.most=5" in shown.output.splitlines()
    assert (plain["wave.words"], plain["wave.most"]) == (["Ahoy", "Moin, moin"], 5)

    back = transom("site", "set", "blog", *shown.output.splitlines(), data=tmp_path, **named)
    reset = transom("site", "set", "blog", "wave.several=", "widgets=all", "mode=", data=tmp_path, **named)

    assert "All of that was so already" in back.output
    assert reset.output.splitlines() == [
        "mode: first_held → open",
        "widgets: wave,comments → default",
        "wave.several: yes → default",
    ]


@pytest.mark.parametrize(
    ("wish", "complaint"),
    [
        ("wave.most=51", "'most' is a whole number from 1 to 50."),
        ("wave.several=maybe", "'several' is yes or no."),
        ("wave.size=3", "There is no setting 'size'; there are most, several, words."),
        ("pollen.size=3", "There is no plug-in 'pollen' that can be set; there are "),
        ("like.size=3", "There is no plug-in 'like' that can be set; there are "),
        ("mode=anarchy", "'anarchy' is not a value for the site setting mode."),
        ("max_length=0", "max_length is a whole number from 1 to 20000; 0 is not."),
        ("max_length=many", "'many' is not a value"),
        ("widgets=pollen", "There is no widget 'pollen'; there are "),
        ("nothing=1", "There is no site setting 'nothing'"),
        ("plugins=1", "'1' is not a value for the site setting plugins."),
        ("mode", "'mode' is not of the form NAME=VALUE."),
    ],
)
def test_a_wish_that_does_not_fit_changes_nothing(tmp_path: Path, wish: str, complaint: str) -> None:
    named = {"TRANSOM_PLUGINS": wave(tmp_path / "own")}
    transom("site", "create", "blog", "--origin", "https://blog.example", data=tmp_path)
    before = transom("site", "show", "blog", data=tmp_path, **named).output

    refused = transom("site", "set", "blog", "page_size=7", wish, data=tmp_path, **named)

    assert refused.exit_code == 1
    assert complaint in refused.output
    assert transom("site", "show", "blog", data=tmp_path, **named).output == before


def test_a_site_that_is_not_there_cannot_be_set(tmp_path: Path) -> None:
    told = [
        transom("site", word, "none", *more, data=tmp_path)
        for word, more in (("show", ()), ("set", ("mode=open",)))
    ]

    assert [each.exit_code for each in told] == [1, 1]
    assert all("There is no site 'none' here" in each.output for each in told)


@pytest.mark.only_sqlite("it looks into the file")
def test_a_change_from_a_shell_goes_into_the_record(tmp_path: Path) -> None:
    transom("site", "create", "blog", "--origin", "https://blog.example", data=tmp_path)
    transom("site", "set", "blog", "mode=closed", data=tmp_path)

    with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
        rows = database.execute("select kind, person, data from interactions").fetchall()

    assert rows == [("settings", "", '{"changes": {"mode": ["open", "closed"]}}')]
