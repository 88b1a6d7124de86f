"""What does each figure mean?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.columns import given_columns
from cx_metrics.metrics.catalog import metrics
from cx_metrics.metrics.metric import Metric
from cx_metrics.model import CANONICAL
from cx_metrics.scope import DIMENSIONS
from pages import _limits, _ui

METRICS = metrics(_limits.current())
UNITS = {"%": "per cent", "points": "points, from -100 to 100", "count": "a number", "money": "money, in its currency"}
BETTER = {"higher": "higher is better", "lower": "lower is better", "neither": "neither way is better"}
SMALL = """\
- **Fewer than 5**: the figure is hidden, and with it a neighbour that would give it away by subtraction.
- **5 to 9**: only the count is shown.
- **10 to 29**: value and interval, but no ranking and no test.
- **30 to 99**: marked as directional.
- Every figure carries n and a 95 % interval; one that asks for more than 10 says so under “Shown from”.
- A customer's own timeline is about one person by its nature; these rules do not apply to it.
"""


def all_figures() -> None:
    st.query_params.pop("metric", None)


def matching(text: str) -> list[Metric]:
    """Metrics whose declared texts contain every word."""
    said = {m: f"{m.name} {m.title} {m.definition} {m.formula} {m.source} {m.needs}".lower() for m in METRICS.values()}
    return [metric for metric in said if all(word in said[metric] for word in text.lower().split())]


def entry(metric: Metric, shown: list[Metric]) -> None:
    """One metric, printed from its declaration."""
    near = {rival.name: f"#{rival.name}" for rival in shown}
    rivals = {METRICS[name]: near.get(name, f"glossary?metric={name}") for name in metric.rivals}
    facts = {
        "Formula": _ui.literal(metric.formula),
        "Unit": f"{_ui.literal(UNITS.get(metric.unit, metric.unit))}; {BETTER[metric.better]}",
        "Shown from": f"n = {metric.minimum_n}",
        "Needs": _ui.literal(metric.needs),
        "Computed from": ", ".join(f"[`{table}`](#table-{table})" for table in metric.fact.tables),
        "By": ", ".join(DIMENSIONS[name] for name in metric.dimensions),
        "Told from its rivals by": _ui.literal(metric.variant),
        "Rivals": ", ".join(f"[{_ui.literal(rival.title)}]({target})" for rival, target in rivals.items()),
        "Source": _ui.literal(metric.source),
        "Ask for it": f"`cx-metrics show {metric.name}`, or [see it over time](trends?metric={metric.name})",
    }
    with st.container(border=True):
        st.subheader(metric.title, anchor=metric.name)
        st.markdown(_ui.literal(metric.definition))
        st.markdown("  \n".join(f"**{label}:** {text}" for label, text in facts.items() if text))


st.title("What does each figure mean?")
text = st.text_input("Search", key="find", bind="query-params", on_change=all_figures, placeholder="a word of its text")
one = METRICS.get(st.query_params.get("metric", ""))
found = [one, *(METRICS[name] for name in one.rivals)] if one else matching(text)
st.markdown(f"##### {len(found)} of {len(METRICS)} figures, each as the program itself declares and computes it.")
if one:
    st.button("All figures", icon=":material/arrow_back:", on_click=all_figures)
st.markdown(
    " · ".join(f"[{_ui.literal(metric.title)}](#{metric.name})" for metric in found) or "None; try another word."
)
for metric in found:
    entry(metric, found)
st.header("Small numbers", anchor="small-numbers")
st.markdown(SMALL)
st.header("The tables", anchor="tables")
st.markdown("What every source becomes. Times are UTC, money carries its currency, scores carry their scale.")
for name, canonical in CANONICAL.items():
    st.subheader(name, anchor=f"table-{name}")
    with st.expander(str(canonical.comment)):
        for column in given_columns(canonical):
            st.markdown(f"`{column.name}`{' (needed)' * column.info['rule'].required}: {_ui.literal(column.comment)}")
st.caption("The same on the command line: `cx-metrics metrics`. Not covered: how your sources define their own fields.")
