"""Make description.json from the scraped description of the Bot API: `python -m tests.botapi.compact FILE`.

FILE is api.json of PaulSonOfLars/telegram-bot-api-spec (MIT). Prose and links are dropped; what the prose says of
limits, fixed values and choices is parsed out of it and kept, so that it can be checked.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]

ORIGIN = "Telegram Bot API, scraped from core.telegram.org/bots/api by PaulSonOfLars/telegram-bot-api-spec"
LICENCE = "MIT, as PaulSonOfLars/telegram-bot-api-spec states; descriptions and links are left out"

RANGE = re.compile(r"(?<![\d.])(\d+) ?- ?(\d+)(?! ?\*)(?: ([A-Za-z-]+))?")
BETWEEN = re.compile(r"between (\d+) and (\d+)(, or 0x7FFFFFFF)?")
UP_TO = re.compile(r"up to (\d+) (characters)", re.I)
FIXED = re.compile(r"(?:must be|always) [\"“]?(\w+)[\"”]?$")
QUOTED = re.compile(r"[\"“](\w+)[\"”]")
DISCRIMINATORS = {"type", "source", "status"}


def limit(name: str, types: list[str], text: str) -> Json:
    """Limits in the prose: {"min", "max", "unit"}; the unit is characters, bytes, items or value."""
    if name == "amount":  # depends on the currency; no single range
        return {}
    between = BETWEEN.search(text)
    if between and types in (["Integer"], ["Float"]):
        also = {"also": 0x7FFFFFFF} if between[3] else {}
        return {"min": int(between[1]), "max": int(between[2]), "unit": "value", **also}
    for found in RANGE.finditer(text):
        low, high, unit = int(found[1]), int(found[2]), (found[3] or "").lower()
        if low > high or unit == "for":
            continue
        if all(kind.startswith("Array of") for kind in types):
            return {"min": low, "max": high, "unit": "items"}
        if types == ["String"] and unit in ("characters", "bytes"):
            return {"min": low, "max": high, "unit": unit}
        if types in (["Integer"], ["Float"]) and unit in ("", "are", "is"):
            return {"min": low, "max": high, "unit": "value"}
    most = UP_TO.search(text)
    if most and types == ["String"]:
        return {"min": 0, "max": int(most[1]), "unit": "characters"}
    return {}


def field(raw: Json) -> Json:
    """One parameter or field: {"t": types, "r": 1 if required, limits, "fixed" value, "one_of" values}."""
    name, types, text = raw["name"], raw["types"], raw["description"]
    kept: Json = {"t": types[0] if len(types) == 1 else types}
    if raw["required"]:
        kept["r"] = 1
    kept |= limit(name, types, text)
    if re.search(r"after entit(?:y|ies) parsing", text) or name in ("message_text",):
        kept["parsed"] = 1
    if name in DISCRIMINATORS and (fixed := FIXED.search(text.rstrip("."))) and fixed[1] != "one":
        kept["fixed"] = fixed[1]
    elif name in {*DISCRIMINATORS, "style"} and re.search(r"(?:one of|can be)(?: either)? [\"“]", text):
        kept["one_of"] = sorted(set(QUOTED.findall(text)))
    return kept


def compact(full: Json) -> Json:
    """The whole description, without prose."""
    methods = {
        name: {"returns": raw["returns"], "fields": {one["name"]: field(one) for one in raw.get("fields", [])}}
        for name, raw in full["methods"].items()
    }
    types: Json = {}
    for name, raw in full["types"].items():
        if raw.get("subtypes"):
            types[name] = {"subtypes": raw["subtypes"]}
        else:
            types[name] = {"fields": {one["name"]: field(one) for one in raw.get("fields", [])}}
    return {"origin": ORIGIN, "licence": LICENCE, "version": full["version"], "methods": methods, "types": types}


def lines(description: Json) -> str:
    """JSON with a method or a type on each line, so that a new version shows as a readable difference."""

    def rows(table: Json) -> str:
        return ",\n".join(f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in table.items())

    head = ",\n".join(f"{json.dumps(k)}:{json.dumps(description[k])}" for k in ("origin", "licence", "version"))
    body = ",\n".join(f"{json.dumps(k)}:{{\n{rows(description[k])}\n}}" for k in ("methods", "types"))
    return f"{{\n{head},\n{body}\n}}\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.botapi.compact FILE")
    made = compact(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    Path(__file__).with_name("description.json").write_text(lines(made), encoding="utf-8")
