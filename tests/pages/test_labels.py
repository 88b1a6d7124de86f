"""The page of labels: blind before saving, the rules' grades after, agreement once there is enough."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.empathy_labels import Label, label, labels, sample
from cx_metrics.ledger import Ledger
from cx_metrics.warehouse import Warehouse
from tests.analyses.judged_company import company, judge
from tests.conftest import Embedded
from tests.pages.opened import filled, opened, plain, shown, well


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> str:
    """A judged company."""
    tables, of_contacts, of_messages = company(60)
    for row in of_messages:
        row.update(scripted=0, evidence='{"emotional": ["how hard it is"]}') if "evidence" in row else None
        row.update(text=row["text"].replace("Thanks for", "I see how hard it is, thanks for"))
    found = filled(embedded, tables)
    judge(Warehouse(found), of_contacts, of_messages, ("ann",))
    return found


def saved(test: AppTest, *grades: int | None) -> AppTest:
    """The page after the three kinds were graded and saved."""
    for radio, grade in zip(test.radio, grades, strict=True):
        radio.set_value(grade)
    return next(button for button in test.button if button.label == "Save").click().run()


def test_blind_before_and_open_after(kept: Ledger, url: str) -> None:
    test = opened("labels")
    first = sample(Warehouse(url), ())
    assert "Not known yet: 0 replies are labelled, 30 are needed." in shown(test)
    text = " ".join(block.value for block in (*test.markdown, *test.caption))
    assert "Rules:" not in text and "-background[" not in text and "[name] here, my case" in plain(text)
    assert [radio.value for radio in test.radio] == [None] * 3
    test = well(saved(test, 0, 2, 1))
    (mine,) = labels(kept)
    assert (mine.message_id, mine.cognitive, mine.emotional, mine.compassionate) == (first, 0, 2, 1)
    text = " ".join(block.value for block in (*test.markdown, *test.caption))
    assert "Yours: cognitive none, emotional strong, compassionate weak. Rules:" in text
    assert ":blue-background[how hard it is]" in text
    assert sample(Warehouse(url), (str(first),)) != first
    next(button for button in test.button if button.label == "Label it again").click().run()
    assert "Label it again" in shown(test)
    well(saved(test, 1, 1, 1))
    (mine,) = labels(kept)
    assert (mine.message_id, mine.cognitive) == (first, 1)


def test_every_kind_is_graded(kept: Ledger) -> None:
    test = saved(opened("labels"), 0, None, 1)
    assert "every kind is graded" in plain(test.error[0].value) and labels(kept) == ()


def test_agreement_and_disagreements(kept: Ledger, url: str) -> None:
    for i in range(45):
        if i % 20 != 19:
            label(kept, Label(f"i{i:04}-1", "Ann", i % 3, i % 2, 0))
    test = opened("labels", kind="cognitive")
    said = plain(test.markdown[0].value)
    assert said.startswith("##### Over 43 labelled replies, agreement beyond chance is: cognitive ")
    assert test.dataframe[1].value.to_numpy().sum() == 43
    assert set(test.dataframe[2].value["people"]) == {"none", "weak", "strong"}
    assert not test.dataframe[2].value["reply"].str.contains("Ann").any()
    assert test.selectbox(key="kind").value == "cognitive"
