"""Labels of people: a random order, kept, the newest counts; agreement and where people and rules differ."""

from __future__ import annotations

import pytest

from cx_metrics.analyses.empathy_labels import Label, agreement, confusion, disagreements, label, labels, pairs, sample
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.warehouse import Warehouse
from tests.analyses.judged_company import judge
from tests.conftest import Embedded


@pytest.fixture(scope="module")
def judged(embedded: Embedded) -> Warehouse:
    """Twelve replies, of which the rules cannot judge the last; m0 to m3 strong, the rest weak in feeling."""
    contacts = [{"interaction_id": f"i{i}", "occurred_at": "2026-02-01", "team": "T"} for i in range(12)]
    said = [{"message_id": f"m{i}", "interaction_id": f"i{i}", "author": "agent", "sent_at": "2026-02-01"}
            for i in range(12)]  # fmt: skip
    said += [{"message_id": f"c{i}", "interaction_id": f"i{i}", "author": "customer"} for i in range(12)]
    made = embedded.warehouse({"interactions": contacts, "messages": said})
    grades = [{"empathy_cognitive": 0, "empathy_emotional": 2 if i < 4 else 1, "empathy_compassionate": 0,
               "evidence": '{"emotional": ["so sorry"]}'} for i in range(11)]  # fmt: skip
    judge(made, [], [{"message_id": f"m{i}", "text": f"so sorry, mail ann@example.org {i}", **row}
                     for i, row in enumerate(grades)])  # fmt: skip
    return made


def test_a_random_order_without_repeats(judged: Warehouse) -> None:
    seen: list[str] = []
    while (key := sample(judged, seen)) is not None:
        seen.append(key)
    assert sorted(seen) == sorted(f"m{i}" for i in range(11)) and seen != sorted(seen)
    again = [sample(judged, seen[:5]), sample(judged, seen[4::-1])]
    assert again == [seen[5]] * 2
    assert sample(judged, (), "another seed") is not None


def test_the_newest_label_counts() -> None:
    ledger = Ledger("sqlite://")
    assert labels(ledger) == ()
    label(ledger, Label("m1", " Ann  Lee ", 0, 1, 2))
    label(ledger, Label("m2", "Bob", 0, 0, 0))
    label(ledger, Label("m1", "Bob", 2, 2, 2))
    assert labels(ledger) == (Label("m2", "Bob", 0, 0, 0), Label("m1", "Bob", 2, 2, 2))
    assert ledger.history()["detail"].iloc[-1] == "cognitive none, emotional weak, compassionate strong"
    for wrong in (Label("m1", " ", 0, 0, 0), Label("m1", "x" * 121, 0, 0, 0), Label("m1", "Ann", 3, 0, 0)):
        with pytest.raises(LedgerError):
            label(ledger, wrong)


def test_people_against_rules(judged: Warehouse) -> None:
    given = tuple(Label(f"m{i}", "Ann", 0, i % 3, 0) for i in range(12))  # m11 has no grade of the rules
    found = pairs(judged, given)
    assert len(found) == 33 and set(found["words"]) == {"", "so sorry"}
    table = confusion(found[found["kind"] == "emotional"])
    assert table.to_numpy().tolist() == [[0, 2, 2], [0, 3, 1], [0, 2, 1]]
    rows = disagreements(judged, given, "emotional")
    assert rows["interaction_id"].tolist() == ["i3", "i0", "i9", "i8", "i6", "i5", "i1"]  # far apart, then the newest
    assert rows["people"].tolist() == ["none", "none", "none", "strong", "none", "strong", "weak"]
    assert not rows["reply"].str.contains("example").any() and disagreements(judged, given, "cognitive").empty
    assert agreement(judged, given)["n"].tolist() == [11] * 3
    assert agreement(judged, ())["n"].tolist() == [0] * 3
