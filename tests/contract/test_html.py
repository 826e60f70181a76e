"""The contract's reader of HTML sees what a widget must not send."""

from __future__ import annotations

import pytest

from widget_server.testing.html import faults


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p id='a'>Words</p>", []),
        ("<form id='a' action='https://talk.example/'><button name='action'>Like</button></form>", []),
        ("<p>Words</p>", ["<p> at the top has no id"]),
        ("<p id='a'><script>1</script></p>", ["<script>"]),
        ("<p id='a' onclick='x()'>Words</p>", ["onclick of <p>"]),
        ("<p id='a' style='x'>Words</p>", ["style of <p>"]),
        ("<p id='a'><a href='javascript:x'>Words</a></p>", ["href of <a> leads to 'javascript:x'"]),
        ("<p id='a'><button><svg></svg></button></p>", ["<button> has no name"]),
        ("<p id='a'><input name='a'></p>", ["<input> has no name"]),
        ("<p id='a'><label for='b'>Words</label><select id='b'></select></p>", []),
        ("<p id='a'><label for='c'>Words</label><select id='b'></select></p>", ["<select> has no name"]),
        ("<p id='a'><b>Words</p>", ["</p> closes nothing", "<p> is never closed", "<b> is never closed"]),
    ],
)
def test_what_is_wrong_is_named(html: str, expected: list[str]) -> None:
    assert faults(html, parts=True) == expected
