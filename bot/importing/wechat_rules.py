"""An official account's auto-replies as reply keywords: what each of them becomes, and what is not carried over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import quote

from bot.channels.wechat.autoreply import Article, AutoReplies, AutoReply, Keyword, Rule
from bot.content.said import Notice, said
from bot.importing.import_plan import escape_markdown, escape_template, slug
from bot.language.normalize import loose_key
from bot.search.keywords import SHORT

PREFIX = "wechat-"
LONGEST_ID = 40  # characters: a button of the group settings names the rule
LOWEST = 100  # the lowest imported priority is one more: the account's replies come before ours
PICTURES = (".png", ".jpg", ".gif", ".webp", ".bmp")
KINDS = {
    "img": "kind-picture",
    "image": "kind-picture",
    "voice": "kind-voice",
    "video": "kind-video",
    "news": "kind-article",
}
ANCHOR = re.compile(r"<a\b([^<>]*)>([^<]*(?:<(?!/?a\b)[^<]*)*)</a>", re.IGNORECASE)
HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
SENT_WORDS = re.compile(r"[?&]msgmenucontent=([^&]*)")
# What makes a line a list, a heading or a fence.
LINE_START = re.compile(r"^([-+=~])|^(\d{1,9})([.)])")

Body = dict[str, Any]  # of a rule in keywords.yaml


@dataclass(frozen=True)
class Media:
    """The files and articles behind media ids and addresses: names below `files/`, and why others could not be had."""

    files: Mapping[str, str] = field(default_factory=dict)
    articles: Mapping[str, tuple[Article, ...]] = field(default_factory=dict)
    missing: Mapping[str, Notice] = field(default_factory=dict)


@dataclass(frozen=True)
class Translated:
    """The rules for keywords.yaml (newest first), the welcome for phrases.yaml, and notes on what differs."""

    rules: tuple[Body, ...]
    names: Mapping[str, str]  # id → the rule's name in the console
    welcome: str | None
    left_out: tuple[Notice, ...]
    differs: tuple[Notice, ...]
    saved: tuple[str, ...]  # files that no rule names


def translate(replies: AutoReplies, media: Media) -> Translated:
    """Translate an account's auto-replies. The order of its rules becomes their priority."""
    work = Work(media)
    names = rule_names(replies.rules)
    rules = [
        body
        for number, (rule, name) in enumerate(zip(replies.rules, names, strict=True))
        if (body := work.rule(rule, name, LOWEST + len(names) - number))
    ]
    welcome = work.welcome(replies.welcome) if replies.welcome else None
    if replies.default:
        work.left_out.append(said("default-reply", reply=work.told(replies.default)))
    if any({"picture", "file"}.intersection(reply) for body in rules for reply in body["replies"]):
        work.differs.append(said("files-are-links"))
    kept = {body["id"] for body in rules}
    called = {name: rule.rule_name for rule, name in zip(replies.rules, names, strict=True) if name in kept}
    return Translated(tuple(rules), called, welcome, tuple(work.left_out), tuple(work.differs), tuple(work.saved))


def rule_names(rules: tuple[Rule, ...]) -> list[str]:
    """Make ids from the rules' names; of those alike the oldest has no number, so that a new rule changes no id."""
    made: list[str] = []
    for rule in reversed(rules):
        plain = (PREFIX + slug(rule.rule_name))[: LONGEST_ID - 4].rstrip("-")
        made.append(
            next(one for one in (plain, *(f"{plain}-{n}" for n in range(2, len(rules) + 2))) if one not in made)
        )
    return made[::-1]


def shown(answer: AutoReply) -> Notice | str:
    """Describe a reply on one line."""
    if answer.type != "text":
        return said("a-kind", kind=kind_of(answer))
    text = " ".join(answer.content.split())
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"


def kind_of(answer: AutoReply) -> Notice | str:
    return said(KINDS[answer.type]) if answer.type in KINDS else answer.type


def in_rule(rule: Rule) -> Notice:
    return said("in-rule", name=rule.rule_name)


