"""What did we start, and does it work?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.initiative_effect import effect
from cx_metrics.analyses.initiative_register import history, registered, visible
from cx_metrics.analyses.initiatives import told
from cx_metrics.intake.sample import holds_sample
from pages import _initiative, _initiative_board, _initiative_forms, _scope, _ui, _url
from pages._ledger import required

st.title("What did we start, and does it work?")
scope, ledger = _scope.current(), required()
shown = visible(registered(ledger), _ui.ask(holds_sample))
others = tuple(one.initiative for one in shown)
effects = [_ui.ask(effect, one, others) for one in others]
found = told(shown, effects, scope)
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
if shown:
    _initiative_board.board(shown, effects)
    with st.expander("All initiatives as a table", icon=":material/table:"):
        _initiative_board.table(found.tables["initiatives"])
        _ui.download(found.tables["initiatives"], "initiatives")
    names = {str(one.number): f"{one.number}: {one.name}" for one in others}
    number = _url.one("Initiative", list(names), "initiative", next(iter(names)), names.__getitem__, width=360)
    place = list(names).index(number)
    chosen, judged = shown[place], effects[place]
    _initiative_forms.forms(chosen)
    _initiative.one(chosen, judged)
    st.subheader("History")
    versions = history(ledger, chosen.initiative.number)
    st.dataframe(versions, hide_index=True, placeholder="", column_config=_initiative.HISTORY, alt="every version")
    _ui.download(versions, f"initiative-{number}-history")
else:
    _initiative_forms.forms(None)
st.subheader("What this rests on, and what it does not say")
st.markdown("\n".join(f"- {_ui.literal(said)}" for said in found.assumptions))
st.caption("Nothing here can be deleted; a change is a new version. The same on the command line:")
st.code("cx-metrics analyse initiatives\ncx-metrics initiatives --power plan.toml\n"
        "cx-metrics initiatives --register plan.toml", language=None)  # fmt: skip
