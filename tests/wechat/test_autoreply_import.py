"""`wechat import`: what an account's console answers becomes reply keywords that answer the same, and a report of the rest."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from bot.assistant import Assistant
from bot.channels.terminal import HERE
from bot.channels.text import as_text
from bot.channels.wechat import autoreply
from bot.channels.wechat.menu import menu_of
from bot.commands.line import cli
from bot.importing import wechat_import
from bot.importing.wechat_rules import translate
from bot.knowledge.knowledge import Knowledge
from bot.model import Message, Turn
from bot.store import MemoryStore
from tests.contract.channels import serving_wechat
from tests.wechat_platform import Refused, WeChatPlatform

Import = Callable[..., Result]
BAKERY = Path(__file__).parents[1] / "bakery"  # small content, quickly learned
SMALL = {"KNOWLEDGE": str(BAKERY), "KNOWLEDGE_ONLY": "yes", "DATABASE_URL": "sqlite:///none.db"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def text(content: str) -> dict[str, Any]:
    return {"type": "text", "content": content}


def word(content: str, mode: str = "equal") -> dict[str, Any]:
    return {"type": "text", "match_mode": mode, "content": content}


def half(content: str) -> dict[str, Any]:
    return word(content, "contain")


def rule(name: str, keywords: list[Any], *replies: Any, mode: str = "reply_all", made: int = 0) -> dict[str, Any]:
    return {
        "rule_name": name,
        "create_time": made,
        "reply_mode": mode,
        "keyword_list_info": keywords,
        "reply_list_info": [*replies],
    }


def account(*rules: Any, welcome: Any = None, default: Any = None, **more: Any) -> dict[str, Any]:
    """An answer of the interface; the newest rule is first."""
    return {
        "is_add_friend_reply_open": int(welcome is not None),
        "is_autoreply_open": int(default is not None),
        **({"add_friend_autoreply_info": welcome} if welcome else {}),
        **({"message_default_autoreply_info": default} if default else {}),
        "keyword_autoreply_info": {"list": [*rules]},
        **more,
    }


def article(title: str, url: str) -> dict[str, Any]:
    return {
        "title": title,
        "author": "jim",
        "digest": "a digest",
        "show_cover": 1,
        "cover_url": "http://mmbiz.qpic.cn/a/0",
        "content_url": url,
        "source_url": "",
    }


# As the platform's description has it: news, then voice, text and video, of which the old one is a URL.
DESCRIBED = account(
    rule(
        "autoreply-news",
        [half("news测试")],
        {
            "type": "news",
            "news_info": {"list": [article("it's news", "http://mp.weixin.qq.com/s?__biz=M==&mid=2&idx=1#rd")]},
        },
        {
            "type": "news",
            "content": "KQb_w",
            "news_info": {
                "list": [
                    article("MULTI_NEWS", "http://mp.weixin.qq.com/s?a=1"),
                    article("[2]", "http://mp.weixin.qq.com/s?(b)"),
                ]
            },
        },
        text("hello"),
        made=1423028166,
    ),
    rule(
        "autoreply-voice", [half("voice测试")], {"type": "voice", "content": "NESs"}, mode="random_one", made=1423027971
    ),
    rule("autoreply-text", [half("text测试")], text("hello!text!"), mode="random_one", made=1423027926),
    rule("autoreply-img", [half("img测试")], {"type": "img", "content": "IMG1"}, mode="random_one", made=1423027900),
    rule("autoreply-video", [word("video测试")], {"type": "video", "content": "http://{host}/v.mp4"}, made=1423027801),
    welcome=text("Thanks for your attention!"),
    default=text("Hello, this is autoreply!"),
)


@pytest.fixture
def imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knowledge: Knowledge) -> Import:
    """Import an account's answer into `ours`, over a bakery's content."""
    monkeypatch.chdir(tmp_path)

    def do(found: Any, *options: str, **env: str) -> Result:
        body = found if isinstance(found, bytes) else json.dumps(found, ensure_ascii=False).encode()
        (tmp_path / "replies.json").write_bytes(body)
        arguments = [] if "--fetch" in options else ["replies.json"]
        done = CliRunner().invoke(cli, ["wechat", "import", *arguments, "--to", "ours", *options], env=SMALL | env)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return do


def rules(folder: Path) -> dict[str, Any]:
    return {one["id"]: one for one in yaml.safe_load((folder / "ours/keywords.yaml").read_text("utf-8"))}


def assistant(folder: Path) -> Callable[..., Turn]:
    """Answers after the import, in one conversation."""
    made = Assistant(Knowledge.open([BAKERY, folder / "ours"], only=True), MemoryStore())
    return lambda said: made.receive_now(Message(HERE, said))


def said(turn: Turn) -> str:
    return "\n".join(map(as_text, turn.replies))


async def test_the_described_answer_is_fetched_with_its_media(imports: Import, tmp_path: Path) -> None:
    async with WeChatPlatform() as platform:
        address = platform.url.removeprefix("http://")
        found = json.loads(json.dumps(DESCRIBED).replace("{host}/", f"{address}/cgi-bin/file/"))
        media = {"NESs": b"#!AMR\na voice", "IMG1": PNG}

        def get(query: Any, body: Any) -> bytes:
            if query["media_id"] not in media:
                raise Refused(40007, "invalid media_id")
            return media[query["media_id"]]

        platform.endpoints["GET", "get_current_autoreply_info"] = lambda query, body: found
        platform.endpoints["GET", "media/get"] = get
        env = {
            "WECHAT_APP_ID": platform.account.app_id,
            "WECHAT_SECRET": platform.account.secret,
            "WECHAT_API_URL": platform.url,
        }
        done = await asyncio.to_thread(imports, DESCRIBED, "--fetch", **env)
    assert done.exit_code == 0, done.output
    written = rules(tmp_path)
    assert [*written] == [f"wechat-autoreply-{kind}" for kind in ("news", "voice", "text", "img", "video")]
    assert [one["priority"] for one in written.values()] == [105, 104, 103, 102, 101]
    assert [one["give"] for one in written.values()] == ["all", "random", "random", "random", "all"]
    assert written["wechat-autoreply-news"]["keywords"] == [{"contain": "news测试"}]
    assert written["wechat-autoreply-video"]["keywords"] == [{"equal": "video测试"}]
    (voice,), (picture,) = (written[f"wechat-autoreply-{kind}"]["replies"] for kind in ("voice", "img"))
    assert (tmp_path / "ours/files" / voice["file"]).read_bytes() == media["NESs"]
    assert voice["file"].endswith(".amr")
    assert (tmp_path / "ours/files" / picture["picture"]).read_bytes() == PNG
    # The address answers nothing here, so the old video stays a link.
    (video,) = written["wechat-autoreply-video"]["replies"]
    assert video["link"]["url"] == f"http://{address}/cgi-bin/file/v.mp4"
    assert "the video is a link" in done.output
    assert "on WeChat merchants get a link to the file, which needs PUBLIC_URL" in done.output
    assert "Hello, this is autoreply!" in done.output  # the default reply is named
    answers = assistant(tmp_path)
    news = said(answers("看看news测试"))
    assert "it's news (http://mp.weixin.qq.com/s?__biz=M==&mid=2&idx=1#rd)" in news
    assert "MULTI_NEWS (http://mp.weixin.qq.com/s?a=1)\n[2] (http://mp.weixin.qq.com/s?%28b%29)" in news
    assert news.endswith("hello")
    assert said(answers("/start")).startswith("Thanks for your attention!")


WELCOME = (
    '欢迎关注！\n回复1 领取课程\n回复2 了解入驻\n\n- - -\n回复 3 看<a href="https://example.com/a_b?x=1&amp;y=2">活动</a>，'
    "或点<a href='weixin://bizmsgmenu?msgmenucontent=保证金&msgmenuid=9'>保证金</a>\n=====\n#1 *特惠* {{ 5折 }} ~~99~~"
)


def test_a_welcome_that_is_a_menu_works_with_its_numbers(imports: Import, tmp_path: Path) -> None:
    long = "课程介绍。" * 120
    numbers = [rule("三", [word("3")], text("活动页")), rule("二", [word("2")], text("入驻说明"))]
    done = imports(account(*numbers, rule("一", [word("1")], text(long)), welcome=text(WELCOME)))
    assert done.exit_code == 0, done.output
    answers = assistant(tmp_path)
    greeting = said(answers("/start"))
    assert greeting.startswith(
        "欢迎关注！\n回复1 领取课程\n回复2 了解入驻\n\n- - -\n回复 3 看活动 (https://example.com/a_b?x=1&y=2)，或点保证金"
    )
    assert "=====\n#1 *特惠* {{ 5折 }} ~~99~~" in greeting
    assert [said(answers(number)) for number in ("1", "2", "回复3")] == [long, "入驻说明", "活动页"]
    assert "1, 2, 3: where numbered choices are shown, the number means the choice" in done.output
    assert "“保证金” is a tap there that sends “保证金”" in done.output


def test_the_consoles_order_decides_and_what_comes_too_late_is_named(imports: Import, tmp_path: Path) -> None:
    done = imports(
        account(
            rule("新", [half("礼包")], text("新礼包")),
            rule("旧", [word("入驻礼包"), word("kj")], text("旧礼包")),
            rule("最旧", [word("入驻礼包")], text("最旧的礼包")),
        )
    )
    assert done.exit_code == 0, done.output
    answers = assistant(tmp_path)
    assert [said(answers(one)) for one in ("入驻礼包", "有没有礼包啊", "KJ")] == ["新礼包", "新礼包", "旧礼包"]
    report = done.output
    assert '“入驻礼包” is in rule "旧" and rule "最旧": the newer one answers here' in report
    assert '“入驻礼包” of rule "旧": rule "新" comes first, with “礼包”' in report
    assert 'all of rule "最旧"' in report
    assert 'all of rule "旧"' not in report


def test_short_half_matches_work_within_words(imports: Import, tmp_path: Path) -> None:
    half_matches = rule("货", [half("货"), half("ship"), half("7")], text("发货问题请看公告"))
    done = imports(account(half_matches, rule("面包", [half("面包")], text("看菜单"))))
    assert done.exit_code == 0, done.output
    answers = assistant(tmp_path)
    for message in ("什么时候到货", "ownership of my store", "第17单"):
        assert said(answers(message)) == "发货问题请看公告", message
    section = done.output.partition("Takes questions away from topics")[2]
    assert re.search('“面包” of rule "面包": [0-9]+ known questions, such as “.*面包.*”, of .*sourdough', section), (
        section
    )
    assert "“货”" not in section


def test_what_the_shipped_rules_answer_is_compared(imports: Import) -> None:
    found = account(
        rule("金", [word("保证金")], text("看公告")),
        rule("礼", [half("礼包")], text("礼包")),
        rule("问", [word("个体户能入驻吗")], text("能")),
    )
    done = imports(found, "--dry-run", KNOWLEDGE="", KNOWLEDGE_ONLY="")
    assert done.exit_code == 0, done.output
    collides, differently = (done.output.partition(f"\n{part}")[2] for part in ("Collides", "Answered differently"))
    assert '“入驻礼包” of our rule entry-gift (the topic gift-entry) now gets rule "礼"' in collides
    assert '“保证金”: the topic deposit-amount (our rule deposit) → rule "金": a text' in differently
    assert '“个体户能入驻吗”: the topic entry-self-employed → rule "问": a text' in differently


def test_what_cannot_be_carried_over_is_named_and_the_rest_is_imported(imports: Import, tmp_path: Path) -> None:
    done = imports(
        account(
            rule("卡片", [word("小程序")], {"type": "card", "content": "x"}),
            rule("符号", [word("？"), word("ok+")], text("好"), {"type": "img", "content": "A1"}),
            rule("更多", [word("更多")], text("更多内容")),
            rule("空", [word("空的")], text(" ")),
            welcome={"type": "img", "content": "A2"},
            new_field=1,
        )
    )
    assert done.exit_code == 0, done.output
    assert [*rules(tmp_path)] == ["wechat-fu-hao", "wechat-geng-duo"]
    for part in (
        'a reply of the unknown kind "card"',
        'the keyword "？" has neither letters nor digits',
        '"ok+" also matches without +',
        'rule "符号": a picture, since its file is at the platform: set WECHAT_APP_ID and WECHAT_SECRET',
        "the welcome to new followers: a picture",
        '“更多” of rule "更多": it is the assistant\'s own word',
        'rule "空": no reply of it can be carried over',
        'note: the field "new_field" is not in the platform\'s description',
    ):
        assert part in done.output, part
    assert not (tmp_path / "ours/phrases.yaml").exists()


def test_an_account_without_auto_replies_has_nothing_to_import(imports: Import, tmp_path: Path) -> None:
    done = imports({"is_add_friend_reply_open": 0, "is_autoreply_open": 0})
    assert done.output == "There are no auto-replies in this account.\nours: 0 files written.\n"
    off = account(rule("a", [word("甲")], text("1")), welcome=text("您好"), default=text("稍后"))
    off |= {"is_add_friend_reply_open": 0, "is_autoreply_open": 0}  # switched off, but still in the answer
    assert "您好" not in imports(off).output
    assert not (tmp_path / "ours/phrases.yaml").exists()


OWN = """\
# ours
- id: ours   # by hand
  priority: 500
  keywords: [{equal: 我们的}]
  replies: [{text: {en: a, zh: b}}]
