"""`wechat export`: our reply keywords within the console's limits, and the way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from bot.commands.line import cli
from tests.wechat.test_autoreply_import import PNG, SMALL, account, half, rule, text, word


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def do(*arguments: str) -> Result:
        done = CliRunner().invoke(cli, ["wechat", *arguments], env=SMALL)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return do


def test_what_was_imported_is_exported_as_it_was(run: Any, tmp_path: Path) -> None:
    found = account(
        rule(
            "b",
            [word("入驻"), half("货"), half("看news"), word("1")],
            text('见<a href="https://example.com/a_(b)">这里</a>\n- 一\n2. 二'),
        ),
        rule("a", [half("kj")], text("甲"), text("*乙* {{ x }}"), mode="random_one"),
        welcome=text("欢迎\n回复1"),
    )
    (tmp_path / "before.json").write_text(json.dumps(found), "utf-8")
    assert run("import", "before.json", "--to", "ours").exit_code == 0
    done = run("export", "after.json", "--knowledge", "ours")
    assert done.output == "after.json: 2 rules\n"
    made = json.loads((tmp_path / "after.json").read_text("utf-8"))
    names = ("rule_name", "create_time")
    bare = [
        [
            {key: value for key, value in one.items() if key not in names}
            for one in answer["keyword_autoreply_info"]["list"]
        ]
        for answer in (made, json.loads(json.dumps(found).replace("a_(b)", "a_%28b%29")))
    ]
    assert bare[0] == bare[1]
    assert made["add_friend_autoreply_info"] == found["add_friend_autoreply_info"]
    times = [one["create_time"] for one in made["keyword_autoreply_info"]["list"]]
    assert times == sorted(times, reverse=True)
    assert run("export", "after.json", "--knowledge", "ours").exit_code == 1


def test_what_does_not_fit_is_named_and_keywords_are_divided(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    (folder / "files").mkdir(parents=True)
    (folder / "files/a.png").write_bytes(PNG)
    long = "".join(f"第{number}句话在这里。" for number in range(60))
    mine: list[dict[str, Any]] = [
        {"id": f"k{number}", "keywords": [{"equal": f"关键{number}"}], "replies": [{"text": {"en": "a", "zh": "甲"}}]}
        for number in range(200)
    ]
    mine += [
        {
            "id": "many",
            "priority": 9,
            "keywords": [{"equal": f"词{number}"} for number in range(23)] + [{"contain": "好"}, {"equal": "长" * 31}],
            "replies": [{"topic": "sourdough"}, {"picture": "a.png"}, {"text": {"en": long, "zh": long}}],
        },
        {"id": "cake", "priority": 8, "keywords": [{"contain": "cake order"}], "replies": [{"check": "cake"}]},
        {
            "id": "chance",
            "priority": 7,
            "give": "random",
            "keywords": [{"equal": "随机"}],
            "replies": [{"text": {"en": long, "zh": long}}, {"text": {"en": "b", "zh": "乙"}}],
        },
    ]
    (folder / "keywords.yaml").write_text(yaml.safe_dump(mine, allow_unicode=True), "utf-8")
    done = run("export", "out.json", "--knowledge", "ours")
    assert done.exit_code == 0, done.output
    whole = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert "add_friend_autoreply_info" not in whole  # the shipped welcome goes on with buttons
    made = whole["keyword_autoreply_info"]["list"]
    assert len(made) == 200
    assert [one["rule_name"] for one in made[:5]] == ["many", "many 2", "many 3", "chance", "k0"]
    assert [len(one["keyword_list_info"]) for one in made[:3]] == [10, 10, 4]
    assert made[2]["keyword_list_info"][-1] == {"type": "text", "match_mode": "equal", "content": "好"}
    texts = [one["content"] for one in made[0]["reply_list_info"]]
    assert "天然酵母面包早上七点" in texts[0]
    assert "".join(texts[1:]) == long
    assert max(map(len, texts)) <= 300
    assert made[3]["reply_list_info"] == [text("乙")]
    for part in (
        f'many: the keyword "{"长" * 31}" has 31 characters; 30 are the most',
        "many: files/a.png; upload it in the console",
        "cake: the check cake; it runs in the assistant only",
        "cake: no reply of it fits",
        "chance: a text over 300 characters",
        "k196: an account has at most 200 rules",
        "k199: an account has at most 200 rules",
    ):
        assert part in done.output, part
