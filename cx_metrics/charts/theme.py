"""Colours and texts that all charts share. The palette is Okabe and Ito's, which colour-blind people can tell apart."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

import plotly.graph_objects as go

from cx_metrics import journey

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C6BB1", "#999999")
TOTAL = "#7F7F7F"  # all groups together, on light and dark ground alike
MARK = "#999999"


def colours(names: Iterable[str]) -> dict[str, str]:
    """A colour per group: stages and channels have their own everywhere, other names the free ones by the alphabet."""
    wanted = list(dict.fromkeys(names))
    own = journey.current()
    order = next((known for known in (own.channels, own.stages) if set(known) & set(wanted)), ())
    found = {name: PALETTE[order.index(name) % len(PALETTE)] for name in wanted if name in order}
    free = [colour for colour in PALETTE if colour not in found.values()] or PALETTE
    for place, name in enumerate(sorted(set(wanted) - set(found))):
        found[name] = free[place % len(free)]
    return found


def plain(text: object) -> str:
    """A text from data for a chart, where Plotly would read tags: shown as it is written, shortened when long."""
    words = "(not given)" if text is None or text != text else str(text)
    return html.escape(words if len(words) <= 40 else words[:39] + "…", quote=False)


def laid_out(figure: go.Figure, height: int = 380, **layout: Any) -> go.Figure:
    """The common layout: transparent ground, quiet grid, legend above, one hover box."""
    figure.update_layout(
        height=height, margin={"l": 8, "r": 8, "t": 36, "b": 8}, hovermode="x unified", paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)", legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}, **layout,
    )  # fmt: skip
    figure.update_xaxes(automargin=True, showgrid=False)
    figure.update_yaxes(automargin=True, gridcolor="rgba(128,128,128,0.2)")
    return figure
