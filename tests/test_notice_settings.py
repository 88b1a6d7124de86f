"""Who is told what: what the file may say, what is wrong in one sentence, and that no address is ever shown."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from cx_metrics.notice_settings import EXAMPLE, KINDS, NoticeError, NoticeSettings, Recipient, current, parse

SECRET = "s3cr3t-token"
URL = f"slack://{SECRET}/b/c"


def one(**more: object) -> dict[str, object]:
    """A file's content with one recipient."""
    return {"recipients": [{"name": "a", "url": URL, **more}]}


def test_the_example_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
    assert current() == NoticeSettings()
    (tmp_path / "notices.toml").write_text(EXAMPLE, encoding="utf-8")
    found = current()
    assert (found.test, found.personal, found.link) == (True, False, "https://cx.example.org")
    first, second = found.recipients
    assert (first.name, first.kinds, first.teams) == ("care leads", ("new", "overdue", "weekly"), ("Care North",))
    assert (second.service, second.kinds, second.teams) == ("slack", ("recognition", "digest"), ())
    assert [recipient.name for recipient in found.told("weekly")] == ["care leads"]
    assert found.named("everybody") is second


def test_a_changed_file_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
    path = tmp_path / "notices.toml"
    for number, flag in enumerate(("true", "false")):
        path.write_text(f"test = {flag}\n")
        os.utime(path, ns=(number, number))
        assert current().test is (flag == "true")


def test_an_address_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    recipient = Recipient("a", "env:CX_HOOK")
    monkeypatch.delenv("CX_HOOK", raising=False)
    assert recipient.service == "?"
    assert recipient.problem == "the environment variable CX_HOOK, which is to hold an address, is not set"
    monkeypatch.setenv("CX_HOOK", URL)
    assert (recipient.address(), recipient.service, recipient.problem) == (URL, "slack", "")
    monkeypatch.setenv("CX_HOOK", SECRET)
    assert "not of the form" in recipient.problem and SECRET not in recipient.problem


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tset": True}, "notices.toml: there is no 'tset'; there are: recipients, personal, test, link"),
        ({"personal": "no"}, "notices.toml: personal is true or false"),
        ({"test": 1}, "notices.toml: test is true or false"),
        ({"link": "cx.example.org"}, "link is an address such as https://cx.example.org"),
        ({"link": f"https://user:{SECRET}@x"}, "link is an address"),
        ({"recipients": {"name": "a"}}, "each recipient begins with a line"),
        ({"recipients": ["a"]}, "recipient 1 is a table with name, url and kinds"),
        (one(url=SECRET), "recipient 1: url is an address of the form service://"),
        (one(url=["a", SECRET]), "recipient 1: url is an address"),
        (one(adress=SECRET), "recipient 1: there is no 'adress'; there are: name, url, kinds, teams"),
        (one(name=" "), "recipient 1: name is a text of 1 to 60 characters"),
        (one(name="a\nb"), "recipient 1: name is a text"),
        (one(kinds="new"), "recipient 1: kinds is a list of texts"),
        (one(kinds=["news"]), f"recipient 1: there is no kind 'news'; there are: {', '.join(KINDS)}"),
        (one(teams=[7]), "recipient 1: teams is a list of texts"),
        ({"recipients": [{"name": "a", "url": URL}] * 2}, "two recipients are called 'a'"),
    ],
)
def test_what_is_wrong_is_one_sentence_without_the_address(given: dict[str, object], said: str) -> None:
    with pytest.raises(NoticeError) as raised:
        parse(given)
    assert said in str(raised.value) and SECRET not in str(raised.value) and "\n" not in str(raised.value)


def test_a_file_that_is_no_toml_is_told_without_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
    for content, said in ((f'url = "slack://{SECRET}'.encode(), "not readable as TOML"), (b"\xff\xfe\x00", "UTF-8")):
        (tmp_path / "notices.toml").write_bytes(content)
        with pytest.raises(NoticeError, match=said) as raised:
            current()
        assert SECRET not in str(raised.value)
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(f'url = "slack://{SECRET}')


def test_the_address_is_not_in_what_is_printed() -> None:
    found = parse(one(kinds=["new"]))
    assert SECRET not in repr(found) + str(found) + found.recipients[0].service
    with pytest.raises(NoticeError, match="names no recipient 'b'; there are: a"):
        found.named("b")
