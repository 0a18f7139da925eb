"""What is compiled is kept between starts, and used only where nobody else has touched it and no byte is wrong."""

from __future__ import annotations

import errno
import logging
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from bot import compiled
from bot.compiled import Form
from bot.content.tree import Node, read
from bot.knowledge.knowledge import Knowledge

TOPICS = {
    "parking": ("Parking", "停车", "There are {{ lots.free }} lots.", "有{{ lots.free }}个车位。"),
    "opening": ("Opening hours", "营业时间", "We open at nine.", "九点开门。"),
}
QUESTIONS = ("where can I leave my car", "几点开门", "how do I leave my dog", "parking", "hello")
FORM = Form(
    {"words": ["a", "保证金", "\ud83d"], "figures": {"pi": 3.141592653589793, "none": None}},
    {"doubles": np.linspace(0, 1, 7), "empty": np.zeros((0, 512), dtype=np.float32)},
    {"part": Form({}, {"bytes": np.arange(5, dtype=np.int8)})},
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    compiled.warn.cache_clear()
    monkeypatch.delenv("MERCHANT_BOT_CACHE_CONTENTS")
    monkeypatch.setenv("MERCHANT_BOT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small content: two topics, a missing detail of one, a figure."""
    folder = tmp_path_factory.mktemp("content")
    (folder / "topics").mkdir()
    (folder / "figures.yaml").write_text("lots: {free: 12}\n")
    (folder / "sources.yaml").write_text("[{id: A1, date: 2022-03-29, en: Handbook, zh: 手册}]\n", encoding="utf-8")
    (folder / "smalltalk.yaml").write_text(
        "[{id: hello, phrasings: {en: [hello], zh: [你好]}, reply: {en: Hello., zh: 您好。}}]\n", encoding="utf-8"
    )
    for name, (en, zh, told, told_zh) in TOPICS.items():
        (folder / "topics" / f"{name}.yaml").write_text(
            f"""\
title: {{en: {en}, zh: {zh}}}
source: A1
facts: [{{id: told, en: "{told}", zh: "{told_zh}"}}]
missing:
  - id: price
    en: We do not know what it costs.
    zh: 不知道价格。
    asked: {{en: ["what does {name} cost", "price of {name}"], zh: ["{zh}多少钱", "{zh}收费吗"]}}
phrasings:
  en: ["{en} please", "tell me about {name}", "{name} for my car", "where is {name}"]
  zh: ["{zh}", "说说{zh}", "{zh}在哪里", "想知道{zh}"]
""",
            encoding="utf-8",
        )
    return folder


def answers(content: Path) -> list[object]:
    """What a start with this content finds and answers."""
    knowledge = Knowledge.open([content], only=True)
    found = [knowledge.finder.found(text, None) for text in QUESTIONS]
    return [*found, knowledge.texts, knowledge.english, knowledge.library.topics, knowledge.matchers["en"].phrasings]


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, content: Path) -> tuple[Path, list[object]]:
    """The cache of a first start, and what was answered then."""
    folder = tmp_path_factory.mktemp("first") / "cache"
    with pytest.MonkeyPatch.context() as there:
        there.setenv("MERCHANT_BOT_CACHE", str(folder))
        return folder, answers(content)


@pytest.fixture
def kept(cache: Path, first: tuple[Path, list[object]]) -> list[object]:
    """What was answered at a first start, the cache of which this process has."""
    # Of the encoder and of pinyin a process reads its files once.
    shutil.copytree(first[0], cache, ignore=shutil.ignore_patterns("encoder-*", "pinyin-*"))
    return first[1]


def test_the_next_start_compiles_nothing_and_answers_the_same(cache: Path, content: Path, kept: list[object]) -> None:
    files = {path: path.stat().st_ino for path in cache.iterdir()}
    assert sorted(path.name.partition("-")[0] for path in files) == [
        "embeddings",
        *2 * ["follow"],
        "knowledge",
        *2 * ["matcher"],
        "values",
    ]
    assert answers(content) == kept
    assert {path: path.stat().st_ino for path in cache.iterdir()} == files
    assert oct(cache.stat().st_mode & 0o777) == "0o700"
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}


def test_every_changed_byte_is_noticed(cache: Path, kept: list[object]) -> None:
    for content in written(cache).values():
        size = len(content)
        step = max(1, size // 60)
        for at in sorted({*range(0, compiled.HASHED + 16), *range(compiled.HASHED, size, step), size - 1}):
            changed = bytearray(content)
            changed[at] ^= 1 << (at % 8)
            with pytest.raises(ValueError, match=r"its hash is wrong|its format is another version's"):
                compiled.loaded(BytesIO(changed))  # type: ignore[arg-type]


# A pickle that would end the process.
PICKLE = b"cposix\n_exit\n(I9\ntR."
SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "one byte changed": lambda content: content[:5000] + bytes([content[5000] ^ 1]) + content[5001:],
    "of another version": lambda content: content.replace(b"compiled 1", b"compiled 9"),
    "empty": lambda content: b"",
    "cut in its head": lambda content: content[: compiled.HASHED + 3],
    "cut at its end": lambda content: content[:-1],
    "longer": lambda content: content + b"\0",
    "a pickle": lambda content: PICKLE,
}