# end
"""


def test_the_folders_own_lines_stay_and_a_second_import_changes_what_changed(imports: Import, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours/keywords.yaml").write_text(OWN, "utf-8")
    first = account(rule("一", [word("甲")], text("1")), rule("二", [word("乙")], text("2")), welcome=text("您好"))
    dry = imports(first, "--dry-run")
    assert dry.exit_code == 0
    assert "Added: 2" in dry.output
    assert (tmp_path / "ours/keywords.yaml").read_text("utf-8") == OWN
    assert imports(first).exit_code == 0
    made = (tmp_path / "ours/keywords.yaml").read_text("utf-8")
    assert made.startswith(OWN)
    again = imports(first)
    assert "Unchanged: 2" in again.output
    assert "0 files written" in again.output
    second = account(
        rule("一", [word("丙")], text("3")),
        rule("一", [word("甲")], text("1")),
        rule("二", [word("乙")], text("二")),
        welcome=text("早"),
    )
    kept = imports(second)
    assert "Differ from the folder's, which stay (--update replaces them): 1" in kept.output
    updated = imports(second, "--update")
    assert updated.exit_code == 0, updated.output
    now = rules(tmp_path)
    assert [*now] == ["ours", "wechat-yi", "wechat-er", "wechat-yi-2"]
    assert now["wechat-er"]["replies"] == [{"text": {"en": "二", "zh": "二"}}]
    assert "# end" in (tmp_path / "ours/keywords.yaml").read_text("utf-8")
    assert yaml.safe_load((tmp_path / "ours/phrases.yaml").read_text("utf-8")) == {"welcome": {"en": "早", "zh": "早"}}
    gone = imports(account(rule("二", [word("乙")], text("二"))), "--update")
    assert "No longer in the account, but still in the folder: 2" in gone.output


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            account(rule("长", [word("一" * 31)], text("a"))),
            ['"长"', "keyword_list_info[0].content", "has 31 characters", "30"],
        ),
        (account(rule("x", [word("a", "regex")], text("a"))), ["match_mode", "'equal' or 'contain'"]),
        (account({"rule_name": "y"}), ['"y"', "keyword_list_info", "missing"]),
        (b"{", ["replies.json:1: this is not JSON"]),
        (b"\xff\xfe{", ["not in UTF-8"]),
        (b"[" * 100_000, ["nested too deeply"]),
        (account(*[rule("v", [word("a")], text("b"))] * 1001), ["1001 entries; at most 1000 are read"]),
        ([1], ["not an answer of get_current_autoreply_info"]),
        ({"errcode": 48001, "errmsg": "api unauthorized"}, ["48001", "api unauthorized"]),
    ],
    ids=["31", "mode", "missing", "json", "encoding", "deep", "many", "list", "refused"],
)
def test_a_file_that_is_not_such_an_answer_is_refused(
    imports: Import, tmp_path: Path, found: Any, words: list[str]
) -> None:
    done = imports(found)
    assert done.exit_code == 1
    for part in words:
        assert part in done.output, done.output
    assert "Nothing was written." in done.output
    assert not (tmp_path / "ours").exists()


async def test_media_come_by_id_by_address_and_by_the_address_that_stands_in_an_answer(tmp_path: Path) -> None:
    served = {
        "v1": b'{"video_url": "http://v/1"}',
        "http://v/1": b"\0\0\0\x10ftypmp42film",
        "http://v/2": b"\0\0\0\x10ftypmp42other",
        "p1": PNG,
        "p2": PNG + b"2",
        "gone": b"<html>expired</html>",
    }

    async def download(name: str) -> bytes:
        return served[name]

    async def articles(name: str) -> tuple[autoreply.Article, ...]:
        found = {"news_item": [{"title": "T", "url": "https://example.com/t", "digest": "d", "thumb_url": "x"}]}
        return wechat_import.articles_of(found)

    kinds = [("video", "v1"), ("video", "http://v/2"), ("img", "p1"), ("voice", "gone"), ("news", "n1"), ("img", "p1")]
    found = account(rule("r", [word("甲")], *({"type": kind, "content": name} for kind, name in kinds)))
    found |= {"is_add_friend_reply_open": 1, "add_friend_autoreply_info": {"type": "img", "content": "p2"}}
    replies = autoreply.parse(found, "here")
    fetched = await wechat_import.fetch(replies, download, articles)
    assert sorted(fetched.data.values()) == sorted([served["http://v/1"], served["http://v/2"], PNG, served["p2"]])
    translated = translate(replies, fetched.media)
    (made,) = translated.rules
    (welcome,) = translated.saved
    assert f"the welcome to new followers: a picture, saved as files/{welcome}." in str(translated.left_out[-1])
    planned = wechat_import.plan(translated, fetched, tmp_path, update=False).files
    assert {path.name for path in planned} == {"keywords.yaml", *fetched.data}
    assert [next(iter(reply)) for reply in made["replies"]] == ["file", "file", "picture", "link", "picture"]
    assert all(reply["file"].endswith(".mp4") for reply in made["replies"][:2])
    assert made["replies"][3]["link"]["title"] == {"en": "T", "zh": "T"}
    assert {name: str(why) for name, why in fetched.media.missing.items()} == {
        "gone": "what comes for it is neither a picture nor a voice or video"
    }


async def test_the_account_answers_in_server_mode_what_its_console_answered(imports: Import, tmp_path: Path) -> None:
    welcome = text('欢迎关注！\n回复1 看<a href="https://example.com/c">课程</a>，回复2 领价目表')
    found = account(
        rule("群", [half("群")], text("请加<a href='https://example.com/g'>群</a>"), text("备注：面包")),
        rule("二", [word("2"), word("价目表")], text("价目表 ~ 见店内 *今日*")),
        rule("一", [word("1")], {"type": "news", "news_info": {"list": [article("酵母课", "https://example.com/c")]}}),
        welcome=welcome,
    )
    done = await asyncio.to_thread(imports, found)
    assert done.exit_code == 0, done.output
    (tmp_path / "ours/operator.yaml").write_text(
        "menu: [{name: {en: Bread, zh: 面包}, topic: sourdough}, {name: {en: Prices, zh: 价目}, keyword: wechat-er}]\n",
        "utf-8",
    )
    knowledge = Knowledge.open([BAKERY, tmp_path / "ours"], only=True)
    keys = [one["key"] for one in menu_of(knowledge, "zh")["button"]]
    async with (
        WeChatPlatform() as platform,
        serving_wechat(platform, knowledge, f"sqlite:///{tmp_path / 'served.db'}") as served,
    ):
        said = [await served.platform.event("o1", "subscribe")]
        said += [await served.platform.say("o1", message) for message in ("1", "2", "怎么进群啊", "回复：价目表")]
        said += [await served.platform.event("o1", "CLICK", key) for key in keys]
    follow, first, second, group, prices, bread, again = [one.text if one else "" for one in said]
    assert follow.startswith(welcome["content"])
    assert first == '<a href="https://example.com/c">酵母课</a>'
    assert second == prices == again == "价目表 ~ 见店内 *今日*"
    assert group == '请加<a href="https://example.com/g">群</a>\n\n备注：面包'
    assert bread.startswith("天然酵母面包早上七点")
