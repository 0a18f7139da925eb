"""`wechat menu`: what the platform is asked for, within its limits, and its refusals in plain words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.channels.wechat.menu import menu_of
from bot.commands.line import cli
from bot.knowledge import lint
from bot.knowledge.deep_links import opened
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import load
from tests.wechat.test_autoreply_import import SMALL
from tests.wechat_platform import Json, Refused, WeChatPlatform

Run = Callable[..., Result]

MENU = """\
menu:
  - name: {en: Bread, zh: 面包}
    items:
      - {name: {en: Sourdough, zh: 酵母面包}, topic: sourdough}
      - {name: {en: Cake, zh: 订蛋糕}, check: cake}
  - {name: {en: Website, zh: 网站}, link: "https://example.com/"}
  - {name: {en: Prices, zh: 价目}, keyword: prices}
"""
RULE = "- {id: prices, keywords: [{equal: 价目表}], replies: [{text: {en: a, zh: 甲}}]}\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command over a bakery's content and `ours`, with an account."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours/operator.yaml").write_text(MENU, "utf-8")
    (tmp_path / "ours/keywords.yaml").write_text(RULE, "utf-8")
    folders = {**SMALL, "KNOWLEDGE": f"{SMALL['KNOWLEDGE']}:ours"}

    def do(*arguments: str, platform: WeChatPlatform | None = None) -> Result:
        account = (
            {
                "WECHAT_APP_ID": platform.account.app_id,
                "WECHAT_SECRET": platform.account.secret,
                "WECHAT_API_URL": platform.url,
            }
            if platform
            else {}
        )
        done = CliRunner().invoke(cli, arguments, env=folders | account)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return do


async def test_the_menu_is_set_and_shown_as_the_platform_has_it(run: Run) -> None:
    async with WeChatPlatform() as platform:
        kept: Json = {}

        def create(query: Any, body: Json) -> Json:
            kept.update(body)
            return {"errcode": 0, "errmsg": "ok"}

        def get(query: Any, body: Json) -> Json:
            if not kept:
                raise Refused(46003, "menu no exist")
            return {"menu": kept}

        def console(query: Any, body: Json) -> Json:
            below = {"list": [{"type": "view", "name": "官网", "url": "http://www.example.com"}]}
            buttons = [{"name": "更多", "sub_button": below}, {"type": "text", "name": "您好", "value": "欢迎"}]
            return {"is_menu_open": 1, "selfmenu_info": {"button": buttons}}

        platform.endpoints |= {
            ("POST", "menu/create"): create,
            ("GET", "menu/get"): get,
            ("GET", "get_current_selfmenu_info"): console,
        }
        before = await asyncio.to_thread(run, "wechat", "menu", "--show", platform=platform)
        assert before.output == "更多\n  官网 → http://www.example.com\n您好 → 欢迎\n"
        dry = await asyncio.to_thread(run, "wechat", "menu", "--dry-run", platform=platform)
        assert not kept
        done = await asyncio.to_thread(run, "wechat", "menu", "--set", platform=platform)
        assert done.exit_code == 0, done.output
        assert kept == {
            "button": [
                {
                    "name": "面包",
                    "sub_button": [
                        {"type": "click", "name": "酵母面包", "key": "t-sourdough"},
                        {"type": "click", "name": "订蛋糕", "key": "c-cake"},
                    ],
                },
                {"type": "view", "name": "网站", "url": "https://example.com/"},
                {"type": "click", "name": "价目", "key": "k-prices"},
            ]
        }
        shown = "面包\n  酵母面包 → the topic sourdough\n  订蛋糕 → the check cake\n网站 → https://example.com/\n价目 → the keyword prices\n"
        assert dry.output == f"{shown}Nothing was changed.\n"
        after = await asyncio.to_thread(run, "wechat", "menu", "--show", platform=platform)
        assert after.output == shown
        platform.fails = [48001]
        refused = await asyncio.to_thread(run, "wechat", "menu", "--set", platform=platform)
    assert refused.exit_code == 1
    assert "a verified account has it (48001)" in refused.output


def test_a_menu_over_the_limits_is_refused_with_every_reason(run: Run, tmp_path: Path) -> None:
    item = {"name": {"en": "x", "zh": "九个汉字的名字太长"}, "topic": "sourdough"}
    entry = {"name": {"en": "x", "zh": "五个汉字长"}, "items": [item] * 6}
    (tmp_path / "ours/operator.yaml").write_text(json.dumps({"menu": [entry] * 4}, ensure_ascii=False), "utf-8")
    done = run("wechat", "menu", "--dry-run")
    assert done.exit_code == 1
    for part in (
        "4 entries; at most 3",
        '"五个汉字长" has 6 items; at most 5',
        'the name "五个汉字长" is too long in the bar: at most 4 Chinese characters or 8 letters',
        'the name "九个汉字的名字太长" is too long above the bar: at most 8 Chinese characters or 16 letters',
    ):
        assert part in done.output, part
    assert run("wechat", "menu").exit_code == 2
    (tmp_path / "ours/operator.yaml").write_text(MENU, "utf-8")
    without = run("wechat", "menu", "--set")
    assert (without.exit_code, "WECHAT_APP_ID: it is not set" in without.output) == (2, True)
    (tmp_path / "ours/operator.yaml").write_text("menu: []\n", "utf-8")
    assert "it is empty" in run("wechat", "menu", "--dry-run").output


def test_lint_names_what_an_entry_lacks(tmp_path: Path) -> None:
    bad = """\
menu:
  - {name: {en: a, zh: 甲}}
  - {name: {en: b, zh: 乙}, topic: no-such, link: "nowhere"}
  - {name: {en: c, zh: 丙}, keyword: nothing, items: [{name: {en: d, zh: 丁}, check: medals}]}
"""
    (tmp_path / "operator.yaml").write_text(bad, "utf-8")
    library, mistakes = load([tmp_path])
    found = [str(one) for one in sorted({*mistakes, *lint.check(library)}) if not one.warning]
    assert [one.split(":")[1] for one in found] == ["2", "3", "3", "3", "4", "4", "4"], found
    assert sum("exactly one of: topic, check, keyword, link" in one for one in found) == 3
    assert any('no check is called "medals"; did you mean "medal"?' in one for one in found)
    assert any('no rule of keywords.yaml has the id "nothing"' in one for one in found)


def test_what_is_hidden_leaves_the_shipped_menu(tmp_path: Path, knowledge: Knowledge) -> None:
    hidden = ("course-potential-goods", "gift-entry", "registration-link", "contact-consultant", "commission-rate")
    for name in hidden[:4]:
        where = Path(knowledge.library.places[f"topics/{name}"].file).relative_to("knowledge")
        (tmp_path / where).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / where).write_text("hide: yes\n", "utf-8")
    library, mistakes = load([tmp_path])
    assert not [one for one in mistakes if not one.warning]
    assert [entry.name.zh for entry in library.operator.menu] == ["开店入驻", "金牌银牌"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_shipped_menu_fits_and_each_of_its_keys_leads_somewhere(lang: Any, knowledge: Knowledge) -> None:
    buttons = [one for entry in menu_of(knowledge, lang)["button"] for one in entry["sub_button"]]
    assert len(buttons) > 8
    assert all(opened(one["key"], knowledge) for one in buttons)
