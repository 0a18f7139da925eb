"""The agency that runs the assistant: its own words, links and hours, as `operator.yaml` holds them."""

from __future__ import annotations

from pydantic import Field

from bot.content.hours import Hours
from bot.content.kinds import Course, Entry, SubjectId, Text, Words


class Contact(Text):
    """How merchants reach a consultant; `qr` is a picture in `files/` of the code that they scan."""

    qr: Words | None = None


class Operator(Entry):
    """The agency's own words and links."""

    agency: Text
    subject: Text = Text(en="what we offer", zh="我们的业务")
    covers: Text | None = None
    rests_on: Text | None = None
    authority: Text | None = None
    example: Text | None = None
    consultant: Contact | None = None
    course_links: dict[str, Words] = Field(default_factory=dict)
    registration_link: Words | None = None
    gift: Text | None = None
    most_asked: tuple[Words, ...] = ()
    subjects: dict[SubjectId, Text] = Field(default_factory=dict)
    confirm_months: int = Field(default=12, ge=1, le=1200)
    takeover_minutes: int = Field(default=60, ge=0, le=100_000)
    consultant_idle_hours: int = Field(default=24, ge=0, le=10_000)
    hours: Hours | None = None
    result_days: int = Field(default=90, ge=1, le=3650)

    def link_of(self, course: Course) -> str | None:
        """Where the course is, as this agency says or as the course itself does."""
        return self.course_links.get(course.id) or course.link

    @property
    def told(self) -> dict[str, Text | None]:
        """What the assistant's own sentences say of its subject, where it is given."""
        return {
            "covers": self.covers,
            "rests_on": self.rests_on,
            "authority": self.authority,
            "example": self.example,
        }

    @property
    def named(self) -> bool:
        """Whether an agency has entered itself, so that what is answered is answered in its name."""
        return self.agency != Operator.none().agency

    @classmethod
    def none(cls) -> Operator:
        return cls(agency=Text(en="our agency", zh="我们"))