@pytest.mark.parametrize("shift", [0, 3, 4])
def test_what_does_not_fit_is_made_anew_with_the_same_answers(
    cache: Path, content: Path, kept: list[object], shift: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = written(cache)
    opened = [path for path in sorted(cache.iterdir()) if not path.name.startswith("embeddings")]  # read to learn
    for path, how in zip(opened, list(SPOILT)[shift:], strict=False):
        path.write_bytes(SPOILT[how](path.read_bytes()))
    (cache / "knowledge-0.pickle").write_bytes(PICKLE)
    assert answers(content) == kept
    assert caplog.text.count("is compiled again") == min(len(opened), len(SPOILT) - shift)
    (told,) = (one for one in caplog.records if one.levelname == "WARNING")
    assert told.getMessage() == f"Compiled content in {cache} is damaged, so this start makes it again."
    assert set(written(cache)) == set(before)  # and a pickle of an earlier version is taken away
    for path in cache.iterdir():
        with path.open("rb") as file:
            assert compiled.loaded(file)


@pytest.mark.parametrize("place", ["folder", "file"])
def test_what_belongs_to_another_user_is_not_used(
    cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    compiled.write("kind", "key", FORM)
    before = written(cache)
    # Only root can give files away, but everybody can be taken for somebody else.
    owner, real = os.getuid(), os.fstat
    if place == "folder":
        monkeypatch.setattr(os, "getuid", lambda: owner + 1)
        compiled.write("kind", "another", FORM)
        path = cache
    else:
        monkeypatch.setattr(os, "fstat", lambda file: os.stat_result((*real(file)[:4], owner + 1, *real(file)[5:])))
        path = cache / "kind-key.compiled"
    assert compiled.read("kind", "key", lambda form: form) is None
    assert f"{path} belongs to another user" in caplog.text
    assert written(cache) == before


@pytest.mark.parametrize("mode", [0o770, 0o707])
@pytest.mark.parametrize("place", ["folder", "file"])
def test_what_others_can_write_to_is_not_used(
    cache: Path, mode: int, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    compiled.write("kind", "key", FORM)
    path = cache if place == "folder" else cache / "kind-key.compiled"
    before = path.stat().st_mode
    path.chmod(mode)
    assert compiled.read("kind", "key", lambda form: form) is None
    (record,) = caplog.records
    assert f"others can write to {path}: run chmod go-w" in record.getMessage()
    compiled.read("kind", "key", lambda form: form)
    assert len(caplog.records) == 1  # said once
    path.chmod(before)
    assert compiled.read("kind", "key", lambda form: form) is not None


@pytest.mark.parametrize("where", ["in a file", "/proc/nowhere/cache"])
def test_where_nothing_can_be_written_everything_is_made_at_each_start(
    tmp_path: Path, content: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    (tmp_path / "file").write_text("")
    folder = where if where.startswith("/") else str(tmp_path / "file" / "cache")
    monkeypatch.setenv("MERCHANT_BOT_CACHE", folder)
    compiled.write("kind", "key", FORM)
    assert compiled.read("kind", "key", lambda form: form) is None
    assert compiled.keep("kind", "key", lambda form: form, lambda form: form, lambda: FORM) is FORM


def test_a_form_is_read_as_it_was_written(cache: Path) -> None:
    compiled.write("kind", "key", FORM)
    again = compiled.read("kind", "key", lambda form: form)
    assert again is not None
    assert again.facts == FORM.facts
    for name, array in FORM.arrays.items():
        assert again.arrays[name].dtype == array.dtype
        assert again.arrays[name].shape == array.shape
        assert (again.arrays[name] == array).all()
        assert not again.arrays[name].flags.writeable
    assert again.parts["part"].arrays["bytes"].tolist() == [0, 1, 2, 3, 4]
    assert compiled.read("kind", "other", lambda form: form) is None
    assert compiled.read("kind", "key", lambda form: form.facts["something else"]) is None


@pytest.mark.parametrize(
    ("kind", "most"), [("kind", 2), ("matcher", 4)]
)  # two contents, with a matcher for each language
def test_what_was_not_used_for_longest_goes_first(cache: Path, kind: str, most: int) -> None:
    for number in range(most):
        compiled.write(kind, str(number), FORM)
        os.utime(cache / f"{kind}-{number}.compiled", (number, number))
    assert compiled.read(kind, "0", lambda form: form)
    compiled.write(kind, "new", FORM)
    left = [key for key in (*map(str, range(most)), "new") if compiled.read(kind, key, lambda form: form)]
    assert left == ["0", *map(str, range(2, most)), "new"]


def test_as_many_contents_stay_as_are_asked_for(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCHANT_BOT_CACHE_CONTENTS", "3")
    for number in range(5):
        compiled.write("kind", str(number), FORM)
        os.utime(cache / f"kind-{number}.compiled", (number, number))
    assert [number for number in range(5) if compiled.exists("kind", str(number))] == [2, 3, 4]


def test_what_a_killed_process_left_is_taken_away_and_what_another_writes_is_not(cache: Path) -> None:
    compiled.write("kind", "key", FORM)
    for name, age in (("left", compiled.ABANDONED + 60), ("another", 60)):
        (cache / f"kind{name}.part").write_bytes(b"half")
        os.utime(cache / f"kind{name}.part", (time.time() - age,) * 2)
    compiled.write("kind", "key", FORM)
    assert sorted(path.name for path in cache.iterdir()) == ["kind-key.compiled", "kindanother.part"]


def test_on_a_full_disk_a_start_answers_the_same_and_says_so_once(
    cache: Path, content: Path, first: tuple[Path, list[object]], caplog: pytest.LogCaptureFixture
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, before[1]))  # bytes of a file
    try:
        assert answers(content) == first[1]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    (told,) = caplog.records
    assert told.getMessage() == (
        f"Compiled content is not cached, so every start is slower. {cache}: File too large: "
        "free some space there, or set MERCHANT_BOT_CACHE to another folder"
    )
    assert not [path for path in cache.iterdir() if path.suffix == ".part"]


def test_a_cache_on_a_read_only_file_system_is_used(
    cache: Path, content: Path, kept: list[object], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:  # a mode of the folder would not stop root
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    caplog.set_level(logging.INFO)
    files = {path: path.stat().st_ino for path in cache.iterdir()}
    monkeypatch.setattr(os, "utime", refuse)
    assert answers(content) == kept
    assert {path: path.stat().st_ino for path in cache.iterdir()} == files
    assert caplog.records == []


def test_what_takes_long_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    for seconds in (1.9, 5.2):
        compiled.tell("learning the content", seconds)
    assert caplog.messages == ["learning the content, about 5 s"]


def test_arrays_of_anything_but_numbers_are_neither_written_nor_read(tmp_path: Path) -> None:
    with pytest.raises(TypeError), (tmp_path / "file").open("w+b") as file:
        compiled.store(file, Form({}, {"objects": np.array([print], dtype=object)}))
    with pytest.raises(ValueError, match="is not allowed"):
        compiled.array_at(np.zeros(64, dtype=np.uint8), "|O", [1], 0)


def test_two_processes_that_write_at_once_leave_one_whole_file(cache: Path) -> None:
    program = """if True:
        import sys
        import numpy as np
        from bot import compiled
        for _ in range(40):
            array = np.full(100_000, int(sys.argv[1]), dtype=np.int64)
            compiled.write("kind", "key", compiled.Form({"who": int(sys.argv[1])}, {"numbers": array}))
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    writers = [subprocess.Popen([sys.executable, "-c", program, who], env=environment) for who in ("1", "2")]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        form = compiled.read("kind", "key", lambda form: form)
        if form is not None:
            assert (form.arrays["numbers"] == form.facts["who"]).all()
            seen.add(form.facts["who"])
        assert form is not None or not seen
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen
    assert [path.name for path in cache.iterdir()] == ["kind-key.compiled"]


def test_an_edit_of_answers_learns_nothing(cache: Path, content: Path, tmp_path: Path) -> None:
    edited = shutil.copytree(content, tmp_path / "edited")
    Knowledge.open([edited], only=True)
    learned = {path.name for path in cache.iterdir()}
    (edited / "figures.yaml").write_text("lots: {free: 13}\n")
    assert Knowledge.open([edited], only=True).texts["parking", "en"]["told"] == "There are 13 lots."
    assert {path.name.partition("-")[0] for path in cache.iterdir() if path.name not in learned} == {"knowledge"}


def test_a_kept_tree_is_the_one_that_was_read(content: Path) -> None:
    node = read(content / "topics" / "parking.yaml", "parking.yaml", [])
    assert node is not None
    kept = Node.of(node.packed())
    assert kept.plain() == node.plain()
    assert kept.at(("missing", 0, "en")) == node.at(("missing", 0, "en"))
    assert kept.at(("missing", 0, "en")).path == ("missing", "price", "en")
    assert kept == node
    assert kept.plain() == node.plain()


def test_another_word_of_the_program_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text("yes: [aye]\n")
    before = compiled.program(tmp_path)
    (tmp_path / "words.yaml").write_text("yes: [aye, yep]\n")
    assert compiled.program(tmp_path) != before


def test_a_copy_of_the_program_without_parts_of_a_second_is_the_same_version(tmp_path: Path) -> None:
    """The layers of a container image keep whole seconds."""
    (tmp_path / "words.yaml").touch()
    os.utime(tmp_path / "words.yaml", ns=(0, 1_700_000_000_987_654_321))
    before = compiled.program(tmp_path)
    os.utime(tmp_path / "words.yaml", (0, 1_700_000_000))
    assert compiled.program(tmp_path) == before
    os.utime(tmp_path / "words.yaml", (0, 1_700_000_001))
    assert compiled.program(tmp_path) != before
