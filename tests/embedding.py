"""An application that embeds the assistant, as its code, run in a process of its own."""

from __future__ import annotations

import sys


def main() -> None:
    exec(compile(sys.argv[1], "<application>", "exec"), {"__name__": "__main__"})
