"""Qualtrics: responses exported as CSV or TSV, in the current layout (names, texts, ImportIds) or the legacy one (V1).

Columns are known by the third row's ImportId where it is there, else by name, legacy V columns by the second row's
text: none of these is localised. Each recognised question gives one row per response, keyed ResponseId-name:

- by name: NPS, CSAT, CES, EXPECTATION, PERCEPTION, BELIEF, BELIEVED_EXPECTATION, IMPORTANCE, with stage and dimension
  behind it if there are any (CSAT_onboard, PERCEPTION_get_help_reliability); by an accompanying _NPS_GROUP column;
- by words of its text in five languages, if most of its answers are numbers or choices known here.

`X_TEXT` is the comment on X. Scales: nps 0-10, importance 0-100, ces 1-7, the others 1-5, wider (7, 10) or from 0 where
the text or an answer says so. The metric takes ces on 1-5 for effort, on 1-7 for ease; other ces answers are brought to
1-7. Partial responses are answers too: what they hold is loaded. ExternalReference is the company's own customer key,
and stands for the respondent's e-mail address in all files given together.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import re
import zoneinfo
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cx_metrics.intake.plan import IntakeError, Plan, Reading, Row
from cx_metrics.intake.source import Source
from cx_metrics.intake.sources.qualtrics_questions import Question, question, scaled, scored
from cx_metrics.intake.text import TextFile, examine, header_of, text_rows

_ROLES = {  # ImportId, name or legacy text, in small letters -> what the column is to us
    "recordid": "response", "responseid": "response", "status": "status", "responsetype": "status",
    "recordeddate": "recorded", "enddate": "ended", "recipientemail": "email", "emailaddress": "email",
    "externaldatareference": "reference", "externalreference": "reference", "recipientfirstname": "first",
    "recipientlastname": "last", "distributionchannel": "channel", "finished": "finished",
}  # fmt: skip
# Bits of Status; 4 imported, 16 offline, 32 EX are real.
_UNREAL = {"spam": 8, "synthetic": 256, "preview": 1, "test": 2}  # a spam preview is spam
_LEFT_OUT = {"preview": "previews", "test": "tests", "spam": "spam", "synthetic": "synthetic"}
_UNSEEN = "-99"  # what Qualtrics writes, if asked to, for a question that was shown and not answered
_EMPLOYEES = ("belief", "believed_expectation")
_UNKNOWN = (
    "no question was recognised as nps, csat or ces: name it so in Qualtrics (the export tag, with the stage behind it "
    "if you like: CSAT_onboard), or describe the file in a mapping"
)


@dataclass(frozen=True)
class Survey:
    """The layout of one export.

    roles: what a column is to us -> its name. labels: name -> (ImportId, text). leading: header rows after the first.
    timezone: IANA name of the zone that its dates are in. people: e-mail address -> the company's own customer key.
    """

    path: Path
    roles: dict[str, str]
    labels: dict[str, tuple[str, str]]
    leading: int
    timezone: str
    people: dict[str, str]


def _small(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _entry(cell: str | None) -> Mapping[str, str]:
    """A cell of the third header row: {"ImportId": ..., "timeZone": ...}."""
    with contextlib.suppress(ValueError):
        entry = json.loads(cell or "") if (cell or "")[:1] == "{" else {}
        return entry if "ImportId" in entry else {}
    return {}


def layout(text: TextFile, people: dict[str, str]) -> Survey | None:
    """The layout of an export by its first rows; None for what has no responses that can be told apart and dated."""
    names = [name for name in header_of(text, Reading())[1] if name]
    head = [row.cells for row in itertools.islice(text_rows(text, Reading()), 2)]
    third = next((n for n, row in enumerate(head) if any(_entry(cell) for cell in row.values())), None)
    entries = {name: _entry(head[third].get(name)) for name in names} if third is not None else {}
    texts = head[0] if head else {}
    labels = {name: (entries.get(name, {}).get("ImportId", ""), texts.get(name) or "") for name in names}
    roles: dict[str, str] = {}
    for name, (key, words) in labels.items():
        known = _small(key or (words if re.fullmatch(r"V\d+", name) else name))
        if known in _ROLES:
            roles.setdefault(_ROLES[known], name)
    if "response" not in roles or roles.keys().isdisjoint(("recorded", "ended")):
        return None
    leading = third + 1 if third is not None else 0 if (texts.get(roles["response"]) or "R_").startswith("R_") else 1
    zones = {entry.get("timeZone", "") for entry in entries.values()} & zoneinfo.available_timezones()
    return Survey(text.path, roles, labels, leading, min(zones, default="UTC"), people)


def responses(survey: Survey) -> Iterator[Row]:
    """The responses below the header rows; previews, tests and spam are marked as skipped."""
    for row in itertools.islice(text_rows(examine(survey.path), Reading()), survey.leading, None):
        yield Row(row.line, row.cells, row.problem, skip=bool(_unreal(survey, row)) and row.problem is None)


def _unreal(survey: Survey, row: Row) -> str:
    """What a response is that nobody gave in earnest: a key of _UNREAL; "" where it is real."""
    state, channel = (_cell(survey, row, name).lower() for name in ("status", "channel"))
    for name, bit in _UNREAL.items():
        if int(state) & bit if state.isdigit() else name in state:
            return name
    return channel if channel in ("preview", "test") else ""


def _cell(survey: Survey, row: Row, role: str) -> str:
    return (row.cells.get(survey.roles.get(role, "")) or "").strip()


def _customer(survey: Survey, row: Row) -> str | None:
    email = _cell(survey, row, "email").lower()
    return _cell(survey, row, "reference") or survey.people.get(email) or (f"qualtrics:{email}" if email else None)


def _answers(path: Path, survey: Survey, asked: Question, comment: str) -> Iterator[Row]:
    """Rows of one question; what was not answered is skipped. An employee is no customer."""
    for row in responses(survey):
        score, said, response = row.cells.get(asked.column), row.cells.get(comment), _cell(survey, row, "response")
        score = "" if score == _UNSEEN else score
        cells = {
            "answer_id": f"{response}-{asked.column}" if response else None, "score": score, "comment": said,
            "answered_at": _cell(survey, row, "recorded") or _cell(survey, row, "ended"),
            "customer_id": None if asked.instrument in _EMPLOYEES else _customer(survey, row),
        }  # fmt: skip
        silent = not (score or "").strip() and not (said or "").strip() and row.problem is None
        yield Row(row.line, cells, row.problem, row.skip or silent, json.dumps(row.cells, ensure_ascii=False))


def _customers(path: Path, survey: Survey) -> Iterator[Row]:
    """Rows of respondents with an e-mail address, each person once."""
    seen: set[str | None] = {None}
    for row in responses(survey):
        key, email = _customer(survey, row), _cell(survey, row, "email")
        name = f"{_cell(survey, row, 'first')} {_cell(survey, row, 'last')}"
        skip = row.problem is None and (row.skip or not email or key in seen)
        yield Row(row.line, {"customer_id": key, "email": email, "name": name}, row.problem, skip)
        seen.update(() if skip else {key})


def plans(paths: Sequence[Path]) -> list[Plan]:
    """A plan for each question of each export, and one for its customers. Raises IntakeError for what is none."""
    people: dict[str, str] = {}
    return [plan for path in paths for plan in _plans(path, people)]


def _plans(path: Path, people: dict[str, str]) -> list[Plan]:
    text = examine(path)
    survey = layout(text, people)
    if survey is None:
        have = ", ".join(header_of(text, Reading())[1][:12])
        raise IntakeError(f"{path.name} has no ResponseId, or no RecordedDate and no EndDate, by its header: {have}")
    taken = survey.roles.values()
    asked = [one for name in survey.labels if (one := question(survey.labels, taken, name))]
    given: dict[str, Counter[str]] = {one.column: Counter() for one in asked}
    reached, kinds = False, Counter[str]()
    for row in responses(survey):
        if row.problem is None:
            unfinished = _cell(survey, row, "finished").lower() in ("0", "false")
            kinds[_unreal(survey, row) or ("unfinished" if unfinished else "")] += 1
        email, reference = _cell(survey, row, "email").lower(), _cell(survey, row, "reference")
        reached = reached or bool(email and not row.skip)
        if email and reference and people.setdefault(email, reference) != reference:
            people[email] = ""  # an address that several share says nothing
        for column, counts in given.items() if not (row.skip or row.problem) else ():
            counts.update({(row.cells.get(column) or "").strip()} - {"", _UNSEEN})
    recognised = [one for one in asked if one.surely or scored(given[one.column])]
    note = "; ".join(filter(None, (_counted(kinds), text.note)))
    found = [_plan(survey, note, one, given[one.column]) for one in recognised]
    if not found:
        found = [_plan(survey, note, Question("", "csat", True), {})]  # every row of no column is unanswered
    if reached and any(plan.constants["respondent"] == "customer" for plan in found):
        reading = Reading(reader=functools.partial(_customers, survey=survey))
        columns = {name: name for name in ("customer_id", "email", "name")}
        found.append(Plan("qualtrics", "customers", path, columns, reading=reading, note=text.note))
    return found


def _counted(kinds: Mapping[str, int]) -> str:
    """How many responses are left out and why, and how many of the others are unfinished; "" where none are."""
    left = [f"{kinds[name]:,} {words}" for name, words in _LEFT_OUT.items() if kinds.get(name)]
    said = [f"of {sum(kinds.values()):,} responses left out: {', '.join(left)}"] if left else []
    return "; ".join([*said, *([f"{kinds['unfinished']:,} unfinished kept"] if kinds.get("unfinished") else [])])


def _plan(survey: Survey, note: str, asked: Question, given: Mapping[str, int]) -> Plan:
    key, words = survey.labels.get(asked.column, ("", ""))
    low, high, numbers = scaled(asked, words.lower(), list(given))
    wanted = {f"{one}_{end}" for one in (asked.column, key) if one for end in ("TEXT", "COMMENT")}
    comment = next((name for name, (its, _) in survey.labels.items() if name in wanted or its in wanted), "")
    constants = {
        "instrument": asked.instrument, "stage": asked.stage, "dimension": asked.dimension, "scale_min": str(low),
        "scale_max": str(high), "question": asked.column,
        "respondent": "employee" if asked.instrument in _EMPLOYEES else "customer",
    }  # fmt: skip
    columns = {name: name for name in ("answer_id", "customer_id", "score", "comment", "answered_at")}
    read = f"{asked.column} was read as {asked.instrument}, {low}-{high}" if asked.column else _UNKNOWN
    return Plan(
        "qualtrics", "survey_answers", survey.path, columns, {name: v for name, v in constants.items() if v},
        values={"score": {answer: n for answer, n in numbers.items() if answer != n}}, timezone=survey.timezone,
        reading=Reading(reader=functools.partial(_answers, survey=survey, asked=asked, comment=comment)),
        note="; ".join(filter(None, (read, note))),
    )  # fmt: skip


def recognises(path: Path) -> bool:
    """Whether the first rows of a file are those of a Qualtrics export. Never raises."""
    try:
        with path.open("rb") as file:
            start = file.read(2)
        encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        survey = layout(TextFile(path, encoding, clean=False), {})
    except Exception:  # whatever is wrong with a file, it is not recognised
        return False
    return survey is not None and "status" in survey.roles


SOURCE = Source(
    name="qualtrics",
    title="Qualtrics",
    files="survey responses exported as CSV or TSV, current or legacy layout",
    recognises=recognises,
    plans=plans,
)
