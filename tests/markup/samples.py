"""Readers of the public test data, each as a list of inputs."""

from __future__ import annotations

import json
import re
from pathlib import Path

FENCE = "`" * 32


def dompurify(corpora: Path) -> list[str]:
    """HTML that has beaten sanitisers."""
    return [
        case["payload"] for case in json.loads((corpora / "dompurify" / "expect.json").read_text("utf-8"))
    ]


def naughty_strings(corpora: Path) -> list[str]:
    """Strings that break text fields."""
    strings: list[str] = json.loads((corpora / "blns" / "blns.json").read_text("utf-8"))
    return strings


def commonmark(corpora: Path) -> list[str]:
    """The examples of the CommonMark specification, and its reference parser's regressions."""
    folder = corpora / "commonmark"
    spec = [case["markdown"] for case in json.loads((folder / "commonmark.json").read_text("utf-8"))]
    return spec + _examples(folder / "cmark_regression.txt")


def gfm(corpora: Path) -> list[str]:
    """The examples of GitHub's specification and of its extensions."""
    return _examples(corpora / "gfm" / "spec.txt") + _examples(corpora / "gfm" / "extensions.txt")


def markdown_it(corpora: Path) -> list[str]:
    """All fixtures of markdown-it, those on hostile links among them."""
    files = sorted((corpora / "markdown-it" / "fixtures").rglob("*.txt"))
    return [case for file in files for case in _dotted(file.read_text("utf-8"))]


def markdown_it_xss(corpora: Path) -> list[str]:
    """The fixtures of markdown-it on hostile links."""
    [file] = (corpora / "markdown-it" / "fixtures").rglob("xss.txt")
    return _dotted(file.read_text("utf-8"))


def tree_construction(corpora: Path) -> list[str]:
    """The inputs of html5lib's tests, which browsers' parsers must agree on."""
    folder = corpora / "html5lib-tests" / "tree-construction"
    return [
        match[1]
        for file in sorted(folder.glob("*.dat"))
        for match in re.finditer(r"^#data\n(.*?)\n#errors", file.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    ]


def leaks(corpora: Path) -> str:
    """Every known way in which a page makes a browser fetch something."""
    return (corpora / "httpleaks" / "leak.html").read_text("utf-8")


def _examples(file: Path) -> list[str]:
    """Examples between long fences: the Markdown, a line with a dot, the HTML; an arrow stands for a tab."""
    text = file.read_text("utf-8")
    pattern = re.compile(f"^{FENCE} example[^\n]*\n(.*?)^\\.\n", re.MULTILINE | re.DOTALL)
    return [match[1].replace("→", "\t") for match in pattern.finditer(text)]


def _dotted(text: str) -> list[str]:
    """Fixtures as: a line with a dot, the Markdown, a line with a dot, the HTML, a line with a dot."""
    parts = re.split(r"^\.\n", text, flags=re.MULTILINE)
    return parts[1::3]
