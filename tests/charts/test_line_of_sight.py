"""The picture of the line of sight: bands that keep their contacts from the team to the customers."""

from __future__ import annotations

import pandas as pd

from cx_metrics.charts.line_of_sight import CUSTOMERS, sight_chart


def bands(reach: pd.DataFrame, team: str, most: int = 8) -> dict[tuple[str, str], float]:
    """Contacts by the names of both ends."""
    (sankey,) = sight_chart(reach, team, most).data
    names = sankey.node.label
    ends = zip(sankey.link.source, sankey.link.target, sankey.link.value, strict=True)
    return {(names[start], names[end]): n for start, end, n in ends}


def test_owned_touchpoints_and_who_meets_customers_there() -> None:
    rows = [("owns", "box", "Care", 30.0), ("owns", "box", "Shop", 10.0), ("owns", "label", "Care", 20.0),
            ("owns", "label", "Shop", None), ("handles", "desk", "Packaging", 99.0)]  # fmt: skip
    reach = pd.DataFrame(rows, columns=["way", "touchpoint", "through", "n"])
    assert bands(reach, "Packaging") == {
        ("Packaging", "box"): 40, ("Packaging", "label"): 20, ("box", "Care"): 30, ("box", "Shop"): 10,
        ("label", "Care"): 20, ("Care", CUSTOMERS): 50, ("Shop", CUSTOMERS): 10,
    }  # fmt: skip


def test_a_team_that_meets_customers_is_drawn_on_both_sides() -> None:
    reach = pd.DataFrame([("handles", "desk", "Care", 7.0)], columns=["way", "touchpoint", "through", "n"])
    assert bands(reach, "Care") == {("Care", "desk"): 7, ("desk", "Care"): 7, ("Care", CUSTOMERS): 7}


def test_the_smallest_are_drawn_together() -> None:
    rows = [("owns", f"t{place}", "Care", float(place)) for place in range(1, 6)]
    reach = pd.DataFrame(rows, columns=["way", "touchpoint", "through", "n"])
    found = bands(reach, "X", most=3)
    assert {name: n for (start, name), n in found.items() if start == "X"} == {"t5": 5, "t4": 4, "other touchpoints": 6}
