"""Pieces of the Gap page: the choice of a stage, the table of figures, the own company beside published shares."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.charts.gap import SIDES
from cx_metrics.metrics.gap import BELIEF, EXPERIENCE, GAPS
from cx_metrics.wording import amount, interval
from pages import _ui, _url


def nothing() -> None:
    """What the page needs, where nobody was asked about single items."""
    _ui.needs(EXPERIENCE)
    _ui.needs(BELIEF)
    _ui.to_data()


def one_stage(items: pd.DataFrame, by: str) -> str:
    """The stage whose dimensions are looked at; "" = all stages together."""
    stages = list(dict.fromkeys(items["stage"]))
    return _url.perhaps("Stage", stages, "gap_stage") if by == "dimension" and len(stages) > 1 else ""


def table(shown: pd.DataFrame, by: str) -> None:
    """Gaps with intervals and n, and the levels behind them."""
    columns: dict[str, list[str]] = {by: list(shown[by])}
    for metric in GAPS:
        name = metric.name
        columns[metric.title] = [
            _figure(*row) for row in shown[[name, f"{name}_low", f"{name}_high", f"n_{name}"]].to_numpy()
        ]
    for name, (words, *_) in SIDES.items():
        columns[words] = [
            "–" if x != x else f"{x:.1f} (n = {amount(n, 'count')})" for x, n in shown[[name, f"n_{name}"]].to_numpy()
        ]
    st.dataframe(pd.DataFrame(columns), hide_index=True, placeholder="–", alt="gaps and levels with intervals")


def _figure(value: float, low: float, high: float, n: float) -> str:
    if value != value:
        return "–" if n != n else f"too few (n = {n:,.0f})"
    return f"{amount(value, 'points')} ({interval(low, high, 'points')}), n = {n:,.0f}"


def estimates(found: pd.DataFrame) -> None:
    """What is estimated where nobody was asked, apart from all answers."""
    if found.empty:
        return
    st.markdown("**Estimated, where no customer was asked about the experience** (drawn as open squares, dashed)")
    columns = {"stage": list(found["stage"]), "contacts": [amount(n, "count") for n in found["contacts"]]}
    for words, name, ends, unit in (
        ("experience (estimated)", "estimated", "", "score 0-100"),
        ("belief gap (estimated)", "belief_gap_estimated", "belief_gap_estimated_", "points"),
        ("service gap (estimated)", "service_gap_estimated", "service_gap_estimated_", "points"),
    ):
        figures = found[[name, f"{ends}low", f"{ends}high"]].astype(float).itertuples(index=False)
        columns[words] = ["–" if x != x else f"{amount(x, unit)} ({interval(a, b, unit)})" for x, a, b in figures]
    st.dataframe(pd.DataFrame(columns), hide_index=True, alt="estimated experience and gaps")
    _ui.download(found, "gap-estimated")


def beside(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Published shares with the own company's on top: title, year, brand, customer."""
    own = tables["shares"].set_index("side")["value"]
    row = {"title": "This company", "year": float("nan"), **{side: own.get(side) for side in ("brand", "customer")}}
    return pd.concat([pd.DataFrame([row]), tables["references"]], ignore_index=True).astype(
        {"brand": float, "customer": float}
    )
