"""`python -m bot` is `merchant-bot`."""

from bot.commands.line import main

main()
