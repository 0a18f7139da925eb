"""Reply keywords as an official account's console can have them: its answer's form, its limits, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.channels.markup import plain_with_links, split
from bot.channels.wechat.autoreply import LONGEST_KEYWORD, LONGEST_REPLY, MOST_KEYWORDS, MOST_REPLIES, MOST_RULES
from bot.content.kinds import KeywordReply, KeywordRule
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import shipped
from bot.language.normalize import loose_key
from bot.model import Language
from bot.search.keywords import SHORT

Json = dict[str, Any]


@dataclass
class Export:
    """The answer that `get_current_autoreply_info` would give, and what does not fit into it."""

    knowledge: Knowledge
    lang: Language
    today: date
    rules: list[Json] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def made(self, now: int) -> Json:
        """Return the answer, the rules with the highest priority first, as the newest; `now` is in Unix seconds."""
        library = self.knowledge.library
        for rule in sorted(library.rules.values(), key=lambda rule: -rule.priority):
            self.rules += self.of(rule)
        for one in self.rules[MOST_RULES:]:
            self.left_out.append(f"{one['rule_name']}: an account has at most {MOST_RULES} rules")
        kept = self.rules[:MOST_RULES]
        for number, one in enumerate(kept):
            one["create_time"] = now - number
        welcome = self.welcome()
        return {
            "is_add_friend_reply_open": int(welcome is not None),
            "is_autoreply_open": 0,
            **({"add_friend_autoreply_info": {"type": "text", "content": welcome}} if welcome else {}),
            "keyword_autoreply_info": {"list": kept},
        }

    def of(self, rule: KeywordRule) -> Iterator[Json]:
        """Yield a rule; with too many keywords several, each with the same replies."""
        keywords = [one for word in rule.keywords for one in self.keyword(rule, word.kind, word.text)]
        replies = [one for reply in rule.replies for one in self.reply(rule, reply)]
        if len(replies) > MOST_REPLIES:
            self.left_out.append(
                f"{rule.id}: {len(replies) - MOST_REPLIES} of {len(replies)} replies; {MOST_REPLIES} are the most"
            )
        if not keywords or not replies:
            self.left_out.append(f"{rule.id}: no {'reply' if keywords else 'keyword'} of it fits")
            return
        for number in range(0, len(keywords), MOST_KEYWORDS):
            yield {
                "rule_name": f"{rule.id} {number // MOST_KEYWORDS + 1}" if number else rule.id,
                "create_time": 0,
                "reply_mode": "reply_all" if rule.give == "all" else "random_one",
                "keyword_list_info": keywords[number : number + MOST_KEYWORDS],
                "reply_list_info": replies[:MOST_REPLIES],
            }

    def keyword(self, rule: KeywordRule, kind: str, text: str) -> Iterator[Json]:
        if len(text) > LONGEST_KEYWORD:
            self.left_out.append(
                f'{rule.id}: the keyword "{text}" has {len(text)} characters; {LONGEST_KEYWORD} are the most'
            )
            return
        whole = kind == "equal" or (kind == "contain" and len(loose_key(text)) <= SHORT)
        yield {"type": "text", "match_mode": "equal" if whole else "contain", "content": text}

    def reply(self, rule: KeywordRule, reply: KeywordReply) -> Iterator[Json]:
        texts = self.texts(reply)
        if texts is None:
            what = f"the check {reply.check}" if reply.check else f"files/{reply.picture or reply.file}"
            how = "it runs in the assistant only" if reply.check else "upload it in the console"
            self.left_out.append(f"{rule.id}: {what}; {how}")
        elif len(texts) > 1 and rule.give == "random":
            self.left_out.append(
                f"{rule.id}: a text over {LONGEST_REPLY} characters, of which one part would be given by chance"
            )
        else:
            yield from ({"type": "text", "content": text} for text in texts)

    def texts(self, reply: KeywordReply) -> Sequence[str] | None:
        """Return a reply's texts within the limit; None if it is none."""
        if reply.text:
            return self.parts(self.knowledge.templates.render(reply.text[self.lang], self.lang))
        if reply.link:
            return self.parts(f"[{reply.link.title[self.lang]}]({reply.link.url})")
        if reply.topic:
            return self.parts(self.knowledge.tell(reply.topic, self.lang, self.today).text)
        return None

    def parts(self, markdown: str) -> list[str]:
        return split(markdown, LONGEST_REPLY, plain_with_links)

    def welcome(self) -> str | None:
        """Return the agency's own welcome; that which ships goes on with buttons, which do not exist there."""
        library = self.knowledge.library
        if library.places["phrases"].at(("welcome",)).file.startswith((library.base, f"{shipped().name}/")):
            return None
        parts = self.parts(self.knowledge.say("welcome", self.lang))
        if len(parts) > 1:
            self.left_out.append(f"the welcome: it has more than {LONGEST_REPLY} characters")
            return None
        return parts[0]
