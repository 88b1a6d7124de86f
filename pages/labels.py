"""Do people agree with the rules?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.empathy_labels import FEWEST, GRADES, SURE_KAPPA, SURE_N, agreement, confusion, labels, pairs
from cx_metrics.analyses.empathy_labels import disagreements as apart
from cx_metrics.texts import EMPATHY
from pages import _label_form, _scope, _ui, _url
from pages._ledger import required

st.title("Do people agree with the rules?")
_scope.current()
ledger = required()
given = labels(ledger)
measured = _ui.ask(agreement, given)
known = measured.dropna(subset="kappa")
if known.empty:
    answer = f"Not known yet: {len(given)} replies are labelled, {FEWEST} are needed."
else:
    told = [f"{row['kind']} {row['agreement']} (kappa {row['kappa']:.2f}, {row['low']:.2f} to {row['high']:.2f})"
            for row in known.to_dict("records")]  # fmt: skip
    answer = f"Over {int(known['n'].max())} labelled replies, agreement beyond chance is: {'; '.join(told)}."
st.markdown(f"##### {_ui.literal(answer)}")
st.progress(min(len(given) / SURE_N, 1.0),
            f"{len(given)} labelled; {FEWEST} for a first figure, {SURE_N} to lean on it")  # fmt: skip
_label_form.form(ledger, given)
if given:
    st.subheader("Agreement")
    shown = measured.drop(columns="sure").round(2)
    st.dataframe(shown, hide_index=True, placeholder="–", alt="kappa of each kind")
    _ui.download(measured, "agreement")
    kind = _url.one("Kind", list(EMPATHY), "kind", "emotional", width=220)
    found = _ui.ask(pairs, given)
    table = confusion(found[found["kind"] == kind])
    named = table.set_axis([f"people: {grade}" for grade in GRADES]).set_axis(
        [f"rules: {grade}" for grade in GRADES], axis=1
    )
    st.markdown(f"**{kind.capitalize()} empathy: what people said (rows) and what the rules said, replies**")
    st.dataframe(named, alt="grades of people against those of the rules")
    different = _ui.ask(apart, given, kind)
    if len(different):
        st.markdown("**Where they differ: the farthest apart first, personal data masked**")
        st.dataframe(different, hide_index=True, row_height=70, alt="replies that people and rules grade differently")
        _ui.download(different, f"disagreements-{kind}")
st.caption(
    "A simple random sample of all agents' replies that the rules could judge, whatever the period and the filters "
    "above, in the same order for everybody; the "
    "rules' grades are shown only once yours are saved. To change a label, label the reply again: the newest counts. "
    "Kappa is agreement beyond chance with linear weights (Cohen 1968), its interval after Fleiss, Cohen and Everitt "
    f"(1969), its words after Landis and Koch (1977). From {SURE_N} replies and a kappa of {SURE_KAPPA:g} on, a figure "
    "is no longer called indicative. What two people would disagree on is in no interval."
)
