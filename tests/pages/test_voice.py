"""The Voice page: figures of the analysis, quotes of a theme, and themes that people edit."""

from __future__ import annotations

import shlex

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.taxonomy import Taxonomy, current, save
from cx_metrics.analyses.voice import voice
from cx_metrics.cli import main
from cx_metrics.judges.themes import Theme
from cx_metrics.ledger import Ledger
from cx_metrics.model import messages, proposed_themes, text_words
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, last_year, opened, plain, shown, use, well


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> str:
    """Customers who speak of lamps and of bills; a proposal of which one theme has a hostile name."""
    contacts = [{"interaction_id": f"i{i}", "customer_id": f"c{i}", "occurred_at": f"2026-{1 + i % 6:02}-{1 + i % 28:02}",
                 "stage": HOSTILE[1], "channel": "chat"} for i in range(90)]  # fmt: skip
    contacts.append({"interaction_id": "first", "occurred_at": "2024-01-01"})  # so that a year is the usual period
    wrote = [{"message_id": f"m{i}", "interaction_id": f"i{i}", "author": "customer",
              "text": f"{chr(97 + i % 26) * (1 + i // 26)} lamp {HOSTILE[0]}" if i % 3 else "bill"} for i in range(90)]  # fmt: skip
    made = filled(embedded, {"interactions": contacts})
    with Warehouse(made).publishing() as publication:
        publication.target.execute(sa.insert(messages), wrote)  # unjudged
        words = [{"kind": "contact", "key": f"i{i}", "word": "lamp" if i % 3 else "bill"} for i in range(90)]
        publication.target.execute(sa.insert(text_words), words)
        themes = [
            {"position": 1, "theme": HOSTILE[0], "words": "lamp"},
            {"position": 2, "theme": "none", "words": "zeppelin"},
        ]
        publication.target.execute(sa.insert(proposed_themes), themes)
    return made


def in_force(url: str, kept: Ledger) -> Taxonomy:
    """What the page works with."""
    return current(Warehouse(url), kept)


def sent(test: AppTest, form: str, **fields: object) -> AppTest:
    """The page after a form was filled and saved. fields: what its keys begin with after the form's name -> value."""
    for field, value in fields.items():
        elements = (*test.selectbox, *test.multiselect, *test.text_input, *test.text_area)
        next(one for one in elements if str(one.key).startswith(f"{form} {field}")).set_value(value)
    return next(button for button in test.button if button.label == form).click().run()


def test_it_shows_the_analysis(url: str, kept: Ledger) -> None:
    test, warehouse = opened("voice"), Warehouse(url)
    found = voice(warehouse, in_force(url, kept).themes, last_year(warehouse))
    text = shown(test)
    for sentence in (*found.sentences, *found.assumptions):
        assert sentence in text
    assert "nobody has edited them yet" in text
    first = charts(test)[0]["data"][0]
    assert [name for (name,) in first["customdata"]] == ["(in no theme)", HOSTILE[0]]
    assert HOSTILE[0] in plain(test.markdown[0].value) and HOSTILE[0] not in test.markdown[0].value
    assert all("<script" not in str(chart["data"][0].get("hovertext")) for chart in charts(test))
    assert shlex.split(test.code[0].value)[:4] == ["cx-metrics", "analyse", "voice", "--from"]


def test_a_theme_brings_its_quotes_and_places(kept: Ledger) -> None:
    test = opened("voice", theme=HOSTILE[0])
    quotes = test.dataframe[0].value
    assert set(quotes["why"]) == {"newest"} and len(quotes) == 5  # no mood was judged
    assert quotes["text"].str.endswith(f" lamp {HOSTILE[0]}").all() and quotes["text"].is_unique
    assert list(quotes["kind"]) == ["contact"] * 5
    assert len(charts(test)) == len(charts(opened("voice"))) + 1
    assert opened("voice", theme="unknown").selectbox(key="theme").value == ""


def test_themes_are_edited(url: str, kept: Ledger) -> None:
    test = well(sent(opened("voice"), "New theme", name="Money", words="bill*\nin voice"))
    assert "Saved. New theme: Money; bill*, in voice" in shown(test)
    themes = in_force(url, kept).themes
    assert themes[-1] == Theme("Money", ("bill*", "in voice"))
    test = well(sent(test, "Merge", themes=[HOSTILE[0], "none"], name="Light"))
    test = well(sent(test, "Split", theme="Light", words="zeppelin", name="Airships"))
    assert [theme.name for theme in in_force(url, kept).themes] == ["Light", "Airships", "Money"]
    assert "“Money” (33.3 %" in shown(test)  # the figures follow
    assert "Split: Light; zeppelin; Airships" in test.dataframe[-1].value["change"][0]


def test_what_is_wrong_is_said(url: str, kept: Ledger) -> None:
    test = sent(opened("voice"), "New theme", name="x", words="a*")
    assert "stands at the end of a word" in plain(test.error[0].value) and in_force(url, kept).version == 0
    test = sent(opened("voice"), "Rename", name="x")
    assert "choose a theme" in plain(test.error[0].value)


def test_the_forms_stay_open_for_the_next_edit(kept: Ledger) -> None:
    test = well(sent(opened("voice"), "New theme", name="Money", words="bill"))
    test = sent(test, "Add words", theme="Money", words="a*")
    forms = next(box for box in test.expander if box.label == "Edit the themes")
    assert forms.proto.expanded and "stands at the end of a word" in plain(test.error[0].value)


def test_a_second_editor_is_told(url: str, kept: Ledger) -> None:
    test = opened("voice")
    before = in_force(url, kept)
    save(kept, 0, before.themes[:1], "Ann", "Remove theme: none")
    test = sent(test, "Add words", theme=HOSTILE[0], words="bulb")
    assert "somebody was quicker" in plain(test.error[0].value)
    assert in_force(url, kept).themes == before.themes[:1]
    assert "Ann" in shown(test)


def test_the_command_says_the_same(url: str, kept: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    scope = last_year(Warehouse(url))
    assert main(["analyse", "voice", "--from", str(scope.start), "--to", str(scope.end)]) == 0
    printed = capsys.readouterr().out
    assert voice(Warehouse(url), in_force(url, kept).themes, scope).sentences[0] in printed
    assert "nobody has edited them yet" in printed


def test_without_words(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, filled(embedded, {"interactions": [{"interaction_id": "1", "occurred_at": "2026-01-01"}]}))
    test = opened("voice")
    assert "no words of customers here yet" in shown(test) and not test.get("plotly_chart")
    use(monkeypatch, embedded.new_url())
    assert "There are no data yet" in shown(opened("voice"))
