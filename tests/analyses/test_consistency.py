"""Consistency of channels, proactive contacts and the front line, counted by hand."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.consistency import consistency
from cx_metrics.charts.consistency import ALL, INDEX
from cx_metrics.export import to_json
from cx_metrics.scope import Scope
from tests.conftest import Embedded, MakeWarehouse

Row = dict[str, Any]
START = datetime(2024, 3, 4, 9)
END = {"interaction_id": "end", "occurred_at": START + timedelta(days=60)}
TABLES = {"channels", "spread", "proactive", "proactive_effect", "front_line", "front_line_teams"}
_numbers = itertools.count(1)


def contacts(count: int, **more: Any) -> Iterator[Row]:
    """Contacts of customers of their own, resolved by phone, unless `more` says otherwise."""
    for _ in range(count):
        number = next(_numbers)
        yield {
            "interaction_id": f"i{number}", "customer_id": f"c{number}", "occurred_at": START, "reason": "invoice",
            "channel": "phone", "outcome": "resolved", "wait_seconds": 10, "handle_seconds": 50,
            "initiated_by": "customer", "team": "red", **more,
        }  # fmt: skip


def answers(rows: list[Row], instrument: str, scores: list[float]) -> list[Row]:
    """One answer about each contact."""
    return [{"answer_id": f"{instrument}-{row['interaction_id']}", "interaction_id": row["interaction_id"],
             "customer_id": row["customer_id"], "instrument": instrument, "score": score,
             "answered_at": row["occurred_at"]} for row, score in zip(rows, scores, strict=True)]  # fmt: skip


def analysed(embedded: Embedded, *parts: Iterator[Row], answers: list[Row] | None = None) -> Analysis:
    rows = [*itertools.chain(*parts), END]
    return consistency(embedded.warehouse({"interactions": rows, "survey_answers": answers or []}), Scope())


def figures(table: pd.DataFrame, measure: str) -> dict[tuple[str, str], tuple[float, float]]:
    """(reason, channel) -> n and share."""
    own = table[table["measure"] == measure]
    return {(row.reason, row.channel): (row.n, row.share) for row in own.itertuples()}


# --- channels --------------------------------------------------------------------------------------------------------


def test_channels_by_hand(make_warehouse: MakeWarehouse) -> None:
    back = list(contacts(10, channel="chat"))
    later = [{**row, "interaction_id": f"{row['interaction_id']}b", "occurred_at": START + timedelta(days=7),
              "outcome": None, "wait_seconds": None} for row in back]  # fmt: skip
    young = END["occurred_at"] - timedelta(days=7) + timedelta(seconds=1)
    rows = [
        *contacts(30), *contacts(10, outcome="unresolved", handle_seconds=500),
        *back, *later, *contacts(20, channel="chat", handle_seconds=30), *contacts(4, channel="chat", occurred_at=young),
        *contacts(29, channel="post", reason="login"), *contacts(6, channel=None), *contacts(5, reason=None), END,
    ]  # fmt: skip
    found = consistency(make_warehouse({"interactions": rows}), Scope())
    table = found.tables["channels"]
    assert figures(table, "resolved") == {
        ("invoice", "phone"): (40, 75), ("invoice", "chat"): (34, 100), ("login", "post"): (29, 100),
    }  # fmt: skip
    repeat = figures(table, "repeat")
    assert repeat["invoice", "phone"] == (40, 0)
    # of chat, ten came back exactly after seven days; their second contacts came too, the four are too young
    assert repeat["invoice", "chat"] == (40, 25)
    # 60 s is the usual time: more needed 10 by phone (550 s), and none by chat; the ten open cases have no time
    assert figures(table, "slow")["invoice", "phone"] == (40, 25)
    assert figures(table, "slow")["invoice", "chat"] == (34, 0)
    assert table.groupby("channel", sort=False)["contacts"].first().to_dict() == {"chat": 44, "phone": 40, "post": 29}
    assert table.groupby("channel")["compared"].all().to_dict() == {"chat": True, "phone": True, "post": False}
    assert set(found.tables["spread"]["reason"]) == {ALL, "invoice"}
    assert any("Left out: 12 contacts without a reason or channel" in text for text in found.assumptions)


def test_the_time_of_a_resolved_case_is_that_of_the_case(embedded: Embedded) -> None:
    """A case resolved by its second contact, an hour later by phone, took an hour and a minute for both."""
    first = [{**row, "case_id": f"k{i}", "outcome": "unresolved"} for i, row in enumerate(contacts(20, channel="chat"))]
    second = [{**row, "interaction_id": f"{row['interaction_id']}b", "channel": "phone", "outcome": "resolved",
               "occurred_at": START + timedelta(hours=1)} for row in first]  # fmt: skip
    found = analysed(embedded, iter(first), iter(second), contacts(50, channel="web"))
    assert figures(found.tables["channels"], "slow") == {
        ("invoice", "chat"): (20, 100), ("invoice", "phone"): (20, 100), ("invoice", "web"): (50, 0),
    }  # fmt: skip


def test_small_cells_are_hidden(embedded: Embedded) -> None:
    found = analysed(embedded, contacts(40), contacts(3, channel="chat"), contacts(7, channel="web")).tables["channels"]
    hidden = found[found["channel"].isin(["chat", "web"])]
    assert hidden[["contacts", "n", "share", "low", "high"]].isna().all(axis=None) and not hidden["compared"].any()
    assert found[found["channel"] == "phone"]["n"].tolist() == [40, 40, 40]


def test_a_reason_that_is_called_like_all(embedded: Embedded) -> None:
    rows = [contacts(40, reason=ALL), contacts(40, reason=ALL, channel="chat", outcome="abandoned")]
    spread = analysed(embedded, *rows).tables["spread"]
    assert list(dict.fromkeys(spread["reason"])) == [ALL, f"“{ALL}”"]


def test_sentences(embedded: Embedded) -> None:
    apart = [
        contacts(400),
        contacts(100),
        contacts(200, channel="chat"),
        contacts(300, channel="chat", outcome="abandoned"),
    ]
    alike = [contacts(500, reason="login"), contacts(500, reason="login", channel="chat")]
    said = analysed(embedded, *apart, *alike).sentences
    assert said[0].startswith(
        "On the same reason, channels differ by 21.2 points in what is resolved, 0.0 points in what"
    )
    assert "a consistency index of 92.9 out of 100" in said[0]
    assert said[1].startswith("Least and most alike: invoice 90.0") and "and login 100.0" in said[1]
    assert said[2] == (
        "Farthest apart in what is resolved: invoice, 40.0 % by chat (n = 500) against 100.0 % by phone (n = 500)."
    )


def test_equal_channels(embedded: Embedded) -> None:
    found = analysed(embedded, *(contacts(count, channel=channel, outcome=outcome) for channel in ("phone", "chat")
                                 for outcome, count in (("resolved", 70), ("unresolved", 30))))  # fmt: skip
    assert found.sentences[0].startswith("On the same reason, channels do not differ clearly; by 0.0 points")
    index = found.tables["spread"].set_index(["reason", "measure"])["value"]
    assert index[ALL, INDEX] == 100


# --- proactive -------------------------------------------------------------------------------------------------------


def test_the_matched_difference_is_not_the_raw_one(embedded: Embedded) -> None:
    """The company calls about deliveries, where all are satisfied; on each reason it makes no difference."""
    company = {"initiated_by": "company"}
    calls = [*contacts(40, reason="delivery", **company), *contacts(20, reason="bill", **company)]
    asked = [*contacts(20, reason="delivery"), *contacts(80, reason="bill"), *contacts(15, reason="only here")]
    half = [score for _ in range(100) for score in (5.0, 1.0)]
    csat = answers(calls, "csat", [5.0] * 40 + half[:20])
    csat += answers(asked, "csat", [5.0] * 20 + half[:80] + half[:15])
    found = analysed(embedded, iter(calls), iter(asked), answers=csat)
    effect = found.tables["proactive_effect"].set_index(["instrument", "comparison"]).loc["csat"]
    raw, matched = effect.loc["raw"], effect.loc["matched"]
    assert (raw["n_proactive"], raw["n_customer"], matched["n_proactive"], matched["n_customer"]) == (60, 115, 60, 100)
    assert raw["difference"] == pytest.approx(100 * (50 / 60 - 68 / 115))
    assert matched["difference"] == pytest.approx(0) and matched["low"] < 0 < matched["high"]
    assert matched["proactive"] == pytest.approx(100 * 50 / 60) == matched["customer"]
    assert (matched["strata"], matched["strata_left_out"], matched["customer_left_out"]) == (2, 1, 15)
    (said,) = [text for text in found.sentences if text.startswith("CSAT")]
    assert "+0.0 points" in said and "no clear difference, n = 60 and 100; not matched it would be +24.2." in said
    assert "NPS: too few answers about contacts to compare them." in found.sentences
    assert "The company began 34.3 % of contacts before the customer had to" in " ".join(found.sentences)


def test_nps_is_in_points(embedded: Embedded) -> None:
    calls, asked = list(contacts(20, initiated_by="company")), list(contacts(40))
    nps = answers(calls, "nps", [10.0, 9.0] * 10) + answers(asked, "nps", [9.0, 8.0, 7.0, 0.0] * 10)
    effect = analysed(embedded, iter(calls), iter(asked), answers=nps).tables["proactive_effect"]
    row = effect[(effect["instrument"] == "nps") & (effect["comparison"] == "matched")].iloc[0]
    assert (row["proactive"], row["customer"], row["difference"]) == (100, 0, 100)
    assert row["high"] - row["difference"] == pytest.approx(1.959964 * 100 * (20 / 39 / 40) ** 0.5, rel=1e-6)


def test_who_had_called_before_is_no_proactive_contact(embedded: Embedded) -> None:
    asked = list(contacts(30, case_id="k"))
    asked = [{**row, "case_id": f"k{i}"} for i, row in enumerate(asked)]
    back = [{**row, "interaction_id": f"{row['interaction_id']}b", "initiated_by": "company",
             "occurred_at": START + timedelta(hours=1)} for row in asked]  # fmt: skip
    found = analysed(embedded, iter(asked), iter(back), answers=answers(back, "csat", [5.0] * 30))
    assert found.tables["proactive"]["value"].iloc[0] == 0
    assert (found.tables["proactive_effect"]["n_proactive"] == 0).all()


# --- front line ------------------------------------------------------------------------------------------------------


def test_teams_are_ranked_from_thirty_on(embedded: Embedded) -> None:
    rows = [contacts(50), contacts(50, transfers=1), contacts(100, team="blue"), contacts(29, team="few"),
            contacts(40, team=None)]  # fmt: skip
    found = analysed(embedded, *rows)
    teams = found.tables["front_line_teams"].set_index("team")
    assert teams["value"].to_dict() == {"blue": 100, "red": 50, "(not given)": 100, "few": 100}
    assert teams["rank"].dropna().to_dict() == {"blue": 1, "red": 2}
    assert found.sentences[-1] == (
        "Resolved without escalation most and least often: blue 100.0 % (96.3 to 100.0 %) and red 50.0 % (40.4 to 59.6 %)."
    )
    cells = found.tables["front_line"].set_index(["team", "reason"])
    assert (cells["n"]["red", "invoice"], cells["value"]["red", "invoice"]) == (100, 50)


# --- little or nothing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [{}, {"interactions": [END]}, {"interactions": [*contacts(1), END]}])
def test_nothing_to_compare(given: Any, embedded: Embedded) -> None:
    found = consistency(embedded.warehouse(given), Scope())
    assert set(found.tables) == TABLES
    assert found.sentences[0] == "No reason has two channels with 30 contacts each, so that nothing can be compared."
    assert found.tables["spread"].empty and found.tables["channels"]["share"].isna().all()
    document = json.loads(to_json(found.to_dict()))
    assert document["analysis"] == "consistency" and len(document["assumptions"]) > 3
