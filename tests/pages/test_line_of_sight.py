"""The page of the line of sight: a team's sentence, its picture and tables, choices in the URL."""

from __future__ import annotations

import shlex

import pytest

from cx_metrics.analyses.line_of_sight import line_of_sight
from cx_metrics.charts.line_of_sight import CUSTOMERS
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, last_year, opened, plain, shown, use, well

ROW = {"occurred_at": "2026-01-05", "channel": "chat", "stage": "pay", "reason": "bill", "outcome": "abandoned",
       "handle_seconds": 600}  # fmt: skip
LAST = {"interaction_id": "last", "occurred_at": "2026-03-01"}


def test_all_teams(company: Warehouse) -> None:
    test, found = opened("line_of_sight", line_team="<script>"), line_of_sight(company, last_year(company))
    text = shown(test)
    for sentence in (*found.sentences, *found.assumptions):
        assert sentence in text
    assert test.dataframe[0].value["team"].tolist() == found.tables["teams"]["team"].tolist()
    assert not charts(test)


def test_one_team(company: Warehouse) -> None:
    scope = last_year(company)
    teams = line_of_sight(company, scope).tables["teams"]
    team = teams.loc[teams["hops"] == 1, "team"].iloc[0]
    test, found = opened("line_of_sight", line_team=team), line_of_sight(company, scope, team)
    text = shown(test)
    for sentence in found.sentences:
        assert sentence in text
    sight, _ = charts(test)
    labels = sight["data"][0]["node"]["label"]
    reach = found.tables["reach"].dropna(subset="n")
    assert labels[0] == team and labels[-1] == CUSTOMERS and len(set(reach["touchpoint"]) & set(labels)) > 1
    values, starts = (sight["data"][0]["link"][name] for name in ("value", "source"))
    wanted = reach.loc[reach["way"] == "owns", "n"].sum()
    assert sum(value for value, start in zip(values, starts, strict=True) if start == 0) == wanted > 0
    (command,) = test.code
    own, friction = command.value.splitlines()
    assert shlex.split(own)[:5] == ["cx-metrics", "analyse", "line-of-sight", "--team", team]
    most = reach[reach["way"] == "owns"].groupby("touchpoint")["n"].sum().idxmax()
    assert shlex.split(friction)[2:5] == ["friction", "--where", f"touchpoint={most}"]


def test_choices_are_in_the_url(company: Warehouse) -> None:
    test = opened("line_of_sight", line_team="Care North")
    assert test.selectbox(key="line_team").value == "Care North"
    well(test.selectbox(key="line_figure").set_value("csat").run())
    assert dict(test.query_params)["line_figure"] in ("csat", ["csat"])
    well(test.selectbox(key="line_team").set_value("").run())
    assert "line_team" not in dict(test.query_params)


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    assert "There are no data yet" in shown(opened("line_of_sight"))
    use(monkeypatch, filled(embedded, {"interactions": [LAST]}))
    assert "**Teams** come from contacts" in shown(opened("line_of_sight"))


def test_hostile_texts_stay_texts(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    owned, team = HOSTILE[0], HOSTILE[1]
    rows = [
        {**ROW, "interaction_id": f"{place}-{i}", "customer_id": f"{place}-{i}", "touchpoint": name, "team": HOSTILE[2]}
        for place, name in enumerate((owned, HOSTILE[3])) for i in range(20)
    ]  # fmt: skip
    owners = [{"touchpoint": owned, "team": team}]
    use(monkeypatch, filled(embedded, {"interactions": [*rows, LAST], "touchpoint_owners": owners}))
    test = opened("line_of_sight", line_team=team)
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert f"met what {team} owns ({owned})" in plain(written)
    assert not any(name in written for name in (owned, team, HOSTILE[2], HOSTILE[3]))
    assert HOSTILE[3] in set(test.dataframe[-1].value["touchpoint"])
    for chart in test.get("plotly_chart"):
        assert "<script" not in chart.proto.spec and "<b>" not in chart.proto.spec
