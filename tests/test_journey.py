"""A company's own journey: what a file may say, what holds where it says nothing, and what is wrong with a bad one."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest

from cx_metrics import settings
from cx_metrics.journey import (
    CHANNELS,
    LOWEST,
    MEANING,
    STAGES,
    WRITTEN,
    Journey,
    JourneyError,
    Limits,
    current,
    parse,
    with_limits,
)

OWN = """
stages = ["look", "sign up", "play", "quit"]
channels = ["shop", "letter", "web"]
written = ["letter"]
episode_hours = 24

[limits]
wait_seconds = 30
repeat_days = 2.5
sentiment = 0
"""
LIMITS = Limits(wait_seconds=30, repeat_days=2.5, sentiment=0, written=("letter",))
COMPANY = Journey(("look", "sign up", "play", "quit"), ("shop", "letter", "web"), 24, LIMITS)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the journey is looked for; there is nothing yet."""
    path = tmp_path / "journey.toml"
    monkeypatch.setenv("CX_JOURNEY_FILE", str(path))
    return path


class TestReading:
    def test_without_a_file_the_usual_journey_holds(self, file: Path) -> None:
        assert current() == Journey(STAGES, CHANNELS, 72, Limits()) == parse({})
        assert (Limits().written, Limits().repeat_days, Limits().wait_seconds) == (WRITTEN, 7, 120)

    def test_a_companys_own(self, file: Path) -> None:
        file.write_text(OWN)
        assert current() == COMPANY

    def test_a_byte_order_mark_does_no_harm(self, file: Path) -> None:
        file.write_bytes(b"\xef\xbb\xbf" + OWN.encode())
        assert current() == COMPANY

    def test_names_in_any_writing(self, file: Path) -> None:
        file.write_text('stages = ["découvrir", "支払い"]', encoding="utf-8")
        assert current() == Journey(stages=("découvrir", "支払い"))

    def test_what_it_does_not_say_stays(self, file: Path) -> None:
        file.write_text("[limits]\ntransfers = 2\n")
        assert current() == Journey(limits=Limits(transfers=2))

    def test_a_file_that_changes_is_read_anew(self, file: Path) -> None:
        for hours in (1, 2):
            file.write_text(f"episode_hours = {hours}")
            os.utime(file, ns=(hours, hours))
            assert current().episode_hours == hours
        file.unlink()
        assert current().episode_hours == 72

    def test_it_lies_in_the_data_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CX_JOURNEY_FILE")
        monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))
        assert settings.journey_file() == tmp_path / "journey.toml"
        (tmp_path / "journey.toml").write_text(OWN)
        assert current() == COMPANY


def test_names_are_sorted_as_the_journey_goes() -> None:
    names = ["web", "quit", "zoo", "play", "letter", "ark", "sign up"]
    assert sorted(names, key=COMPANY.place) == ["sign up", "play", "quit", "letter", "web", "ark", "zoo"]


ERRORS = {  # what the file says -> the sentence
    "stage = ['buy']": "there is no 'stage'; there are: stages, channels, episode_hours, limits, definitions, written",
    "stages = 'buy'": 'stages is a list of different names, such as ["buy", "use"]',
    "stages = []": 'stages is a list of different names, such as ["buy", "use"]',
    "channels = ['web', 'web']": 'channels is a list of different names, such as ["buy", "use"]',
    "channels = ['web', 1]": 'channels is a list of different names, such as ["buy", "use"]',
    "written = ['web', ' ']": 'written is a list of different names, such as ["buy", "use"]',
    "written = [['web']]": 'written is a list of different names, such as ["buy", "use"]',
    "episode_hours = -1": "episode_hours is a number of at least 0, not -1",
    "episode_hours = '3 days'": "episode_hours is a number of at least 0, not '3 days'",
    "episode_hours = true": "episode_hours is a number of at least 0, not True",
    "episode_hours = inf": "episode_hours is a number of at least 0, not inf",
    "episode_hours = [1]": "episode_hours is a number of at least 0, not [1]",
    "limits = 5": "limits is a table of numbers, [limits]",
    "[[limits]]\ntransfers = 1": "limits is a table of numbers, [limits]",
    "[limits]\nmood = 5": "there is no limit 'mood'; there are: " + ", ".join(LOWEST),
    "[limits]\nwritten = ['web']": "there is no limit 'written'; there are: " + ", ".join(LOWEST),
    "[limits]\nrepeat_days = 0": "repeat_days is a number of at least 0.01, not 0",
    "[limits]\ntransfers = 0.5": "transfers is a number of at least 1, not 0.5",
    "[limits]\nstage_visits = 1": "stage_visits is a number of at least 2, not 1",
    "[limits]\nsentiment = nan": "sentiment is a number of at least -1, not nan",
    "[limits]\nwait_seconds = 2024-01-01": "wait_seconds is a number of at least 0, not datetime.date(2024, 1, 1)",
}


@pytest.mark.parametrize("content", ERRORS)
def test_what_is_wrong_is_said_in_one_sentence(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(JourneyError) as raised:
        current()
    assert str(raised.value) == f"journey.toml: {ERRORS[content]}"


class TestUnreadable:
    def test_no_toml(self, file: Path) -> None:
        file.write_text("stages: buy")
        with pytest.raises(JourneyError, match=r"^journey.toml is not readable as TOML: .+line 1.+$"):
            current()

    def test_no_text(self, file: Path) -> None:
        file.write_bytes('stages = ["découvrir"]'.encode("latin-1"))
        with pytest.raises(
            JourneyError, match=r"^journey.toml is not readable as TOML: 'utf-8' codec can't decode .+$"
        ):
            current()

    def test_no_file(self, file: Path) -> None:
        file.mkdir()
        with pytest.raises(JourneyError, match=r"^.+journey.toml cannot be read: Is a directory$"):
            current()

    def test_a_number_beyond_all_bounds(self, file: Path) -> None:
        file.write_text(f"episode_hours = {'9' * 400}")
        with pytest.raises(JourneyError, match=r"^journey.toml: episode_hours is a number of at least 0, not 9+$"):
            current()


class TestLimits:
    def test_every_limit_has_a_meaning_and_a_lowest_value(self) -> None:
        names = [field.name for field in fields(Limits) if field.name != "written"]
        assert names == list(LOWEST) == list(MEANING)
        assert all(getattr(Limits(), name) >= lowest for name, lowest in LOWEST.items())

    def test_some_given_anew(self) -> None:
        assert with_limits(LIMITS, {"repeat_days": "3", "promise_hours": 1}) == Limits(
            wait_seconds=30, repeat_days=3, promise_hours=1, sentiment=0, written=("letter",)
        )
        assert with_limits(LIMITS, {}) == LIMITS

    def test_the_lowest_are_allowed(self) -> None:
        assert with_limits(Limits(), LOWEST) == Limits(**LOWEST)  # type: ignore[arg-type]

    @pytest.mark.parametrize("text", ["", "many", "1,5", "-1", "nan", "inf"])
    def test_a_text_that_is_no_limit(self, text: str) -> None:
        with pytest.raises(JourneyError, match=rf"^repeat_days is a number of at least 0.01, not '{text}'$"):
            with_limits(Limits(), {"repeat_days": text})

    def test_those_that_were_moved(self) -> None:
        assert LIMITS.moved(Limits()) == {"wait_seconds": 30, "repeat_days": 2.5, "sentiment": 0}
        assert LIMITS.moved(LIMITS) == {}
        assert Limits().moved(LIMITS) == {"wait_seconds": 120, "repeat_days": 7, "sentiment": -0.3}
