"""Files from a browser: safe names, a folder of their own, and nothing outside it."""

from __future__ import annotations

import gc
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.intake.load import check_plans
from cx_metrics.intake.plan import IntakeError
from cx_metrics.intake.upload import Upload, plain_name, receive

CONTACTS = b"interaction_id,occurred_at\n1,2026-01-01\n"
MAPPING = '[[load]]\ntable = "interactions"\nfile = "{}"\ncolumns = {{ interaction_id = "a", occurred_at = "b" }}\n'


def received(*files: tuple[str, bytes]) -> Upload:
    return receive([(str(number), name, io.BytesIO(content)) for number, (name, content) in enumerate(files)])


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("orders.csv", "orders.csv"), ("../../etc/passwd", "passwd"), ("C:\\data\\orders.csv", "orders.csv"),
        ("/orders.csv/", "file"), ("", "file"), ("...", "file"), (".csv", "csv"), ("a\nb\x00.csv", "ab.csv"),
        ('a<b>:"|?*.csv', "ab.csv"), ("Umfrage für März 😀.xlsx", "Umfrage für März 😀.xlsx"), ("a.tar.gz", "a.tar.gz"),
    ],
)  # fmt: skip
def test_plain_names(given_name: str, kept: str) -> None:
    assert plain_name(given_name) == kept


@given(st.text(max_size=400))
def test_every_name_stays_in_its_folder(name: str) -> None:
    kept = plain_name(name)
    assert kept and len(kept) <= 121 and kept not in (".", "..") and not set(kept) & set("/\\\0\n")
    assert (Path("folder") / kept).name == kept


# --- keeping ---------------------------------------------------------------------------------------------------------


def test_files_are_kept_and_go_with_the_upload() -> None:
    upload = received(("../interactions.csv", CONTACTS), ("what.csv", b"a,b\n1,2\n"))
    folder = upload.files[0].parent
    assert [file.name for file in upload.files] == ["interactions.csv", "what.csv"]
    assert upload.files[0].read_bytes() == CONTACTS and upload.ids == ("0", "1")
    assert [file.name for file in upload.unknown] == ["what.csv"]
    del upload
    gc.collect()
    assert not folder.exists()


def test_the_same_name_twice() -> None:
    upload = received(("interactions.csv", CONTACTS), ("a/interactions.csv", CONTACTS.replace(b"1,", b"2,")))
    assert [file.name for file in upload.files] == ["interactions.csv", "interactions-2.csv"]
    assert [report.loaded for report in check_plans(upload.plans("auto"))] == [1, 1] and not upload.unknown


# --- plans -----------------------------------------------------------------------------------------------------------


def test_files_that_are_known_and_files_that_are_described() -> None:
    upload = received(("interactions.csv", CONTACTS), ("x.csv", b"a,b\n7,2026-01-01\n"))
    with pytest.raises(IntakeError, match=r"x\.csv is in no format known"):
        upload.plans("auto")
    plans = upload.plans("auto", MAPPING.format("x.csv"), "mine.toml")
    assert {(plan.source, plan.file.name) for plan in plans} == {("mine", "x.csv"), ("csv", "interactions.csv")}
    assert [plan.file.name for plan in upload.plans("csv", MAPPING.format("*.csv"))] == ["interactions.csv", "x.csv"]


def test_the_draft_describes_what_is_not_known() -> None:
    upload = received(("interactions.csv", CONTACTS), ("tickets.csv", b"ticket id,created\n1,2026-01-01\n"))
    draft = upload.guess()
    assert "tickets.csv" in draft and "interactions.csv" not in draft
    assert sorted(plan.file.name for plan in upload.plans("auto", draft)) == ["interactions.csv", "tickets.csv"]
    assert "interactions.csv" in received(("interactions.csv", CONTACTS)).guess()


@pytest.mark.parametrize("depth", range(1, 8))
def test_a_mapping_reads_no_file_outside(tmp_path: Path, depth: int) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2026-01-01\n")
    upload = received(("x.csv", b"a,b\n7,2026-01-01\n"))
    for name in (str(secret), "../" * depth + str(secret).lstrip("/"), f"../../{secret.parent.name}/*.csv"):
        try:
            plans = upload.plans("auto", MAPPING.format(name))
        except IntakeError as error:
            assert "2026" not in str(error)
        else:
            pytest.fail(f"{name}: {[plan.file for plan in plans]}")


def test_errors_do_not_tell_where_files_are_kept() -> None:
    upload = received(("x.csv", b"a,b\n7,2026-01-01\n"))
    with pytest.raises(IntakeError, match=r"^the upload holds none of the files that mapping\.toml describes$"):
        upload.plans("auto", MAPPING.format("y.csv"))


@pytest.mark.parametrize("text", ["", "[[load]", "[[load]]\n", "\x00"])
def test_a_mapping_that_is_none(text: str) -> None:
    with pytest.raises(IntakeError, match=r"mapping\.toml"):
        received(("x.csv", b"a,b\n7,8\n")).plans("auto", text)
