"""/assistant: a group's settings, for its administrators."""

from __future__ import annotations

from dataclasses import replace

from bot.language.normalize import loose_key
from bot.model import COMMA, LANGUAGES, Button, Conversation, Group, Outcome, Reply, Turn
from handlers.ability import Ability
from handlers.request import ANSWERED, Request

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
    "回复": "replies",
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


def group_turn(request: Request, text: str, *buttons: Button, outcome: Outcome = ANSWERED) -> Turn:
    """Build a turn in a group, without numbered choices, since several members write there."""
    return Turn((Reply(text, buttons),), outcome, member_conversation(request.conversation))


def member_conversation(conversation: Conversation) -> Conversation:
    """Return a member's conversation in a group: without check and numbered choices."""
    return conversation.with_(check=None, offered=())


def visibility_phrase(request: Request) -> str:
    """Return the phrase that tells which of the group's messages the assistant receives."""
    return "group_sees_all" if request.group.sees_all else "group_sees_little"


def is_setting(request: Request) -> bool:
    called = request.command is not None and request.command[0] == ASSISTANT.command
    return called or (request.message.press or "").startswith(PREFIX)


def change_setting(request: Request, group: Group) -> Turn:
    """Change a setting and show the status; reject members who are not administrators."""
    if not request.group.administrator:
        return group_turn(request, request.say("group_administrators_only"))
    press = request.message.press
    words = press.removeprefix(PREFIX).split(".") if press is not None else request.text.split()[1:]
    if not any(words):
        return status(request, group)
    if words == ["rules"]:
        return rules(request, group)
    changed = change(request, group, [WORDS.get(words[0].lower(), words[0].lower()), *words[1:]])
    if changed is None:
        return group_turn(request, request.say("group_wrong_use"))
    if press is not None and words[0] == "rule":
        return replace(rules(request, changed), group=changed)
    return replace(status(request, changed), group=changed)


def change(request: Request, group: Group, words: list[str]) -> Group | None:
    """Return the group with the setting changed, or None if the words name no setting."""
    name, rest = words[0], [WORDS.get(word.lower(), word) for word in words[1:]]
    value = rest[0].lower() if len(rest) == 1 else ""
    if name in ("on", "off") and not rest:
        return replace(group, on=name == "on")
    if name == "language" and value in (*LANGUAGES, "auto"):
        return replace(group, lang=next((lang for lang in LANGUAGES if lang == value), None))
    if name in ("cooldown", "quiet") and value.isdecimal() and int(value) <= LONGEST_PAUSE:
        return replace(group, cooldown=int(value)) if name == "cooldown" else replace(group, quiet=int(value))
    if name == "replies" and value in ("on", "off"):
        return replace(group, replies=value == "on")
    if name == "keywords" and value in ("on", "off"):
        return replace(group, keywords=value == "on")
    if name == "keywords" and value == "all":
        return replace(group, keywords=True, allowed=None)
    if name == "keywords" and rest:
        named = [
            rule_of(request, one)
            for one in " ".join(rest).replace("，", ",").replace("、", ",").split(",")
            if one.strip()
        ]
        found = tuple(sorted({rule for rule in named if rule}))
        return replace(group, keywords=True, allowed=found) if found and None not in named else None
    if name == "rule" and len(rest) == 2 and rest[0] in request.knowledge.library.rules:
        allowed = set(request.knowledge.library.rules if group.allowed is None else group.allowed)
        allowed = allowed | {rest[0]} if rest[1] == "on" else allowed - {rest[0]}
        every = allowed >= set(request.knowledge.library.rules)
        return replace(group, allowed=None if every else tuple(sorted(allowed)))
    return None


def rule_of(request: Request, name: str) -> str | None:
    """Return the id of the rule with this id or keyword, or None."""
    if name.strip().lower() in request.knowledge.library.rules:
        return name.strip().lower()
    found = request.knowledge.keywords.whole.get(loose_key(name))
    return found.rule if found else None


def status(request: Request, group: Group) -> Turn:
    """Show the settings, with a button for each."""
    language = request.knowledge.say("language_name", group.lang) if group.lang else request.say("group_language_auto")
    keywords = request.say("group_off")
    if group.keywords:
        keywords = request.say("group_all_keywords") if group.allowed is None else keyword_names(request, group.allowed)
    text = request.say(
        "group_status",
        state=request.say("group_on" if group.on else "group_off"),
        replies=request.say("group_on" if group.replies else "group_off"),
        keywords=keywords,
        language=language,
        cooldown=group.cooldown,
        quiet=group.quiet,
    )
    buttons = [
        setting(request, "group_turn_off" if group.on else "group_turn_on", "off" if group.on else "on"),
        setting(
            request,
            "group_keywords_turn_off" if group.keywords else "group_keywords_turn_on",
            f"keywords.{'off' if group.keywords else 'on'}",
        ),
        setting(request, "group_choose_keywords", "rules"),
        setting(
            request,
            "group_replies_turn_off" if group.replies else "group_replies_turn_on",
            f"replies.{'off' if group.replies else 'on'}",
        ),
        *(
            Button(request.say("group_set_language", language=label), f"{PREFIX}language.{code}")
            for code, label in (
                *((lang, request.knowledge.say("language_name", lang)) for lang in LANGUAGES),
                ("auto", request.say("group_language_auto")),
            )
            if code != (group.lang or "auto")
        ),
        *(
            Button(request.say("group_set_cooldown", minutes=minutes), f"{PREFIX}cooldown.{minutes}")
            for minutes in COOLDOWNS
            if minutes != group.cooldown
        ),
    ]
    return group_turn(request, f"{text}\n\n{request.say(visibility_phrase(request))}", *buttons)


def rules(request: Request, group: Group) -> Turn:
    """Show the reply keywords, with a button to allow or forbid each."""
    buttons = []
    for name, rule in request.knowledge.library.rules.items():
        on = group.allowed is None or name in group.allowed
        says = f"{PREFIX}rule.{name}.{'off' if on else 'on'}"
        if len(says.encode()) <= LONGEST_STATEMENT:
            buttons.append(Button(f"{'✓' if on else '–'} {rule.keywords[0].text}", says))
    return group_turn(request, request.say("group_rules"), *buttons, setting(request, "group_back", ""))


def setting(request: Request, phrase: str, says: str) -> Button:
    return Button(request.say(phrase), f"{PREFIX}{says}")


def keyword_names(request: Request, allowed: tuple[str, ...]) -> str:
    """List rules by their first keywords."""
    library = request.knowledge.library.rules
    first = (library[name].keywords[0] for name in allowed if name in library)
    return COMMA[request.lang].join(one.text for one in first) or request.say("group_off")


def outside_group(request: Request, _: str) -> Turn:
    """Answer the command outside of a group."""
    return request.tell("group_elsewhere")


ASSISTANT = Ability("assistant", outside_group, listed=False)
