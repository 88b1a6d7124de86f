"""Qualtrics exports as people have them, staged to canonical rows."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics import dialect
from cx_metrics.intake.plan import IntakeError, Plan
from cx_metrics.intake.sources.qualtrics import SOURCE, Question, scaled
from cx_metrics.intake.stage import stage

REAL = Path(__file__).parents[4] / "shared" / "real" / "qualtrics"
META = {  # name -> (localised text, ImportId, a cell)
    "StartDate": ("Anfangsdatum", "startDate", "2024-05-01 08:00:00"),
    "EndDate": ("Enddatum", "endDate", "2024-05-01 08:05:00"),
    "Status": ("Antworttyp", "status", "0"),
    "Progress": ("Aktueller Stand", "progress", "100"),
    "Finished": ("Beendet", "finished", "1"),
    "RecordedDate": ("Erfassungsdatum", "recordedDate", "2024-05-01 08:06:00"),
    "ResponseId": ("Antwort-ID", "_recordId", "R_1"),
    "RecipientLastName": ("Nachname", "recipientLastName", "Wilco"),
    "RecipientFirstName": ("Vorname", "recipientFirstName", "Roger"),
    "RecipientEmail": ("E-Mail", "recipientEmail", ""),
    "ExternalReference": ("Externe Datenreferenz", "externalDataReference", ""),
    "DistributionChannel": ("Verteilungskanal", "distributionChannel", "email"),
}
Asked = Mapping[str, tuple[str, str]]  # name -> (text, ImportId)
NPS: Asked = {"Q1": ("Würden Sie uns weiterempfehlen?", "QID1")}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """rows: usable rows as mappings, without what is empty. problems: (line, reason) of those set aside."""

    plan: Plan
    rows: list[dict[str, Any]]
    problems: list[tuple[int, str]]
    read: int
    skipped: int


@pytest.fixture
def take(tmp_path: Path) -> Iterator[Any]:
    """take(paths) -> [Outcome], one per plan."""
    spool = tmp_path / "spool"
    spool.mkdir()
    with dialect.parser(spool) as connection:

        def run(*paths: Path) -> list[Outcome]:
            done = []
            for plan in SOURCE.plans(list(paths)):
                staged = stage(connection, plan, spool)
                names = [staged.table.c[name] for name in staged.columns]
                found = connection.execute(sa.select(*names)).mappings().all()
                rows = [{k: v for k, v in row.items() if v is not None} for row in found]
                problems = [(row.line, row.reason) for row in staged.set_aside]
                done.append(Outcome(plan, rows, problems, staged.read, staged.skipped))
            return done

        yield run


def lines(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def export(asked: Asked, answers: Sequence[Mapping[str, str]], zone: str = "") -> str:
    """An export in the current layout; each answer holds what differs from META, and the answered questions."""
    ids = [{"ImportId": key} | ({"timeZone": zone} if zone and "Date" in key else {}) for _, key, _ in META.values()]
    ids += [{"ImportId": key} for _, key in asked.values()]
    texts = [text for text, _, _ in META.values()] + [text for text, _ in asked.values()]
    head = [[*META, *asked], texts, [json.dumps(entry, separators=(",", ":")) for entry in ids]]
    usual = {name: cell for name, (_, _, cell) in META.items()} | dict.fromkeys(asked, "")
    body = [list((usual | {"ResponseId": f"R_{n}"} | dict(one)).values()) for n, one in enumerate(answers, start=1)]
    return lines([*head, *body])


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path


def answers(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.plan.table == "survey_answers"]


def test_a_response_to_a_recognised_question(tmp_path: Path, take: Any) -> None:
    asked = {"NPS": ("x", "QID1"), "NPS_TEXT": ("Why?", "QID2_TEXT")}
    person = {"RecipientEmail": "Roger@Example.org", "NPS": "9", "NPS_TEXT": "Quick."}
    path = write(tmp_path / "s.csv", export(asked, [person]))
    assert SOURCE.recognises(path)
    answer, customer = take(path)
    assert answer.rows == [
        {
            "answer_id": "R_1-NPS", "customer_id": "qualtrics:roger@example.org", "respondent": "customer",
            "instrument": "nps", "score": 9, "scale_min": 0, "scale_max": 10, "comment": "Quick.", "weight": 1,
            "answered_at": datetime(2024, 5, 1, 8, 6),
        }
    ]  # fmt: skip
    assert customer.rows == [
        {"customer_id": "qualtrics:roger@example.org", "name": "Roger Wilco", "email": "Roger@Example.org"}
    ]


NAMES = [
    ("NPS", "nps", "", ""), ("nps_1", "nps", "", ""), ("CSAT_onboard", "csat", "onboard", ""),
    ("CES_get_help", "ces", "get help", ""), ("CSAT_score", "csat", "", ""),
    ("PERCEPTION_onboard_reliability", "perception", "onboard", "reliability"),
    ("EXPECTATION_get_help_shared_values", "expectation", "get help", "shared values"),
    ("EXPECTATION_pay_speed", "expectation", "pay", "speed"), ("IMPORTANCE_empathy", "importance", "", "empathy"),
    ("BELIEF_use", "belief", "use", ""), ("BELIEVED_EXPECTATION_use_ease", "believed_expectation", "use", "ease"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "instrument", "stage_name", "dimension"), NAMES)
def test_a_question_is_known_by_its_name(
    name: str, instrument: str, stage_name: str, dimension: str, tmp_path: Path, take: Any
) -> None:
    path = write(tmp_path / "s.csv", export({name: ("x", "QID1")}, [{name: "4", "RecipientEmail": "a@b.example"}]))
    (outcome,) = answers(take(path))
    (row,) = outcome.rows
    assert (row["instrument"], row.get("stage", ""), row.get("dimension", "")) == (instrument, stage_name, dimension)
    employees = instrument.startswith("belie")
    assert row["respondent"] == ("employee" if employees else "customer")
    assert ("customer_id" not in row) == employees


TEXTS = {
    "nps": [
        "How likely are you to recommend us?", "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?",
        "Empfehlen Sie uns?", "¿Recomendaría nuestra tienda?", "Nous recommanderiez-vous ?", "Você nos recomendaria?",
    ],
    "csat": [
        "How satisfied are you?", "Wie zufrieden sind Sie?", "¿Qué tan satisfecho está?", "Êtes-vous satisfait ?",
        "Você está satisfeito?", "How satisfied are you with how easy it was?",
    ],
    "ces": [
        "The company made it easy for me.", "Es war einfach.", "¿Fue fácil?", "Était-ce facile ?", "Foi fácil?",
        "How much effort was it?", "Wie hoch war Ihr Aufwand?",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("instrument", "text"), [(kind, text) for kind, texts in TEXTS.items() for text in texts])
def test_a_question_is_known_by_words_of_its_text(instrument: str, text: str, tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", export({"Q7": (text, "QID7")}, [{"Q7": "4"}]))
    assert [plan.constants.get("instrument") for plan in SOURCE.plans([path])] == [instrument]


def test_a_group_column_makes_its_question_a_recommendation(tmp_path: Path, take: Any) -> None:
    asked = {"Q3_NPS_GROUP": ("x", "QID9_NPS_GROUP"), "Q3": ("Und?", "QID9"), "Q3_9_TEXT": ("Why?", "QID9_TEXT")}
    cells = {"Q3_NPS_GROUP": "Promoter", "Q3": "10", "Q3_9_TEXT": "Good"}
    (outcome,) = answers(take(write(tmp_path / "s.csv", export(asked, [cells]))))
    (row,) = outcome.rows
    assert (row["instrument"], row["score"], row["comment"]) == ("nps", 10, "Good")
    other = {"A": ("x", "QID4_NPS_GROUP"), "B": ("y", "QID4")}
    (plan,) = SOURCE.plans([write(tmp_path / "t.csv", export(other, [{"B": "1"}]))])
    assert plan.constants["question"] == "B"


def test_what_is_no_question(tmp_path: Path) -> None:
    asked = {
        "NPS_NPS_GROUP": ("recommend", "QID1_NPS_GROUP"), "NPS_TEXT": ("recommend", "QID1_TEXT"),
        "NPS - Topics": ("satisfied", "QID1_TEXT_eaeTopics"), "CSAT_DO_1": ("satisfied", "QID2_DO_1"),
        "Q1 - Sentiment Polarity": ("satisfied", "QID3_TEXT_xSentiment"), "Q9": ("satisfied?", "QID9_TEXT"),
        "Q2_Page Submit": ("easy", "QID4_PAGE_SUBMIT"), "last_year": ("satisfied", "satisfaction_last_year"),
    }  # fmt: skip
    (plan,) = SOURCE.plans([write(tmp_path / "s.csv", export(asked, [dict.fromkeys(asked, "3")]))])
    assert "no question was recognised" in plan.note and "CSAT" in plan.note


def test_a_file_without_a_known_question_skips_all_rows(tmp_path: Path, take: Any) -> None:
    (outcome,) = take(write(tmp_path / "s.csv", export({"Q1": ("Your age?", "QID1")}, [{"Q1": "40"}, {"Q1": "50"}])))
    assert (outcome.plan.table, outcome.rows, outcome.read, outcome.skipped) == ("survey_answers", [], 2, 2)


def test_words_alone_do_not_make_a_question_of_free_answers(tmp_path: Path) -> None:
    cells = [{"Q1": "Faster delivery"}, {"Q1": "A better app"}, {"Q1": "5"}]
    (plan,) = SOURCE.plans([write(tmp_path / "s.csv", export({"Q1": ("What do you recommend?", "QID1")}, cells))])
    assert "no question" in plan.note


UNREAL = ["1", "2", "8", "9", "12", "17", "40", "256", "Survey Preview", "Spam", "survey test", "Imported Spam"]


@pytest.mark.parametrize("status", UNREAL)
def test_previews_tests_and_spam_are_skipped(status: str, tmp_path: Path, take: Any) -> None:
    unreal = {"NPS": "9", "Status": status, "RecipientEmail": "a@b.example"}
    cells = [unreal, {"NPS": "8", "RecipientEmail": "c@d.example"}]
    answer, customer = take(write(tmp_path / "s.csv", export({"NPS": ("x", "QID1")}, cells)))
    assert [row["score"] for row in answer.rows] == [8] and (answer.read, answer.skipped) == (2, 1)
    assert [row["email"] for row in customer.rows] == ["c@d.example"] and customer.skipped == 1


@pytest.mark.parametrize("changes", [{"Status": "4"}, {"Status": "16"}, {"Status": "IP-Adresse"}, {"Finished": "0"}])
def test_imported_offline_and_partial_responses_count(changes: Any, tmp_path: Path, take: Any) -> None:
    cells = [{"NPS": "9"} | changes, {"NPS": ""} | changes, {"NPS": "-99"} | changes]
    (outcome,) = take(write(tmp_path / "s.csv", export({"NPS": ("x", "QID1")}, cells)))
    assert [row["answer_id"] for row in outcome.rows] == ["R_1-NPS"] and outcome.skipped == 2


def test_a_preview_is_known_by_its_channel_where_the_status_is_localised(tmp_path: Path, take: Any) -> None:
    cells = [{"NPS": "9", "Status": "Umfragevorschau", "DistributionChannel": "preview"}]
    (outcome,) = take(write(tmp_path / "s.csv", export({"NPS": ("x", "QID1")}, cells)))
    assert outcome.skipped == 1


def test_the_note_counts_what_is_left_out(tmp_path: Path) -> None:
    changes = [{}, {"Finished": "0"}, {"Status": "1"}, {"Status": "9"}, {"Status": "Spam"}, {"Status": "2"}, {"Status": "256"},
               {"DistributionChannel": "preview", "Finished": "False"}]  # fmt: skip
    path = write(tmp_path / "s.csv", export({"NPS": ("x", "QID1")}, [{"NPS": "9"} | one for one in changes]))
    (plan,) = SOURCE.plans([path])
    assert plan.note == (
        "NPS was read as nps, 0-10; of 8 responses left out: 2 previews, 1 tests, 2 spam, 1 synthetic; 1 unfinished kept"
    )


def test_the_note_of_the_sample(take: Any) -> None:
    answer, _ = take(Path(__file__).parents[3] / "sample_data" / "small" / "qualtrics" / "relationship-survey.csv")
    assert "of 121 responses left out: 2 previews, 2 spam; 2 unfinished kept" in answer.plan.note
    assert (answer.read, answer.skipped) == (121, 6)  # two of them unanswered


SCALES = [
    ("csat", "", ["1", "5"], (1, 5), ["1", "5"]),
    ("csat", "", ["1", "6"], (1, 7), ["1", "6"]),
    ("csat", "", ["3", "9"], (1, 10), ["3", "9"]),
    ("csat", "", ["0", "9"], (0, 10), ["0", "9"]),
    ("csat", "", ["3", "99"], (1, 5), ["3", "99"]),
    ("csat", "from 1 to 7", ["3"], (1, 7), ["3"]),
    ("csat", "von 0 bis 10", ["3"], (0, 10), ["3"]),
    ("perception", "", ["4"], (1, 5), ["4"]),
    ("importance", "", ["40"], (0, 100), ["40"]),
    ("nps", "", ["3"], (0, 10), ["3"]),
    ("nps", "", ["10 - Extremely likely", "0 – Not at all likely"], (0, 10), ["10", "0"]),
    ("ces", "made it easy", ["3"], (1, 7), ["3"]),
    ("ces", "easy, 1-5", ["1", "2", "5"], (1, 7), ["1", "2.5", "7"]),
    ("ces", "how much effort (1-5)", ["1", "5"], (1, 5), ["1", "5"]),
    ("ces", "how much effort", ["1", "7"], (1, 7), ["7", "1"]),
    ("ces", "easy", ["Very easy", "Neutral"], (1, 7), ["7", "4"]),
    ("ces", "easy", ["1", "10"], (1, 7), ["1", "7"]),
]


@pytest.mark.parametrize(("instrument", "text", "given_answers", "scale", "scores"), SCALES)
def test_the_scale_follows_the_text_and_the_answers(
    instrument: str, text: str, given_answers: list[str], scale: tuple[int, int], scores: list[str]
) -> None:
    low, high, numbers = scaled(Question("Q", instrument, True), text, given_answers)
    assert (low, high) == scale
    assert [numbers.get(answer, answer) for answer in given_answers] == scores


CHOICES = [
    "Very dissatisfied|Dissatisfied|Neither satisfied nor dissatisfied|Satisfied|Very satisfied",
    "Extremely dissatisfied|Somewhat dissatisfied|Neutral|Somewhat satisfied|Extremely satisfied",
    "Sehr unzufrieden|Unzufrieden|Weder zufrieden noch unzufrieden|Zufrieden|Sehr zufrieden",
    "Äußerst unzufrieden|Eher unzufrieden|Teils/teils|Eher zufrieden|Äußerst zufrieden",
    "Muy insatisfecho|Insatisfecha|Ni satisfecho ni insatisfecho|Satisfecha|Muy satisfecho",
    "Très insatisfait|Plutôt insatisfait|Ni satisfait ni insatisfait|Plutôt satisfait|Très satisfaite",
    "Muito insatisfeito|Insatisfeito|Nem satisfeito nem insatisfeito|Satisfeita|Muito satisfeito",
    "Strongly disagree|Disagree|Neither agree nor disagree|Agree|Strongly agree",
]


@pytest.mark.parametrize("choices", CHOICES)
def test_choice_texts_become_five_steps(choices: str, tmp_path: Path, take: Any) -> None:
    cells = [{"CSAT": choice} for choice in choices.split("|")]
    (outcome,) = take(write(tmp_path / "s.csv", export({"CSAT": ("x", "QID1")}, cells)))
    assert [row["score"] for row in outcome.rows] == [1, 2, 3, 4, 5] and not outcome.problems
    assert outcome.plan.values["score"][choices.split("|")[0]] == "1"


def test_other_choices_are_set_aside_not_guessed(tmp_path: Path, take: Any) -> None:
    cells = [{"CSAT": text} for text in ("Great", "Slightly satisfied", "Very satisfied", "Not satisfied", "5")]
    (outcome,) = take(write(tmp_path / "s.csv", export({"CSAT": ("x", "QID1")}, cells)))
    assert [row["score"] for row in outcome.rows] == [5]
    assert [line for line, _ in outcome.problems] == [4, 5, 6, 7]
    assert "'Great' is not a number" in outcome.problems[0][1]


def test_customers_are_known_by_reference_then_by_address(tmp_path: Path, take: Any) -> None:
    cells = [
        {"NPS": "1", "RecipientEmail": "a@b.example"},
        {"NPS": "2", "RecipientEmail": "A@b.example", "ExternalReference": "C-1"},
        {"NPS": "3", "ExternalReference": "C-2"},
        {"NPS": "4", "RecipientEmail": "x@y.example"},
        {"NPS": "5"},
    ]
    answer, customer = take(write(tmp_path / "s.csv", export({"NPS": ("x", "QID1")}, cells)))
    assert [row.get("customer_id") for row in answer.rows] == ["C-1", "C-1", "C-2", "qualtrics:x@y.example", None]
    assert [row["customer_id"] for row in customer.rows] == ["C-1", "qualtrics:x@y.example"]
    assert (customer.read, customer.skipped, customer.problems) == (5, 3, [])


def test_an_address_that_several_references_share_stays_one_of_its_own(tmp_path: Path, take: Any) -> None:
    cells = [
        {"NPS": "1", "RecipientEmail": "a@b.example", "ExternalReference": "C-1"},
        {"NPS": "2", "RecipientEmail": "a@b.example", "ExternalReference": "C-2"},
        {"NPS": "3", "RecipientEmail": "a@b.example"},
    ]
    answer, _ = take(write(tmp_path / "s.csv", export({"NPS": ("x", "QID1")}, cells)))
    assert [row["customer_id"] for row in answer.rows] == ["C-1", "C-2", "qualtrics:a@b.example"]


def test_several_questions_each_have_a_plan_and_employees_are_no_customers(tmp_path: Path, take: Any) -> None:
    asked = {"CSAT": ("x", "QID1"), "CSAT_2": ("x", "QID2"), "Q3_1": ("How satisfied - Delivery", "QID3_1")}
    outcomes = take(write(tmp_path / "s.csv", export(asked, [dict.fromkeys(asked, "4")])))
    assert [outcome.rows[0]["answer_id"] for outcome in outcomes] == ["R_1-CSAT", "R_1-CSAT_2", "R_1-Q3_1"]
    assert outcomes[2].rows[0]["dimension"] == "delivery"
    assert len({outcome.plan.fingerprint("digest") for outcome in outcomes}) == 3
    cells = [{"BELIEF_use_ease": "4", "RecipientEmail": "staff@acme.example"}]
    staff = SOURCE.plans([write(tmp_path / "b.csv", export({"BELIEF_use_ease": ("x", "QID1")}, cells))])
    assert [plan.table for plan in staff] == ["survey_answers"]


def test_a_comment_without_a_score_is_kept(tmp_path: Path, take: Any) -> None:
    asked = {"CSAT": ("x", "QID1"), "CSAT_TEXT": ("Why?", "QID1_TEXT")}
    (outcome,) = take(write(tmp_path / "s.csv", export(asked, [{"CSAT_TEXT": "Hm."}, {}])))
    assert [row.get("comment") for row in outcome.rows] == ["Hm."] and outcome.skipped == 1


def test_dates_are_in_the_zone_that_the_header_names(tmp_path: Path, take: Any) -> None:
    for zone, hour in (("America/Denver", 14), ("Z", 8), ("UTC", 8), ("Nowhere/'; DROP", 8)):
        (outcome,) = take(write(tmp_path / "s.csv", export({"NPS": ("x", "QID1")}, [{"NPS": "9"}], zone)))
        assert outcome.rows[0]["answered_at"] == datetime(2024, 5, 1, hour, 6)


def _legacy(*rows: str, texts: str = "ResponseID,Status,EndDate,EmailAddress,How satisfied are you?,Why?,") -> str:
    return "\r\n".join(["V1,V7,V9,V5,Q1,Q1_TEXT,", *([texts] if texts else []), *rows, ""])


def test_the_legacy_layout(tmp_path: Path, take: Any) -> None:
    text = _legacy("R_1,0,2017-07-18 08:28:48,a@b.example,2,Slow,", "R_2,1,2017-07-18 08:28:48,,3,,")
    path = write(tmp_path / "s.csv", text, "utf-8-sig")
    assert SOURCE.recognises(path)
    answer, customer = take(path)
    (row,) = answer.rows
    assert (row["answer_id"], row["score"], row["comment"]) == ("R_1-Q1", 2, "Slow")
    assert row["answered_at"] == datetime(2017, 7, 18, 8, 28, 48) and answer.skipped == 1
    assert [row["customer_id"] for row in customer.rows] == ["qualtrics:a@b.example"]


def test_header_rows_that_somebody_deleted_are_not_missed(tmp_path: Path, take: Any) -> None:
    rows = export({"NPS": ("x", "QID1")}, [{"NPS": "9"}, {"NPS": "8"}]).splitlines(keepends=True)
    for kept in (rows[:1] + rows[3:], rows[:2] + rows[3:]):
        path = write(tmp_path / "s.csv", "".join(kept))
        assert SOURCE.recognises(path)
        (outcome,) = take(path)
        assert [row["score"] for row in outcome.rows] == [9, 8] and outcome.read == 2


def test_other_encodings_delimiters_and_line_breaks_in_texts(tmp_path: Path, take: Any) -> None:
    text = export({"Q1": ("Wie zufrieden\nsind Sie?", "QID1")}, [{"Q1": "4", "RecipientFirstName": "Jörg"}])
    cells = list(csv.reader(io.StringIO(text)))
    table = "\r\n".join("\t".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in [*cells, []])
    path = write(tmp_path / "s.tsv", table, "utf-16")
    assert SOURCE.recognises(path)
    (outcome,) = take(path)
    assert outcome.rows[0]["score"] == 4 and "utf-16" in outcome.plan.note


def test_ragged_rows_and_outliers_are_set_aside(tmp_path: Path, take: Any) -> None:
    cells = [{"NPS": "9"}, {"NPS": "11"}, {"NPS": "8", "RecordedDate": "soon", "EndDate": ""}]
    text = export({"NPS": ("x", "QID1")}, cells)
    (outcome,) = take(write(tmp_path / "s.csv", text + "a,b\r\n"))
    assert [row["score"] for row in outcome.rows] == [9]
    assert [line for line, _ in outcome.problems] == [5, 6, 7]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("order_id,amount\r\n1,2\r\n", "has no ResponseId, .* by its header: order_id, amount"),
        ("ResponseId,NPS\r\nR_1,2\r\n", "has no ResponseId, or no RecordedDate and no EndDate"),
        ("", "is empty"),
        ('[{"a": 1}]', "holds JSON"),
    ],
)
def test_an_unusable_file_is_refused_in_one_sentence(content: str, message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", content)
    assert not SOURCE.recognises(path)
    with pytest.raises(IntakeError, match=message) as caught:
        SOURCE.plans([path])
    assert "s.csv" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "header",
    [
        "answer_id,customer_id,instrument,score,answered_at",
        "review_id,order_id,review_score,review_creation_date",
        "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,Q1",
        "No.,Response ID,Timestamp,Finished,Survey ID",
        "#,How satisfied?,Response Type,Start Date (UTC),Stage Date (UTC),Submit Date (UTC),Network ID,Tags",
    ],
)
def test_other_formats_are_not_taken_for_qualtrics(header: str, tmp_path: Path) -> None:
    assert not SOURCE.recognises(write(tmp_path / "s.csv", f"{header}\r\n{'1,' * header.count(',')}1\r\n"))


def test_recognising_never_raises(tmp_path: Path) -> None:
    (tmp_path / "noise.csv").write_bytes(bytes(range(256)) * 40)
    for path in (tmp_path / "noise.csv", tmp_path / "absent.csv", tmp_path):
        assert not SOURCE.recognises(path)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real exports are not beside the repository")
@pytest.mark.parametrize("name", ["sample.csv", "sample_legacy.csv"])
def test_real_exports(name: str, take: Any) -> None:
    assert SOURCE.recognises(REAL / name)
    (outcome,) = take(REAL / name)
    assert (outcome.read, outcome.skipped, outcome.problems) == (1, 1, [])
    assert "no question was recognised" in outcome.plan.note


GIVEN = st.lists(st.text(min_size=1).filter(str.strip), max_size=8)


@given(GIVEN, st.sampled_from(["nps", "csat", "ces", "belief"]), st.text())
def test_any_answers_give_a_scale_that_holds_their_numbers(texts: list[str], instrument: str, text: str) -> None:
    given_answers = [one.strip() for one in texts]
    low, high, numbers = scaled(Question("Q", instrument, True), text, given_answers)
    assert 0 <= low < high <= 10
    assert set(numbers) <= set(given_answers)
    for number in numbers.values():
        float(number)


@given(st.integers(1, 10), st.integers(1, 10))
def test_ease_keeps_its_order_on_any_scale(one: int, other: int) -> None:
    low, high, numbers = scaled(Question("Q", "ces", True), "it was easy", [str(one), str(other)])
    assert (low, high) == (1, 7)
    assert (float(numbers[str(one)]) < float(numbers[str(other)])) == (one < other)