class Work:
    """One translation, with its notes."""

    def __init__(self, media: Media) -> None:
        self.media = media
        self.left_out: list[Notice] = []
        self.differs: list[Notice] = []
        self.saved: list[str] = []

    def leave(self, where: Notice, what: Notice) -> None:
        self.left_out.append(said("at-place", where=where, what=what))

    def note(self, where: Notice, what: Notice) -> None:
        self.differs.append(said("at-place", where=where, what=what))

    def rule(self, rule: Rule, name: str, priority: int) -> Body | None:
        where = in_rule(rule)
        keywords = list(
            {tuple(one.items()): one for word in rule.keyword_list_info for one in self.keyword(word, where)}
        )
        replies = [one for answer in rule.reply_list_info for one in self.reply(answer, where)]
        if not keywords or not replies:
            self.leave(where, said("no-reply-carried" if keywords else "no-keyword-carried"))
            return None
        give = "all" if rule.reply_mode == "reply_all" else "random"
        return {
            "id": name,
            "priority": priority,
            "keywords": [dict(one) for one in keywords],
            "give": give,
            "replies": replies,
        }

    def keyword(self, word: Keyword, where: Notice) -> Iterator[Body]:
        key = loose_key(word.content)
        if word.type != "text":
            self.leave(where, said("keyword-of-kind", word=word.content, kind=word.type))
            return
        if not key:
            self.leave(where, said("reply-keyword-without-letters", word=word.content))
            return
        if signs := [sign for sign in word.content if not (sign.isalnum() or sign.isspace() or loose_key(sign))]:
            self.note(where, said("keyword-without-signs", word=word.content, signs=" ".join(dict.fromkeys(signs))))
        if word.match_mode == "equal":
            yield {"equal": word.content.strip()}
        elif len(key) > SHORT and not key.isascii():
            yield {"contain": word.content.strip()}
        else:
            yield {"anywhere": word.content.strip()}

    def reply(self, answer: AutoReply, where: Notice) -> Iterator[Body]:
        if answer.type == "text":
            if text := self.text(answer.content, where):
                yield {"text": {"en": text, "zh": text}}
            else:
                self.leave(where, said("text-without-words"))
        elif answer.type == "news":
            yield from self.news(answer, where)
        elif answer.type not in KINDS:
            self.leave(where, said("reply-of-kind", kind=answer.type))
        elif name := self.media.files.get(answer.content):
            yield {"picture" if name.endswith(PICTURES) else "file": name}
        elif answer.content.startswith(("http://", "https://")):
            yield link(str(kind_of(answer)).capitalize(), "链接", answer.content)
            self.note(where, said("reply-is-link", kind=kind_of(answer), why=self.why(answer)))
        else:
            self.leave(where, said("reply-since", reply=shown(answer), why=self.why(answer)))

    def told(self, answer: AutoReply) -> Notice | str:
        """Describe a reply that no rule has, with its file if it could be had."""
        name = self.media.files.get(answer.content)
        self.saved += [name] if name else []
        return said("reply-saved", reply=shown(answer), name=name) if name else shown(answer)

    def why(self, answer: AutoReply) -> Notice:
        return self.media.missing.get(answer.content) or said("file-not-had")

    def news(self, answer: AutoReply, where: Notice) -> Iterator[Body]:
        articles = answer.news_info.articles if answer.news_info else self.media.articles.get(answer.content, ())
        linked = [one for one in articles if one.content_url.startswith(("http://", "https://"))]
        if not linked:
            why = self.why(answer) if not articles else said("no-address")
            self.leave(where, said("article-since", why=why))
            return
        if len(linked) < len(articles):
            self.leave(where, said("articles-without-address", count=len(articles) - len(linked)))
        self.note(where, said("article-is-link", title=linked[0].title))
        if len(linked) == 1:
            yield link(linked[0].title or "Article", linked[0].title or "文章", linked[0].content_url)
            return
        # One text, so that a random reply gives them together.
        text = escape_template("\n".join(anchor(one.title or one.content_url, one.content_url) for one in linked))
        yield {"text": {"en": text, "zh": text}}

    def welcome(self, answer: AutoReply) -> str | None:
        where = said("in-welcome")
        if answer.type != "text":
            self.leave(where, said("greets-in-words", reply=self.told(answer)))
            return None
        return self.text(answer.content, where) or None

    def text(self, content: str, where: Notice) -> str:
        """Translate a text to Markdown that shows it as it is, with its links."""
        parts, end = list[str](), 0
        for match in ANCHOR.finditer(content):
            parts += [escaped(content[end : match.start()]), self.anchor(match[1], match[2], where)]
            end = match.end()
        lines = "".join([*parts, escaped(content[end:])]).replace("\r\n", "\n").split("\n")
        marked = (
            LINE_START.sub(lambda found: f"{found[2] or ''}\\{found[1] or found[3]}", one.strip()) for one in lines
        )
        return escape_template("\n".join(marked).strip())

    def anchor(self, attributes: str, inside: str, where: Notice) -> str:
        label = re.sub(r"<[^>]*>", "", inside)
        found = HREF.search(attributes)
        href = unescape(next((one for one in found.groups() if one), "") if found else "").strip()
        if "data-miniprogram" in attributes:
            self.note(where, said("mini-program-page" if href else "mini-program-nothing", label=label))
        if href.startswith(("http://", "https://")):
            return anchor(label, href)
        if words := SENT_WORDS.search(href):
            self.note(where, said("tap-sends", label=label, words=words[1]))
        elif "data-miniprogram" not in attributes:
            self.note(where, said("label-without-address", label=label))
        return escaped(label)


def escaped(text: str) -> str:
    return escape_markdown(text).replace("~", "\\~")


def anchor(label: str, url: str) -> str:
    return f"[{escaped(' '.join(label.split()))}]({address(url)})"


def address(url: str) -> str:
    """Encode the characters that end an address in Markdown."""
    return quote(url, safe="!#$%&'*+,/:;=?@[]~")


def link(en: str, zh: str, url: str) -> Body:
    titles = {lang: escape_template(escaped(" ".join(title.split()))) for lang, title in (("en", en), ("zh", zh))}
    return {"link": {"url": address(url), "title": titles}}
