"""The `setup` plan: from an operator's answers to a content folder and `.env`, with a preview."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError

from bot.content import kinds
from bot.content.colour import Colour
from bot.content.hours import Hours
from bot.content.kinds import Course, Entry, Text, Words
from bot.content.templates import Templates
from bot.content.tree import Mistake, read
from bot.knowledge import lint
from bot.knowledge.library import Library, load
from bot.language.dating import AS_OF, undated
from bot.model import LANGUAGES
from bot.settings import token

ZONE, ZONE_NAME = "Asia/Shanghai", {"en": "Beijing time", "zh": "北京时间"}  # defaults for hours
OPERATOR, ENV, CODE = "operator.yaml", ".env", "consultant"
SHOWN_VALUES = re.compile(r"operator\.|course\(")  # values set by the operator, in the text of a fact


class CannotSetUp(Exception):
    """An answer or a file cannot be used; the message says which, and what would be valid."""


class ExistingFile(Exception):
    """A file exists, and the answers do not allow its overwriting."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file}: this file exists")
        self.file = file


def in_both(value: object) -> object:
    """Use a plain text for both languages."""
    return dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value


def week(value: object) -> object:
    """Parse hours from one line, like "mon-fri 09:00-12:00 13:30-18:00, sat 10:00-16:00"."""
    if not isinstance(value, str):
        return value
    days = (part.split() for part in re.split("[,;，；、]", value) if part.strip())
    return {"zone": ZONE, "zone_name": ZONE_NAME, **{day: spans for day, *spans in days}}


def valid_hours(value: dict[str, Any]) -> dict[str, Any]:
    """Validate hours. Raises ValueError."""
    Hours.model_validate(value)
    return value


BothLanguages = Annotated[Text, BeforeValidator(in_both)]
Week = Annotated[dict[str, Any], BeforeValidator(week), AfterValidator(valid_hours)]
Token = Annotated[SecretStr, AfterValidator(token)]


class Answers(Entry):
    """The operator's answers, all optional. `overwrite`: existing files may be changed."""

    agency: BothLanguages | None = None
    brand_name: BothLanguages | None = None
    brand_colour: Colour | None = None
    consultant: BothLanguages | None = None
    consultant_qr: Words | None = None
    course_links: dict[str, Words] = Field(default_factory=dict)
    gift: BothLanguages | None = None
    hours: Week | None = None
    registration_link: Words | None = None
    telegram_token: Token | None = None
    overwrite: bool = False


def read_answers(file: Path) -> Answers:
    """Read answers from a YAML file; the picture's path is relative to it. Raises CannotSetUp."""
    mistakes: list[Mistake] = []
    node = read(file, str(file), mistakes)
    found = kinds.parse(Answers, node, mistakes) if node else None
    if found is None or mistakes:
        raise CannotSetUp("\n".join(map(str, sorted(mistakes))))
    code = found.consultant_qr
    return found.model_copy(update={"consultant_qr": str(file.parent / code)}) if code else found


