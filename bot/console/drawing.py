"""The decision diagram of a check, drawn by Graphviz."""

from __future__ import annotations

import shutil
import subprocess

from bot.checks.diagram import dot
from bot.checks.table import Logic
from bot.content.templates import Templates
from bot.model import Language

LONGEST = 30.0  # seconds


class NotDrawn(Exception):
    """The diagram cannot be drawn; the message names the missing program or Graphviz's error."""


def can_draw() -> bool:
    return shutil.which("dot") is not None


def svg(logic: Logic, templates: Templates, lang: Language) -> bytes:
    """Return a check's diagram as SVG. Raises NotDrawn."""
    program = shutil.which("dot")
    if program is None:
        raise NotDrawn(
            'Graphviz is not installed: its program "dot" draws the SVG (on Debian and Ubuntu: apt install graphviz); '
            "without --svg the picture comes as Mermaid text, which needs nothing"
        )
    try:
        done = subprocess.run(
            [program, "-Tsvg"],
            input=dot(logic, lang, templates.render).encode(),
            capture_output=True,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        raise NotDrawn(f"Graphviz could not draw this check within {LONGEST:.0f} seconds") from None
    if done.returncode:
        raise NotDrawn(f"Graphviz could not draw this check: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout
