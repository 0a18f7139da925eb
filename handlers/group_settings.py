"""/assistant: a group's settings, for its administrators."""

from __future__ import annotations

from dataclasses import replace

from bot.language.normalize import loose_key
from bot.model import LANGUAGES, Button, Conversation, Group, Outcome, Reply, Turn
from handlers.ability import Ability
from handlers.asked import ANSWERED, Asked

PREFIX = "group="  # of a button's statement
COOLDOWNS = (0, 10, 60)  # minutes, on buttons
LONGEST_PAUSE = 24 * 60  # minutes
LONGEST_STATEMENT = 64  # bytes of a button
WORDS = {
    "开": "on",
    "开启": "on",
    "关": "off",
    "关闭": "off",
    "关键词": "keywords",
    "语言": "language",
    "冷却": "cooldown",
    "等待": "quiet",
    "中文": "zh",
    "英文": "en",
    "chinese": "zh",
    "english": "en",
    "自动": "auto",
    "全部": "all",
}


def group_turn(asked: Asked, text: str, *buttons: Button, outcome: Outcome = ANSWERED) -> Turn:
    """Build a turn in a group, without numbered choices, since several members write there."""
    return Turn((Reply(text, buttons),), outcome, member_conversation(asked.conversation))


def member_conversation(conversation: Conversation) -> Conversation:
    """Return a member's conversation in a group: without check and numbered choices."""
    return conversation.with_(check=None, offered=())


def visibility_phrase(asked: Asked) -> str:
    """Return the phrase that tells which of the group's messages the assistant receives."""
    return "group_sees_all" if asked.here.sees_all else "group_sees_little"


def is_setting(asked: Asked) -> bool:
    called = asked.command is not None and asked.command[0] == ASSISTANT.command
    return called or (asked.message.press or "").startswith(PREFIX)


def ask_for(asked: Asked, group: Group) -> Turn:
    """Change a setting and show the status; reject members who are not administrators."""
    if not asked.here.administrator:
        return group_turn(asked, asked.say("group_administrators_only"))
    press = asked.message.press
    words = press.removeprefix(PREFIX).split(".") if press is not None else asked.text.split()[1:]
    if not any(words):
        return status(asked, group)
    if words == ["rules"]:
        return rules(asked, group)
    changed = change(asked, group, [WORDS.get(words[0].lower(), words[0].lower()), *words[1:]])
    if changed is None:
        return group_turn(asked, asked.say("group_wrong_use"))
    if press is not None and words[0] == "rule":
        return replace(rules(asked, changed), group=changed)
    return replace(status(asked, changed), group=changed)


def change(asked: Asked, group: Group, words: list[str]) -> Group | None:
    """Return the group with the setting changed, or None if the words name no setting."""
    name, rest = words[0], [WORDS.get(word.lower(), word) for word in words[1:]]
    value = rest[0].lower() if len(rest) == 1 else ""
    if name in ("on", "off") and not rest:
        return replace(group, on=name == "on")
    if name == "language" and value in (*LANGUAGES, "auto"):
        return replace(group, lang=next((lang for lang in LANGUAGES if lang == value), None))
    if name in ("cooldown", "quiet") and value.isdecimal() and int(value) <= LONGEST_PAUSE:
        return replace(group, cooldown=int(value)) if name == "cooldown" else replace(group, quiet=int(value))
    if name == "keywords" and value in ("on", "off"):
        return replace(group, keywords=value == "on")
    if name == "keywords" and value == "all":
        return replace(group, keywords=True, allowed=None)
    if name == "keywords" and rest:
        named = [
            rule_of(asked, one)
            for one in " ".join(rest).replace("，", ",").replace("、", ",").split(",")
            if one.strip()
        ]
        found = tuple(sorted({rule for rule in named if rule}))
        return replace(group, keywords=True, allowed=found) if found and None not in named else None
    if name == "rule" and len(rest) == 2 and rest[0] in asked.knowledge.library.rules:
        allowed = set(asked.knowledge.library.rules if group.allowed is None else group.allowed)
        allowed = allowed | {rest[0]} if rest[1] == "on" else allowed - {rest[0]}
        every = allowed >= set(asked.knowledge.library.rules)
        return replace(group, allowed=None if every else tuple(sorted(allowed)))
    return None


def rule_of(asked: Asked, name: str) -> str | None:
    """Return the id of the rule with this id or keyword, or None."""
    if name.strip().lower() in asked.knowledge.library.rules:
        return name.strip().lower()
    found = asked.knowledge.keywords.whole.get(loose_key(name))
    return found.rule if found else None


def status(asked: Asked, group: Group) -> Turn:
    """Show the settings, with a button for each."""
    language = asked.knowledge.say("language_name", group.lang) if group.lang else asked.say("group_language_auto")
    keywords = asked.say("group_off")
    if group.keywords:
        keywords = asked.say("group_all_keywords") if group.allowed is None else named(asked, group.allowed)
    text = asked.say(
        "group_status",
        state=asked.say("group_on" if group.on else "group_off"),
        keywords=keywords,
        language=language,
        cooldown=group.cooldown,
        quiet=group.quiet,
    )
    buttons = [
        setting(asked, "group_turn_off" if group.on else "group_turn_on", "off" if group.on else "on"),
        setting(
            asked,
            "group_keywords_turn_off" if group.keywords else "group_keywords_turn_on",
            f"keywords.{'off' if group.keywords else 'on'}",
        ),
        setting(asked, "group_choose_keywords", "rules"),
        *(
            Button(asked.say("group_set_language", language=label), f"{PREFIX}language.{code}")
            for code, label in (
                *((lang, asked.knowledge.say("language_name", lang)) for lang in LANGUAGES),
                ("auto", asked.say("group_language_auto")),
            )
            if code != (group.lang or "auto")
        ),
        *(
            Button(asked.say("group_set_cooldown", minutes=minutes), f"{PREFIX}cooldown.{minutes}")
            for minutes in COOLDOWNS
            if minutes != group.cooldown
        ),
    ]
    return group_turn(asked, f"{text}\n\n{asked.say(visibility_phrase(asked))}", *buttons)


def rules(asked: Asked, group: Group) -> Turn:
    """Show the reply keywords, with a button to allow or forbid each."""
    buttons = []
    for name, rule in asked.knowledge.library.rules.items():
        on = group.allowed is None or name in group.allowed
        says = f"{PREFIX}rule.{name}.{'off' if on else 'on'}"
        if len(says.encode()) <= LONGEST_STATEMENT:
            buttons.append(Button(f"{'✓' if on else '–'} {rule.keywords[0].equal or rule.keywords[0].contain}", says))
    return group_turn(asked, asked.say("group_rules"), *buttons, setting(asked, "group_back", ""))


def setting(asked: Asked, phrase: str, says: str) -> Button:
    return Button(asked.say(phrase), f"{PREFIX}{says}")


def named(asked: Asked, allowed: tuple[str, ...]) -> str:
    """List rules by their first keywords."""
    library = asked.knowledge.library.rules
    first = (library[name].keywords[0] for name in allowed if name in library)
    comma = ", " if asked.lang == "en" else "、"
    return comma.join(one.equal or one.contain or "" for one in first) or asked.say("group_off")


def elsewhere(asked: Asked, _: str) -> Turn:
    """Answer the command outside of a group."""
    return asked.turn(Reply(asked.say("group_elsewhere")), outcome=ANSWERED)


ASSISTANT = Ability("assistant", elsewhere, listed=False)
