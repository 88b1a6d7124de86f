"""What customers say: every figure against pandas, on every engine; small groups; what is new; quotes."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.voice import voice
from cx_metrics.analyses.voice_quotes import quotes
from cx_metrics.judges.themes import EVERYTHING, NOT_COVERED, Theme
from cx_metrics.model import messages, survey_answers, text_words
from cx_metrics.scope import NOT_GIVEN, Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.analyses.voice_company import END, THEMES, YEAR, Said, company, speaks, texts
from tests.conftest import Embedded, MakeWarehouse


@pytest.fixture(scope="module")
def said(make_shared_warehouse: MakeWarehouse) -> Said:
    """The made-up company, on each engine."""
    return company(make_shared_warehouse)


@pytest.fixture(scope="module")
def found(said: Said) -> Analysis:
    """Its year."""
    return voice(said.warehouse, THEMES, YEAR)


def held(rows: pd.DataFrame, name: str) -> pd.Series:
    """Which texts a row of the tables stands for."""
    of_themes = rows[[theme.name for theme in THEMES]]
    whole = {EVERYTHING: of_themes.any(axis=1) | True, NOT_COVERED: ~of_themes.any(axis=1)}
    return whole[name] if name in whole else rows[name]


def test_themes(said: Said, found: Analysis) -> None:
    rows, table = texts(said, YEAR), found.tables["themes"]
    assert list(table["theme"])[-2:] == [NOT_COVERED, EVERYTHING] and set(table["n"]) == {len(rows)}
    for row in table.to_dict("records"):
        own = rows[held(rows, row["theme"])]
        if 0 < len(own) < 10:
            assert row["suppressed"] and np.isnan(row["share"]) and np.isnan(row["mood"])
            continue
        assert row["texts"] == len(own)
        if own.empty:
            continue
        low, high = proportion_confint(len(own), len(rows), method="wilson")
        assert [row["share"], row["low"], row["high"]] == pytest.approx(
            [100 * len(own) / len(rows), 100 * low, 100 * high]
        )
        moods = own["mood"].dropna()
        half = 1.959964 * moods.std() / np.sqrt(len(moods))
        assert row["moods"] == len(moods)
        if len(moods) < 10:
            assert np.isnan(row["mood"]) and np.isnan(row["negative"])
            continue
        assert row["mood"] == pytest.approx(moods.mean())
        assert [row["mood_low"], row["mood_high"]] == pytest.approx(
            [moods.mean() - half, moods.mean() + half], abs=1e-6
        )
        assert row["negative"] == pytest.approx(100 * (moods < -0.3).mean())
    sizes = table["texts"][:-2].dropna()
    assert list(sizes) == sorted(sizes, reverse=True)


def test_trend_and_places(said: Said, found: Analysis) -> None:
    rows = texts(said, YEAR)
    rows = rows.assign(
        period=pd.to_datetime(rows["at"]).dt.to_period("M").dt.start_time, stage=rows["stage"].fillna(NOT_GIVEN)
    )
    for name, keys in (("trend", ["period"]), ("places", ["stage", "channel"])):
        table = found.tables[name]
        for _, row in table.iterrows():
            cell = rows[(rows[keys] == row[keys]).all(axis=1)]
            if row["suppressed"]:
                assert np.isnan(row["share"]) and np.isnan(row["texts"])
                continue
            hits = held(cell, row["theme"]).sum()
            assert (row["n"], row["texts"]) == (len(cell), hits)
            assert row["share"] == pytest.approx(100 * hits / len(cell))
        assert len(table) == (len(THEMES) + 2) * len(rows[keys].drop_duplicates())


def answers_of(said: Said, scope: Scope, theme: Theme) -> pd.DataFrame:
    """Scored answers that have words of their own or of their contact: instrument, value, place, with."""
    own = said.contacts.set_index("interaction_id")["words"]
    rows = said.answers[said.answers["counts"] == 1]
    days = pd.to_datetime(rows["answered_at"]).dt.date
    rows = rows[(days >= scope.start) & (days <= scope.end)]
    contact = [own.get(key) for key in rows["interaction_id"]]
    rows = rows.assign(both=list(zip(rows["words"], contact, strict=True)))
    rows = rows[[any(words for words in pair) for pair in rows["both"]]]
    csat = rows["instrument"] == "csat"
    score = rows["score"]
    value = np.where(csat, 100 * (score >= 4), 100 * (score >= 9).astype(int) - 100 * (score <= 6))
    with_it = [any(words and speaks(words, theme) for words in pair) for pair in rows["both"]]
    place = rows["stage"].fillna("-") + rows["channel"].fillna("-")
    return rows.assign(value=value, side=with_it, place=place)


def test_effects(said: Said, found: Analysis) -> None:
    table = found.tables["effects"].set_index(["theme", "measure"])
    for theme in THEMES[:2]:
        rows = answers_of(said, YEAR, theme)
        for measure, of in (("CSAT", rows[rows["instrument"] == "csat"]), ("NPS", rows[rows["instrument"] == "nps"])):
            row, own, rest = table.loc[(theme.name, measure)], of[of["side"]], of[~of["side"]]
            assert (row["n_with"], row["n_without"]) == (len(own), len(rest)) and len(own) > 30
            difference = own["value"].mean() - rest["value"].mean()
            assert row["difference"] == pytest.approx(difference) and row["low"] < difference < row["high"]
            if measure == "CSAT":
                counts = (own["value"] > 0).sum(), len(own), (rest["value"] > 0).sum(), len(rest)
                low, high = confint_proportions_2indep(*counts, method="newcomb", compare="diff")
                assert [row["low"], row["high"]] == pytest.approx([100 * low, 100 * high])
            weighted, weight = 0.0, 0.0
            for _, cell in of.groupby("place"):
                a, b = cell[cell["side"]]["value"], cell[~cell["side"]]["value"]
                if len(a) and len(b):
                    weight += len(a) * len(b) / len(cell)
                    weighted += len(a) * len(b) / len(cell) * (a.mean() - b.mean())
            assert row["adjusted"] == pytest.approx(weighted / weight)
    assert table.loc[("nobody", "CSAT"), "suppressed"] and np.isnan(table.loc[("nobody", "CSAT"), "adjusted"])


def test_what_is_new(said: Said, found: Analysis) -> None:
    new = found.tables["emerging"]
    assert list(zip(new["kind"], new["name"], new["origin"], strict=True)) == [("word", "leak", "contact")]
    (row,) = new.to_dict("records")
    rows = said.contacts[said.contacts["words"].notna()]
    ago = (pd.Timestamp(END) + pd.Timedelta(days=1) - pd.to_datetime(rows["occurred_at"])).dt.days // 7
    leak = rows["words"].map(lambda words: "leak" in words)
    assert (row["texts"], row["n"]) == ((leak & (ago < 4)).sum(), (ago < 4).sum())
    assert (row["before_texts"], row["before_n"]) == ((leak & ago.between(4, 29)).sum(), ago.between(4, 29).sum())
    assert any("New in the last 4 weeks: “leak”" in sentence for sentence in found.sentences)
    within = voice(said.warehouse, (*THEMES, Theme("leaks", ("leak*",))), YEAR).tables["emerging"]
    assert list(zip(within["kind"], within["name"], strict=True)) == [("theme", "leaks")]


def test_filters(said: Said) -> None:
    by_stage = voice(said.warehouse, THEMES, replace(YEAR, filters=(("stage", ("buy",)),)))
    rows = texts(said, YEAR)
    assert by_stage.tables["themes"]["n"].iloc[0] == (rows["stage"] == "buy").sum()
    only_contacts = voice(said.warehouse, THEMES, replace(YEAR, filters=(("initiated_by", ("customer",)),)))
    assert only_contacts.tables["themes"]["n"].iloc[0] == rows["key"].str.startswith("i").sum()
    assert only_contacts.tables["effects"].empty
    customers = voice(said.warehouse, THEMES, replace(YEAR, filters=(("segment", ("a",)),)))
    assert 0 < customers.tables["themes"]["n"].iloc[0] < len(rows)
    with pytest.raises(ScopeError):
        voice(said.warehouse, THEMES, replace(YEAR, filters=(("status", ("open",)),)))


def test_nothing_said(said: Said, empty_warehouse: Warehouse) -> None:
    assert "no words of customers here yet" in voice(empty_warehouse, THEMES, YEAR).sentences[0]
    before = Scope(datetime.date(2001, 1, 1), datetime.date(2001, 2, 1))
    assert "No customer wrote anything" in voice(said.warehouse, THEMES, before).sentences[0]
    bare = voice(said.warehouse, (), YEAR)
    assert "no theme yet" in bare.sentences[0] and list(bare.tables["themes"]["theme"]) == [NOT_COVERED, EVERYTHING]


def test_many_terms_of_several_words(said: Said) -> None:
    """More words than one number has bits."""
    many = tuple(
        f"refund {word}" for word in ("money", *(f"w{'abcdefghij'[i % 10] * (2 + i // 10)}" for i in range(70)))
    )
    table = voice(said.warehouse, (Theme("many", many),), YEAR).tables["themes"]
    rows = texts(said, YEAR)
    assert table["texts"].iloc[0] == sum({"refund", "money"} <= words for words in rows["words"])


def test_quotes(embedded: Embedded) -> None:
    contacts = [{"interaction_id": f"i{i}", "occurred_at": f"2026-06-{1 + i:02}", "customer_id": "c"} for i in range(9)]
    wrote = [{"message_id": f"m{i}", "interaction_id": f"i{i}", "author": "customer", "sent_at": datetime.datetime(2026, 6, 1 + i),
              "text": f"Lamp {'abcdefghi'[i] * 3} is broken, Anna Berg, mail anna@x.example" + " so" * 400 * (i == 8)
              + " Thanks, Xaver" * (i == 2)} for i in range(9)]  # fmt: skip
    wrote[1]["text"] = "Hello, " + str(wrote[0]["text"])  # the same but for the greeting
    wrote.append({"message_id": "reply", "interaction_id": "i8", "author": "agent", "text": "never shown"})
    answers = [{"answer_id": "a", "instrument": "csat", "score": 1, "customer_id": "c",
                "answered_at": "2026-06-20"}]  # fmt: skip
    names = [{"customer_id": "c", "name": "Anna Berg"}]
    warehouse = embedded.warehouse({"customers": names, "interactions": contacts, "survey_answers": answers})
    with warehouse.publishing() as publication:
        target = publication.target
        target.execute(sa.insert(messages), [{"sent_at": None, **row} for row in wrote])  # unjudged
        target.execute(sa.update(survey_answers).values(comment="my lamp broke"))
        rows = [("contact", f"i{i}", word) for i in range(9) for word in ("lamp", *["torn"] * (i < 4))] + [
            ("answer", "a", "lamp")
        ]
        target.execute(sa.insert(text_words), [dict(zip(("kind", "key", "word"), row, strict=True)) for row in rows])
        for i in range(9):
            target.exec_driver_sql(f"update interactions set judged_lowest = {i / 10} where interaction_id = 'i{i}'")
        target.exec_driver_sql("insert into known_names select 'anna' union all select 'berg'")
    themes = (Theme("lamps", ("lamp",)), Theme("torn", ("torn",)))
    found = quotes(warehouse, themes, YEAR, "lamps", 2)
    assert list(zip(found["why"], found["kind"], found["key"], strict=True)) == [
        ("newest", "survey", "a"), ("newest", "contact", "i8"), ("worst mood", "contact", "i2"), ("worst mood", "contact", "i0"),
    ]  # fmt: skip
    assert found["text"][0] == "my lamp broke" and found["text"][2].startswith("Lamp ccc is broken")
    assert (
        not found["text"].str.contains("Anna|Berg|Xaver|x.example|never").any() and found["text"].str.len().max() <= 500
    )
    assert quotes(warehouse, themes, YEAR, "torn").empty and quotes(warehouse, themes, YEAR, "no such").empty
    assert quotes(warehouse, themes, YEAR, NOT_COVERED).empty
