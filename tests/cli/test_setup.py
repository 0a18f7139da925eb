"""`merchant-bot setup`: an agency's words in a folder of its own and in `.env`, from a file of answers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import yaml

from tests import started

TOKEN = "123456789:AAExampleTokenFromBotFather-xyzzz"
ANSWERS = f"""
agency: {{en: Blue Gate, zh: 蓝门}}
brand_name: {{en: Blue Gate assistant, zh: 蓝门助手}}
brand_colour: "#1D4F8C"
consultant: "WeChat: blue-anna"
consultant_qr: qr.png
course_links: {{potential-goods: https://example.com/course}}
hours: mon-fri 09:00-12:00 13:30-18:00；sat 10:00-16:00
telegram_token: "{TOKEN}"
"""


def setup(folder: Path, answers: str) -> subprocess.CompletedProcess[str]:
    (folder / "answers.yaml").write_text(answers, encoding="utf-8")
    return started.run(["setup", "--to", "ours", "--answers", "answers.yaml"], os.environ, cwd=folder)


def test_answers_become_a_folder_and_settings_that_are_not_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "qr.png").write_bytes(b"a picture")
    done = setup(tmp_path, ANSWERS)
    assert done.returncode == 0, done.stderr
    assert "> Potential Goods\n" in done.stdout
    assert "https://example.com/course" in done.stdout
    assert "reach a consultant of Blue Gate here: WeChat: blue-anna" in done.stdout
    assert TOKEN not in done.stdout + done.stderr
    operator = tmp_path / "ours" / "operator.yaml"
    assert yaml.safe_load(operator.read_text("utf-8")) == {
        "agency": {"en": "Blue Gate", "zh": "蓝门"},
        "consultant": {"en": "WeChat: blue-anna", "zh": "WeChat: blue-anna", "qr": "consultant.png"},
        "course_links": {"potential-goods": "https://example.com/course"},
        "hours": {
            "zone": "Asia/Shanghai",
            "zone_name": {"en": "Beijing time", "zh": "北京时间"},
            "mon-fri": ["09:00-12:00", "13:30-18:00"],
            "sat": ["10:00-16:00"],
        },
        "brand": {"name": {"en": "Blue Gate assistant", "zh": "蓝门助手"}, "colour": "#1d4f8c"},
    }
    assert (tmp_path / "ours" / "files" / "consultant.png").read_bytes() == b"a picture"
    env = tmp_path / ".env"
    assert env.stat().st_mode & 0o777 == 0o600
    assert env.read_text("utf-8").splitlines() == [f"TELEGRAM_TOKEN={TOKEN}", "KNOWLEDGE=ours"]

    before = operator.read_text("utf-8")
    refused = setup(tmp_path, "agency: Red Gate\n")
    assert refused.returncode == 1
    assert "ours/operator.yaml: this file exists; nothing was written" in refused.stderr
    assert operator.read_text("utf-8") == before

    env.write_text("PORT=9000\nKNOWLEDGE=theirs\n", encoding="utf-8")
    changed = setup(tmp_path, 'agency: Red Gate\nbrand_colour: "#7a1f1f"\noverwrite: yes\n')
    assert changed.returncode == 0, changed.stderr
    after = yaml.safe_load(operator.read_text("utf-8"))
    assert after["agency"] == {"en": "Red Gate", "zh": "Red Gate"}
    assert after["brand"] == {"name": {"en": "Blue Gate assistant", "zh": "蓝门助手"}, "colour": "#7a1f1f"}
    assert after["course_links"] == {"potential-goods": "https://example.com/course"}
    assert env.read_text("utf-8").splitlines() == ["PORT=9000", "KNOWLEDGE=theirs:ours"]


def test_wrong_answers_are_named_and_write_nothing(tmp_path: Path) -> None:
    wrong = setup(tmp_path, "agancy: Blue Gate\ntelegram_token: nothing\n")
    assert wrong.returncode == 1
    assert 'no key is called "agancy" here; did you mean "agency"?' in wrong.stderr
    assert "this is not a bot token" in wrong.stderr
    pale = setup(tmp_path, 'brand_colour: "#ffe0a0"\n')
    assert pale.returncode == 1
    assert "white" in pale.stderr
    assert setup(tmp_path, "brand_colour: blue\n").returncode == 1
    no_link = setup(tmp_path, "course_links: {potential-goods: example}\n")
    assert no_link.returncode == 1
    assert '"example" is no link' in no_link.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.yaml"]
