"""Charts as SVG, drawn on the server: bars with the classes of the stylesheet, since the console's pages allow no inline style.

Each series has a colour that people with any colour vision can tell from the others, and a pattern that a printer without
colours shows. The numbers are in the table beside the chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 360
TOP, FOOT, LEFT = 8, 18, 30  # around the columns
HIGH = 120  # the columns' height
ROW, THICK = 31, 9  # of a bar below its label
LONGEST_LABEL = 48
PATTERNS = 6


@dataclass(frozen=True)
class Series:
    """A name with a value for each column."""

    name: str
    values: Sequence[int]


def patterns(id: str) -> str:
    """Return the fills of the series: plain, and hatched in different ways."""
    drawn = ("", "M0 6L6 0", "M0 3H6", "M0 0L6 6M0 6L6 0", "M3 0V6", "M0 0L6 6")
    return "".join(
        f'<pattern id="{id}-{number}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect width="6" height="6" class="s{number}"/><path d="{path}" class="hatch"/></pattern>'
        for number, path in enumerate(drawn)
    )


def svg(id: str, label: str, height: float, body: str) -> Markup:
    # every text in the body is escaped where it is put together
    return Markup(
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(label)}">'
        f"<defs>{patterns(id)}</defs>{body}</svg>"
    )


def columns(id: str, label: str, names: Sequence[str], series: Sequence[Series]) -> Markup:
    """Draw stacked columns, with the names of some below them."""
    sums = [sum(one.values[at] for one in series) for at in range(len(names))]
    most = nice(max(sums, default=0))
    step = (WIDTH - LEFT) / max(1, len(names))
    made = [grid(most)]
    for at, name in enumerate(names):
        x, y = LEFT + at * step + step * 0.1, float(TOP + HIGH)
        for number, one in enumerate(series):
            high = one.values[at] / most * HIGH
            if high:
                y -= high
                told = escape(f"{name}, {one.name}: {one.values[at]:,}")
                made.append(
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{step * 0.8:.1f}" height="{high:.1f}" class="mark"'
                    f' fill="url(#{id}-{number % PATTERNS})"><title>{told}</title></rect>'
                )
        if at % max(1, -(-len(names) // 7)) == 0:
            middle = LEFT + at * step + step / 2
            made.append(f'<text x="{middle:.1f}" y="{TOP + HIGH + 13}" text-anchor="middle">{escape(name)}</text>')
    x, y = float(LEFT), TOP + HIGH + FOOT + 4.0
    for number, one in enumerate(series):
        wide = 16 + width_of(one.name) + 10
        if x + wide > WIDTH and x > LEFT:
            x, y = float(LEFT), y + 15
        made.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="11" height="11" class="mark" fill="url(#{id}-{number % PATTERNS})"/>'
            f'<text x="{x + 15:.1f}" y="{y + 9.5:.1f}">{escape(one.name)}</text>'
        )
        x += wide
    return svg(id, label, y + 16, "".join(made))


def grid(most: int) -> str:
    lines = []
    for part in (0.0, 0.5, 1.0):
        y = TOP + HIGH * (1 - part)
        number = most * part
        lines.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH}" class="grid"/>')
        if number == int(number):
            lines.append(f'<text x="{LEFT - 4}" y="{y + 3.5:.1f}" text-anchor="end">{int(number):,}</text>')
    return "".join(lines)


def bars(id: str, label: str, rows: Sequence[tuple[str, int, int | None]], now: str, before: str) -> Markup:
    """Draw a bar for each row below its name, and a thin one below it for the time before."""
    most = max((max(value, past or 0) for _, value, past in rows), default=0) or 1
    made, room = [], WIDTH - 44
    for at, (name, value, past) in enumerate(rows):
        y = at * ROW
        text = name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
        made.append(f'<text x="0" y="{y + 12}">{escape(text)}<title>{escape(name)}</title></text>')
        wide = value / most * room
        made.append(f'<rect x="0" y="{y + 16}" width="{wide:.1f}" height="{THICK}" class="mark" fill="url(#{id}-0)"/>')
        if past:
            made.append(
                f'<rect x="0" y="{y + 16 + THICK}" width="{past / most * room:.1f}" height="2.5" class="past"/>'
            )
        made.append(f'<text x="{wide + 4:.1f}" y="{y + 24}">{value:,}</text>')
    foot = len(rows) * ROW + 4
    made.append(
        f'<rect x="0" y="{foot}" width="11" height="9" class="mark" fill="url(#{id}-0)"/><text x="15" y="{foot + 8}">{escape(now)}</text>'
    )
    if any(past is not None for _, _, past in rows):
        x = 15 + width_of(now) + 14
        made.append(f'<rect x="{x}" y="{foot + 4}" width="11" height="2.5" class="past"/>')
        made.append(f'<text x="{x + 15}" y="{foot + 8}">{escape(before)}</text>')
    return svg(id, label, foot + 14, "".join(made))


def nice(most: int) -> int:
    """Return a round number from the highest value on, to be halved."""
    ten = int(10 ** (len(str(most)) - 1))
    return next((factor * ten for factor in (1, 2, 4, 5) if factor * ten >= max(2, most)), 10 * ten)


def width_of(text: str) -> int:
    """Return about how wide a text of the charts is."""
    return sum(12 if ord(one) > 0x2E80 else 7 for one in text)
