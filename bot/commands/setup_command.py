"""`setup`: the initial configuration."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from bot.commands import setup_plan
from bot.commands.root import NOT_DONE, WRONG_USE, cli, fail


@cli.command()
@click.option(
    "--to", "folder", metavar="DIR", default="ours", type=click.Path(path_type=Path), help="Your content folder."
)
@click.option(
    "--answers",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A YAML file with the answers, for non-interactive use.",
)
def setup(folder: Path, answers: Path | None) -> None:
    """Ask for your agency's name, contact, links and gift, and write them into your content folder and .env.

    Every question may be skipped. The changed replies are shown first; existing files are changed only after confirmation.
    Keys of an answers file, all optional:

    \b
    agency: {en: Blue Gate, zh: 蓝门}
    brand_name: {en: Blue Gate assistant, zh: 蓝门助手}   # of the web chat
    brand_colour: "#1d4f8c"
    consultant: {en: "WeChat: blue-anna", zh: "微信：blue-anna"}
    consultant_qr: wechat.png          # an image of the QR code
    course_links: {potential-goods: https://example.com/course}
    gift: {en: …, zh: …}
    hours: mon-fri 09:00-12:00 13:30-18:00, sat 10:00-16:00
    registration_link: https://…
    telegram_token: "123456789:…"
    overwrite: yes                     # change existing files
    """
    if answers is None and not sys.stdin.isatty():
        fail(
            "This is not a terminal: give a file with --answers; `merchant-bot setup --help` shows its keys",
            WRONG_USE,
        )
    try:
        said = (
            setup_plan.read_answers(answers)
            if answers
            else setup_plan.validate_answers(ask_operator(setup_plan.courses()))
        )
        plan = setup_plan.plan(said, folder)
        click.echo("Merchants who send a keyword read:\n")
        for word, text in plan.preview:
            click.echo(f"> {word}\n" + "".join(f"  {line}\n" for line in text.splitlines() if line))
        may_change = said.overwrite
        for file in plan.files if answers is None else ():
            if file.exists() and not click.confirm(f"{file} exists. Change it? What you skipped stays in it."):
                fail("Nothing was written.", NOT_DONE)
            may_change = True
        plan.write(may_change)
    except setup_plan.ExistingFile as error:
        fail(f'{error}; nothing was written. To change it, say "overwrite: yes" in {answers}', NOT_DONE)
    except setup_plan.CannotSetUp as error:
        fail(str(error), NOT_DONE)
    except OSError as error:
        fail(f"{error.filename}: this file cannot be used: {error.strerror}", NOT_DONE)
    click.echo(f"Written: {', '.join(map(str, plan.files))}. Start with: merchant-bot serve")


def ask_operator(courses: Iterable[Any]) -> dict[str, Any]:
    """Ask all questions on the terminal; Enter skips one."""

    def asked(question: str, **options: Any) -> str:
        return str(click.prompt(question, default="", show_default=False, **options)).strip()

    def both(question: str) -> dict[str, str] | None:
        english = asked(f"{question}, in English")
        chinese = asked(f"{question}, in Chinese") if english else ""
        return {"en": english, "zh": chinese or english} if english else None

    click.echo("Enter skips a question.")
    said: dict[str, Any] = {"agency": both("Your agency's name")}
    said["brand_name"] = both("The assistant's name in the web chat")
    said["brand_colour"] = asked("The web chat's colour, like #1d4f8c")
    said["consultant"] = both('How merchants reach a consultant, like "WeChat: blue-anna"')
    if said["consultant"]:
        said["consultant_qr"] = asked("The picture of the QR code to scan, a file")
    links = {course.id: asked(f'The link of the course "{course.title.en}"') for course in courses}
    said["course_links"] = {name: link for name, link in links.items() if link}
    said["gift"] = both("What new merchants get as a gift, and how")
    said["hours"] = asked('When consultants are there, like "mon-fri 09:00-12:00 13:30-18:00, sat 10:00-16:00"')
    said["registration_link"] = asked("Your own link for registering a store")
    said["telegram_token"] = asked("The Telegram bot's token, from @BotFather", hide_input=True)
    return said
