"""The command line: `merchant-bot chat | ask | check | evaluate | knowledge … | serve | status …`."""

from __future__ import annotations

import logging
import sys
import traceback

import click

from bot.channels.channel import Unreachable
from bot.commands.root import DONE, NOT_DONE, WRONG_USE, cli, fail
from bot.content.folder import Unreadable
from bot.content.said import language_of_system, said
from bot.knowledge.knowledge import BadContent
from bot.redaction import redacted
from bot.store import StoreError

__all__ = ["NOT_DONE", "cli", "main"]


def main() -> None:
    """Run the command line.

    Mistakes in the content, the database or the environment end with a message; only program errors print a traceback, with secrets
    redacted.
    """
    if logging.lastResort:
        logging.lastResort.setFormatter(WithoutSecrets())
    try:
        cli.main(standalone_mode=True)
    except BadContent as error:
        lang, shown = language_of_system(), error.mistakes[:10]
        rest = len(error.mistakes) - len(shown)
        more = [said("lint-lists-all", count=rest).words(lang)] if rest else []
        lines = [said("content-has-mistakes").words(lang), *(one.words(lang) for one in shown), *more]
        fail("\n".join(lines), NOT_DONE)
    except Unreadable as error:
        fail(error.said.words(language_of_system()), WRONG_USE)
    except (StoreError, Unreachable) as error:
        fail(str(error), NOT_DONE)
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(DONE) from None
    except Exception:
        fail(traceback.format_exc().rstrip(), NOT_DONE)


class WithoutSecrets(logging.Formatter):
    """Redacts libraries' log records in commands that do not configure logging."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for your shell.

    \b
    bash: merchant-bot completion bash >> ~/.bashrc
    zsh:  merchant-bot completion zsh >> ~/.zshrc
    fish: merchant-bot completion fish > ~/.config/fish/completions/merchant-bot.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(cli, {}, "merchant-bot", "_MERCHANT_BOT_COMPLETE").source())
