"""`merchant-bot`, and `python -m bot`."""

from __future__ import annotations

from bot.memory import last, uncollected


def main() -> None:
    """Run the command line. Nothing is collected while modules are imported, since all of them last."""
    with uncollected():
        from bot.commands import line
    last()
    line.main()


if __name__ == "__main__":
    main()
