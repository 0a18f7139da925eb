"""`python -m bot` is `merchant-bot`."""

from bot.cli import main

main()
