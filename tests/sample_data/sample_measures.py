"""Reading a generated company back with pandas and measuring its known truths."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

BACK_WITHIN = pd.Timedelta(days=7)


@dataclass(frozen=True)
class Company:
    """The good rows of one generated company; tickets are among `contacts`, their ratings among `csat`."""

    contacts: pd.DataFrame  # one row per contact with at, wait (seconds), returned, next_channel
    csat: pd.DataFrame  # one row per invitation after a contact: the contact's columns, answered, top (1 = score 4-5)
    answers: pd.DataFrame  # survey_answers.csv
    messages: pd.DataFrame  # agents' and bots' and customers' messages with team
    customers: pd.DataFrame


def read(folder: Path) -> Company:
    """Read what `generate` wrote to `folder`, leaving out the rows that are bad on purpose."""
    customers = pd.read_csv(folder / "canonical/customers.csv").drop_duplicates("customer_id")
    contacts = pd.concat([_interactions(folder), _tickets(folder, customers)], ignore_index=True)
    contacts = contacts.sort_values(["case_id", "at"], kind="stable")
    following = contacts.groupby("case_id")[["at", "channel"]].shift(-1)
    contacts["returned"] = (following["at"] - contacts["ended_at"].fillna(contacts["at"])) < BACK_WITHIN
    contacts["next_channel"] = following["channel"]
    contacts = contacts.merge(customers[["customer_id", "region"]], on="customer_id")
    answers = pd.read_csv(folder / "canonical/survey_answers.csv", low_memory=False)
    answers = answers[answers["score"].isna() | answers["score"].between(answers["scale_min"], answers["scale_max"])]
    return Company(contacts, _csat(folder, answers, contacts), answers, _messages(folder, contacts), customers)


def _interactions(folder: Path) -> pd.DataFrame:
    """interactions.csv without its bad rows."""
    with (folder / "canonical/interactions.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, on_bad_lines="skip", engine="c", dtype={"interaction_id": str})
    table["at"] = pd.to_datetime(table["occurred_at"], errors="coerce")
    table["ended_at"] = pd.to_datetime(table["ended_at"])
    table["wait"] = table["wait_seconds"]
    return table[table["at"].notna() & ~(table["wait"] < 0) & table["interaction_id"].notna()]


def _tickets(folder: Path, customers: pd.DataFrame) -> pd.DataFrame:
    """Tickets as contacts, with the customer found by the e-mail address."""

    def items(name: str) -> pd.DataFrame:
        return pd.DataFrame(json.loads((folder / f"zendesk/{name}.json").read_text(encoding="utf-8"))[name])

    tickets, users, metrics, groups = (items(name) for name in ("tickets", "users", "ticket_metrics", "groups"))
    tickets = tickets[tickets["id"].isin(metrics["ticket_id"])]
    people = users.merge(customers[["customer_id", "email"]], on="email").set_index("id")["customer_id"]
    tags = tickets["tags"].map(lambda values: dict(value.split("_", 1) for value in values))
    metrics = metrics.set_index("ticket_id").loc[tickets["id"]]
    return pd.DataFrame(
        {
            "interaction_id": tickets["id"].astype(int).astype(str).to_numpy(),
            "customer_id": tickets["requester_id"].map(people).to_numpy(),
            "case_id": tickets["external_id"].to_numpy(),
            "at": pd.to_datetime(tickets["created_at"]).to_numpy(),
            "ended_at": pd.to_datetime(metrics["solved_at"]).to_numpy(),
            "channel": "email",
            "handled_by": "human",
            "stage": [tag["stage"].replace("_", " ") for tag in tags],
            "reason": [tag["reason"].replace("_", " ") for tag in tags],
            "team": tickets["group_id"].map(groups.set_index("id")["name"]).to_numpy(),
            "outcome": [
                "" if status in ("new", "open") else tag.get("outcome", "resolved")
                for tag, status in zip(tags, tickets["status"], strict=True)
            ],
            "wait": [
                reply["calendar"] * 60 if reply["calendar"] is not None else np.nan
                for reply in metrics["reply_time_in_minutes"]
            ],
        }
    )


def _csat(folder: Path, answers: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """CSAT invitations and answers of contacts, from the survey and from Zendesk."""
    own = answers[(answers["instrument"] == "csat") & answers["interaction_id"].notna()]
    own = pd.DataFrame(
        {"interaction_id": own["interaction_id"], "answered": own["score"].notna(), "top": own["score"] >= 4}
    )
    ratings = json.loads((folder / "zendesk/satisfaction_ratings.json").read_text(encoding="utf-8"))[
        "satisfaction_ratings"
    ]
    rated = pd.DataFrame([r for r in ratings if r["score"] in ("good", "bad", "offered")])
    rated = pd.DataFrame(
        {
            "interaction_id": rated["ticket_id"].astype(str),
            "answered": rated["score"] != "offered",
            "top": rated["score"] == "good",
        }
    )
    return pd.concat([own, rated]).merge(contacts, on="interaction_id")


def _messages(folder: Path, contacts: pd.DataFrame) -> pd.DataFrame:
    """Messages and comments with the contact's team."""
    own = pd.read_csv(folder / "canonical/messages.csv")
    comments = pd.DataFrame(json.loads((folder / "zendesk/comments.json").read_text(encoding="utf-8"))["comments"])
    staff = comments["author_id"] < 380_000_000_000
    written = pd.DataFrame(
        {
            "interaction_id": comments["ticket_id"].astype(str),
            "author": np.where(staff, "agent", "customer"),
            "text": comments["body"],
        }
    )
    both = pd.concat([own[["interaction_id", "author", "text"]], written])
    return both.merge(contacts[["interaction_id", "team", "channel"]], on="interaction_id")


