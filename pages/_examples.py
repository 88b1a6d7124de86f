"""The best replies by situation, and the form that nominates one for the recognition wall."""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.empathy_examples import examples
from cx_metrics.analyses.recognition import Nomination, nominate
from cx_metrics.analyses.reply_texts import Reply, reply_texts
from cx_metrics.ledger import LedgerError, account
from cx_metrics.scope import Scope
from pages import _reply, _ui, _url
from pages._ledger import ledger


def draw(scope: Scope) -> None:
    """Replies that show all three kinds in contacts that went well, of one situation at a time."""
    st.subheader("Replies worth reading")
    if said := st.session_state.pop("nominated", ""):
        st.success(_ui.literal(said), icon=":material/task_alt:")
    found = _ui.ask(examples, scope)
    st.caption("All three kinds in a reply that is not scripted; the contact was resolved, the customer did not come "
               "back, left in no bad mood and was, where asked, satisfied.")  # fmt: skip
    if found.empty:
        st.info("No such reply was found in this period.", icon=":material/search_off:")
        return
    names = list(dict.fromkeys(found["situation"]))
    situation = _url.one("Situation", names, "situation", names[0], width=320)
    own = found[found["situation"] == situation]
    texts = _ui.ask(reply_texts, tuple(own["message_id"]))
    _reply.legend()
    for row in own.to_dict("records"):
        reply = texts.get(row["message_id"])
        if reply is None:
            continue
        with st.container(border=True):
            _reply.draw(reply, judged=True)
            known = ["customer was upset"] * (row["upset"] == 1) + ["satisfied"] * (row["satisfied"] == 1)
            st.caption(_ui.literal(" · ".join([_reply.graded(reply.grades), *known])))
            with st.container(horizontal=True):
                _ui.link("customers", "The timeline", ":material/person_search:", contact=reply.interaction_id)
                with st.popover("Nominate", icon=":material/trophy:"):
                    _nominate(reply, situation)


def _nominate(reply: Reply, situation: str) -> None:
    with st.form(f"nominate {reply.message_id}", border=False):
        st.caption("For the recognition wall, where it is shown once the agent has agreed.")
        agent = st.text_input("Who wrote it, as they are to be named", reply.agent, max_chars=120)
        team = st.text_input("Team", reply.team, max_chars=120)
        what = st.text_input("What the customer was facing, in a few words", situation, max_chars=120)
        who = st.text_input("Your name", account(), max_chars=120)
        if not st.form_submit_button("Nominate", type="primary"):
            return
    try:
        nominate(ledger(), Nomination(who, agent, team, what), reply)
    except LedgerError as error:
        st.error(_ui.literal(str(error)), icon=":material/error:")
        return
    st.session_state["nominated"] = f"{agent} is nominated; the Wall page shows it once consent is recorded."
    st.rerun()
