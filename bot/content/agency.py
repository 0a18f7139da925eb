"""The agency that runs the assistant: its texts, links and hours from `operator.yaml`."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.content.colour import Colour
from bot.content.hours import Hours
from bot.content.kinds import Course, Entry, Phrasings, SubjectId, Text, Words


class Contact(Text):
    """The merchants' contact to a consultant; `qr` is the name of a QR code image in `files/`."""

    qr: Words | None = None


class MenuItem(Entry):
    """An entry of an official account's menu; exactly one target is set (checked by lint)."""

    name: Text
    topic: Words | None = None
    check: Words | None = None
    keyword: Words | None = None  # the id of a rule
    link: Words | None = None

    @property
    def targets(self) -> list[tuple[str, str]]:
        given = (("topic", self.topic), ("check", self.check), ("keyword", self.keyword), ("link", self.link))
        return [(kind, name) for kind, name in given if name is not None]


class MenuEntry(MenuItem):
    """An entry of the menu's bar: a target, or `items` that open above it."""

    items: tuple[MenuItem, ...] = ()


class Brand(Entry):
    """The brand of the web chat: the assistant's name, colour and greeting, and the page on privacy.

    `logo` and `avatar`, the picture beside answers, are names of pictures in `files/`.
    """

    name: Text | None = None
    logo: Words | None = None
    colour: Colour | None = None
    avatar: Words | None = None
    greeting: Text | None = None
    privacy: Words | None = None

    @property
    def pictures(self) -> dict[str, str]:
        given = {"logo": self.logo, "avatar": self.avatar}
        return {field: name for field, name in given.items() if name}


class DeskHabits(Entry):
    """The settings of the consultants' desk.

    `language`: of its cards and drafts, by default the merchant's. `reminders`: the minutes of working hours after which
    consultants are reminded of a merchant whom nobody has answered. `lead`: who is named in the last reminder, as "@anna".
    """

    language: Literal["en", "zh"] | None = None
    reminders: tuple[Annotated[int, Field(ge=1, le=10_000)], ...] = (10, 30)
    lead: Words | None = None


class Operator(Entry):
    """The entries of `operator.yaml`."""

    agency: Text
    subject: Text = Text(en="what we offer", zh="业务")
    platform: Phrasings = Phrasings(en=(), zh=())
    covers: Text | None = None
    rests_on: Text | None = None
    authority: Text | None = None
    example: Text | None = None
    consultant: Contact | None = None
    brand: Brand = Brand()
    course_links: dict[str, Words] = Field(default_factory=dict)
    registration_link: Words | None = None
    gift: Text | None = None
    most_asked: tuple[Words, ...] = ()
    subjects: dict[SubjectId, Text] = Field(default_factory=dict)
    menu: tuple[MenuEntry, ...] = ()
    confirm_months: int = Field(default=12, ge=1, le=1200)
    takeover_minutes: int = Field(default=60, ge=0, le=100_000)
    consultant_idle_hours: int = Field(default=24, ge=0, le=10_000)
    hours: Hours | None = None
    desk: DeskHabits = DeskHabits()
    result_days: int = Field(default=90, ge=1, le=3650)

    @property
    def zone(self) -> tzinfo:
        """The agency's time zone: that of its hours, else UTC."""
        return ZoneInfo(self.hours.zone) if self.hours else UTC

    def link_of(self, course: Course) -> str | None:
        """The URL of a course: the agency's, else the course's own."""
        return self.course_links.get(course.id) or course.link

    @property
    def told(self) -> dict[str, Text | None]:
        """The optional texts about the assistant's subject, for the assistant's own sentences."""
        return {
            "covers": self.covers,
            "rests_on": self.rests_on,
            "authority": self.authority,
            "example": self.example,
        }

    @property
    def named(self) -> bool:
        """True if the agency's name is set."""
        return self.agency != Operator.none().agency

    @classmethod
    def none(cls) -> Operator:
        return cls(agency=Text(en="our agency", zh="我们"))