def before_after(frame: pd.DataFrame, column: str, start: object, how: str = "mean") -> tuple[float, float]:
    """`column` before and from `start` on."""
    later = frame["at"] >= pd.Timestamp(start, tz="UTC")
    return float(frame.loc[~later, column].agg(how)), float(frame.loc[later, column].agg(how))


def against(frame: pd.DataFrame, column: str, team: str, comparison: str, start: object, how: str = "mean") -> float:
    """Difference in differences of `team` and `comparison` around `start`."""
    one = before_after(frame[frame["team"] == team], column, start, how)
    other = before_after(frame[frame["team"] == comparison], column, start, how)
    return (one[1] - one[0]) - (other[1] - other[0])


def bot_in_stage(company: Company, stage: str, start: object) -> dict[str, tuple[float, float]]:
    """Chat bot contacts of `stage`: share resolved, and share of the others that come back by phone."""
    bot = company.contacts[
        (company.contacts["handled_by"] == "bot")
        & (company.contacts["channel"] == "chat")
        & (company.contacts["stage"] == stage)
        & company.contacts["ended_at"].notna()
    ]
    bot = bot.assign(resolved=bot["outcome"] == "resolved", by_phone=bot["returned"] & (bot["next_channel"] == "phone"))
    return {"resolved": before_after(bot, "resolved", start), "by_phone": before_after(bot, "by_phone", start)}


def item_points(company: Company, instrument: str) -> pd.Series:
    """Mean of an instrument by stage, in points of 0-100."""
    rows = company.answers[(company.answers["instrument"] == instrument) & company.answers["score"].notna()]
    points = (rows["score"] - rows["scale_min"]) / (rows["scale_max"] - rows["scale_min"]) * 100
    return points.groupby(rows["stage"]).mean()


def scripted_share(company: Company, texts: int = 6) -> pd.Series:
    """Share of agents' replies by team that are one of the team's `texts` most frequent masked texts."""
    replies = company.messages[company.messages["author"] == "agent"]
    masked = replies["text"].map(lambda text: re.sub(r"Dear \S+,|Kind regards, \S+$|\d", "#", text))
    shares = masked.groupby(replies["team"]).apply(lambda group: group.value_counts().head(texts).sum() / len(group))
    return shares


def empathic_share(company: Company) -> pd.Series:
    """Share of agents' replies by team that name the feeling and promise an act of their own."""
    replies = company.messages[company.messages["author"] == "agent"]
    feels = replies["text"].str.contains(
        r"truly sorry|so sorry|am sorry|frustrated|disappointing|annoyed|really upsetting|feel bad", regex=True
    )
    acts = replies["text"].str.contains(r"I will|I have|I stay|my name on", regex=True)
    return (feels & acts).groupby(replies["team"]).mean()


def into_a_stage_again(contacts: pd.DataFrame) -> pd.Series:
    """Whether each contact is in a stage that its case had been in before and had left.

    `contacts` holds whole cases, sorted by case and time.
    """
    cases = contacts.groupby("case_id", sort=False)
    entered = contacts["stage"] != cases["stage"].shift()  # a case's first contact enters, too
    return entered.groupby([contacts["case_id"], contacts["stage"]]).cumsum() > 1
