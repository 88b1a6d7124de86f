"""The relationship survey (NPS, twice a year) as a current Qualtrics CSV export with three header rows."""

import json
from collections.abc import Iterator

import numpy as np

from sample_data.canonical import speaks_german
from sample_data.files import Row
from sample_data.people import Customers
from sample_data.surveys import Relationship
from sample_data.talk import comments, is_german
from sample_data.world import World

# column name, question text, ImportId
COLUMNS = (
    ("StartDate", "Start Date", "startDate"),
    ("EndDate", "End Date", "endDate"),
    ("Status", "Response Type", "status"),
    ("IPAddress", "IP Address", "ipAddress"),
    ("Progress", "Progress", "progress"),
    ("Duration (in seconds)", "Duration (in seconds)", "duration"),
    ("Finished", "Finished", "finished"),
    ("RecordedDate", "Recorded Date", "recordedDate"),
    ("ResponseId", "Response ID", "_recordId"),
    ("RecipientLastName", "Recipient Last Name", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"),
    ("ExternalReference", "External Data Reference", "externalDataReference"),
    ("LocationLatitude", "Location Latitude", "locationLatitude"),
    ("LocationLongitude", "Location Longitude", "locationLongitude"),
    ("DistributionChannel", "Distribution Channel", "distributionChannel"),
    ("UserLanguage", "User Language", "userLanguage"),
    ("NPS_NPS_GROUP", "How likely are you to recommend Nordlicht Home to a friend? - Group", "QID1_NPS_GROUP"),
    ("NPS", "How likely are you to recommend Nordlicht Home to a friend?", "QID1"),
    ("NPS_TEXT", "What is the main reason for your score?", "QID2_TEXT"),
)
HEADER = tuple(name for name, _, _ in COLUMNS)
DATED = ("startDate", "endDate", "recordedDate")
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
NOBODY = ("",) * 6  # names, e-mail, reference and place of a row that is no customer's
PREVIEW_EVERY, SPAM_EVERY, PARTIAL_EVERY = 60, 75, 50  # every so many answers one row that is no answer


def header_rows() -> list[Row]:
    """The second and third header rows."""
    ids = [{"ImportId": key, "timeZone": "UTC"} if key in DATED else {"ImportId": key} for _, _, key in COLUMNS]
    return [[text for _, text, _ in COLUMNS], [json.dumps(entry, separators=(",", ":")) for entry in ids]]


def answer_rows(survey: Relationship, customers: Customers, world: World) -> Iterator[Row]:
    """One row per answer by time, with preview, spam and partial rows among them."""
    rng = world.stream("qualtrics")
    count = len(survey.score)
    level = np.where(survey.score >= 9, 1, np.where(survey.score >= 7, 0, -1))
    texts = comments(level, np.full(count, -1), speaks_german(customers)[survey.customer], 0.45, rng)
    picks = rng.integers(0, 1 << 30, size=(count, 4)).tolist()
    known = (rng.random(count) < 0.6).tolist()
    started, finished = (np.datetime_as_string(t.astype("datetime64[s]")) for t in (survey.started, survey.finished))
    for n, (customer, value) in enumerate(zip(survey.customer.tolist(), survey.score.tolist(), strict=True)):
        start, end = str(started[n]).replace("T", " "), str(finished[n]).replace("T", " ")
        seconds = int(survey.finished[n] - survey.started[n])
        answer_id = "R_" + "".join(LETTERS[(picks[n][i % 4] >> (7 * (i // 4))) % 62] for i in range(15))
        reference = customers.ids[customer] if known[n] else ""
        person = (customers.last[customer], customers.first[customer], customers.email[customer], reference, "", "")
        address, language = f"203.0.113.{picks[n][0] % 254 + 1}", "DE" if is_german(texts[n]) else "EN"
        group = "Promoter" if value >= 9 else "Passive" if value >= 7 else "Detractor"
        if n % PARTIAL_EVERY == 23:  # gave up, then answered after all
            head = (start, end, "IP Address", address, 50, seconds, "False", end, f"{answer_id[:-2]}pt")
            yield *head, *person, "email", language, "", "", ""
        head = (start, end, "IP Address", address, 100, seconds, "True", end, answer_id)
        yield *head, *person, "email", language, group, value, texts[n]
        if n % PREVIEW_EVERY == 11:
            head = (start, end, "Survey Preview", "", 100, 20, "True", end, f"{answer_id[:-2]}pv")
            yield *head, *NOBODY, "preview", "EN", group, value, "test"
        if n % SPAM_EVERY == 17:
            head = (start, end, "Spam", address, 100, 3, "True", end, f"{answer_id[:-2]}sp")
            yield *head, *NOBODY, "anonymous", "EN", "Promoter", 10, "Buy now"