@dataclass(frozen=True)
class Plan:
    """The files to write (operator.yaml, picture, .env), and a preview of the replies."""

    folder: Path
    operator: str
    code: Path | None
    env: str
    preview: tuple[tuple[str, str], ...]

    @property
    def files(self) -> list[Path]:
        picture = [self.folder / "files" / f"{CODE}{self.code.suffix.lower()}"] if self.code else []
        return [self.folder / OPERATOR, *picture, Path(ENV)]

    def write(self, may_change: bool) -> None:
        """Write them all, or none. Raises ExistingFile, OSError."""
        if not may_change and (there := next((file for file in self.files if file.exists()), None)):
            raise ExistingFile(there)
        write_operator(self.folder, self.operator, self.code)
        whole = Path(f"{ENV}.new")
        whole.unlink(missing_ok=True)
        with open(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(self.env)
        os.replace(whole, ENV)


def courses() -> Sequence[Course]:
    """Return the shipped courses."""
    return load([])[0].data.courses


def plan(answers: Answers, folder: Path) -> Plan:
    """Plan the changes of the folder and `.env`. Raises CannotSetUp, Unreadable, OSError."""
    if ":" in str(folder):
        raise CannotSetUp(f'{folder}: KNOWLEDGE separates folders by ":"; choose a name without it')
    code = Path(answers.consultant_qr) if answers.consultant_qr else None
    if code and not code.is_file():
        raise CannotSetUp(f"{code}: there is no such picture")
    if code and answers.consultant is None:
        raise CannotSetUp("consultant_qr: say beside the picture how merchants reach the consultant: consultant")
    operator = yaml.safe_dump(operator_of(answers, folder, code), allow_unicode=True, sort_keys=False, width=120)
    env = env_of(answers, folder, Path(ENV).read_text("utf-8") if Path(ENV).exists() else "")
    return Plan(folder, operator, code, env, tuple(keyword_previews(folder, operator, code)))


def operator_of(answers: Answers, folder: Path, code: Path | None) -> dict[str, Any]:
    """Merge the answers into the folder's operator.yaml. Raises CannotSetUp."""
    given = answers.model_dump(exclude={"consultant_qr", "telegram_token", "overwrite"}, exclude_none=True)
    given = {key: value for key, value in given.items() if value}
    brand = {key: given.pop(f"brand_{key}") for key in ("name", "colour") if f"brand_{key}" in given}
    given |= {"brand": brand} if brand else {}
    if code:
        given["consultant"]["qr"] = f"{CODE}{code.suffix.lower()}"
    before: Any = {}
    if (folder / OPERATOR).exists():
        mistakes: list[Mistake] = []
        node = read(folder / OPERATOR, str(folder / OPERATOR), mistakes)
        if mistakes or (node and not isinstance(node.value, dict | None)):
            raise CannotSetUp(str(mistakes[0]) if mistakes else f"{folder / OPERATOR}: this is no operator.yaml")
        before = node.plain() if node else {}
    if not isinstance(before, dict):
        return given
    for key in ("brand", "course_links"):
        if key in given and isinstance(kept := before.get(key), dict):
            given[key] = {**kept, **given[key]}
    return {**before, **given}


def env_of(answers: Answers, folder: Path, before: str) -> str:
    """Set the folder and the token in the text of `.env`; other lines are kept."""
    lines = before.splitlines()
    settings = {"TELEGRAM_TOKEN": answers.telegram_token.get_secret_value() if answers.telegram_token else None}
    named = re.compile(r"\s*(?:export\s+)?(\w+)\s*=\s*(.*?)\s*$")
    found = {match[1].upper(): match[2].strip("'\"") for line in lines if (match := named.match(line))}
    folders = [one for one in found.get("KNOWLEDGE", "").split(":") if one]
    settings["KNOWLEDGE"] = ":".join(folders if str(folder) in folders else [*folders, str(folder)])
    wanted = {name: value for name, value in settings.items() if value}
    kept = [line for line in lines if not ((match := named.match(line)) and match[1].upper() in wanted)]
    return "\n".join([*kept, *(f"{name}={quote(value)}" for name, value in wanted.items())]) + "\n"


def quote(value: str) -> str:
    """Quote a value for `.env`."""
    if re.fullmatch(r"[\w./:@%+-]+", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def keyword_previews(folder: Path, operator: str, code: Path | None) -> Iterator[tuple[str, str]]:
    """Yield each keyword with a reply that shows the operator's values. Raises CannotSetUp for mistakes found by lint."""
    with tempfile.TemporaryDirectory() as made:
        trial = Path(made) / folder.name
        if folder.is_dir():
            shutil.copytree(folder, trial)
        write_operator(trial, operator, code)
        library, mistakes = load([trial])
        bad = [one for one in sorted({*mistakes, *lint.check(library)}) if not one.warning]
        if bad:
            raise CannotSetUp("\n".join(map(str, bad)))
        yield from preview(library)


def preview(library: Library) -> Iterator[tuple[str, str]]:
    templates, shown = Templates(library.data), set[str]()
    for rule in library.rules.values():
        for name in (reply.topic for reply in rule.replies if reply.topic):
            fact = next((one for one in library.topics[name].facts if SHOWN_VALUES.search(one.en)), None)
            for lang in LANGUAGES if fact else ():
                word = next(
                    (one.equal for one in rule.keywords if one.equal and one.equal.isascii() == (lang == "en")), ""
                )
                assert fact is not None
                text = undated(templates.render(fact[lang], lang, as_of=AS_OF), lang)
                if text not in shown:
                    yield word or rule.id, text
                shown.add(text)


def write_operator(folder: Path, operator: str, code: Path | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / OPERATOR).write_text(operator, encoding="utf-8")
    if code:
        (folder / "files").mkdir(exist_ok=True)
        target = folder / "files" / f"{CODE}{code.suffix.lower()}"
        if not (target.exists() and target.samefile(code)):
            shutil.copyfile(code, target)


def validate_answers(said: Mapping[str, Any]) -> Answers:
    """Validate typed answers; empty ones are skipped. Raises CannotSetUp."""
    try:
        return Answers.model_validate({key: value for key, value in said.items() if value})
    except ValidationError as error:
        lines = (f"{'.'.join(map(str, one['loc']))}: {kinds.words_of(one, Answers)}" for one in error.errors())
        raise CannotSetUp("\n".join(lines)) from None
