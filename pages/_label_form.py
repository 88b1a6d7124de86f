"""The form in which a lead judges a reply, blind to the rules."""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.empathy_labels import GRADES, Label, label, sample
from cx_metrics.analyses.reply_texts import Reply, reply_texts
from cx_metrics.ledger import Ledger, LedgerError, account
from pages import _reply, _ui

GUIDANCE = {
    "cognitive": "Shows that it understands this case. Strong: restates or sums up the problem, or checks it. Weak: "
                 "asks about the case beyond a form's fields. None: general answers, links, “send us your number”.",
    "emotional": "Acknowledges the feeling. Strong: names it, or is sorry for something specific. Weak: “sorry for "
                 "the inconvenience”, warmth. None: thanks and greetings are no empathy.",
    "compassionate": "Acts for this customer. Strong: did or promises a concrete act. Weak: offers one on a condition. "
                     "None: says what the customer is to do.",
}  # fmt: skip


def form(ledger: Ledger, given: tuple[Label, ...]) -> None:
    """What was just saved with the rules' grades, then the next reply, or the one that is labelled again."""
    if done := st.session_state.pop("label saved", None):
        _after(*done)
    again = st.session_state.get("label again", "")
    key = again or _ui.ask(sample, tuple(row.message_id for row in given))
    if key is None:
        st.info("There is no further reply to label: all that the rules could judge are labelled, or there is none.")
        return
    reply: Reply | None = _ui.ask(reply_texts, (key,)).get(key)
    if reply is None:
        return
    st.subheader("Label it again" if again else "The next reply")
    _reply.draw(reply, judged=False)
    with st.form(f"label {key} {len(given)}"):
        grades = {kind: _grade(kind, key) for kind in GUIDANCE}
        who = st.text_input("Your name", account(), key="who", max_chars=120, width=320, persist_state="session")
        if not st.form_submit_button("Save", icon=":material/check:", type="primary"):
            return
    try:
        if None in grades.values():
            raise LedgerError("every kind is graded none, weak or strong; when in doubt take the lower one")
        mine = Label(key, who, **{kind: int(grade or 0) for kind, grade in grades.items()})
        label(ledger, mine)
    except LedgerError as error:
        st.error(_ui.literal(str(error)), icon=":material/error:")
        return
    st.session_state.update({"label saved": (mine, reply), "label again": ""})
    st.rerun()


def _grade(kind: str, key: str) -> int | None:
    """The grade that is chosen, with a line of guidance."""
    title = f"{kind.capitalize()} empathy"
    chosen = st.radio(title, range(len(GRADES)), None, GRADES.__getitem__, key=f"{kind} {key}", horizontal=True)
    st.caption(GUIDANCE[kind])
    return chosen


def _after(mine: Label, reply: Reply) -> None:
    """Yours and the rules' grades of the reply just saved."""
    own = {kind: getattr(mine, kind) for kind in GUIDANCE}
    same = sum(own[kind] == reply.grades.get(kind) for kind in own)
    with st.container(border=True):
        st.markdown(f"**Saved: {same} of {len(own)} grades are the same**")
        st.markdown(f"Yours: {_reply.graded(own)}. Rules: {_reply.graded(reply.grades)}.")
        st.markdown(_reply.marked(reply.text, reply.words))
        _reply.legend()
        st.button("Label it again", icon=":material/undo:",
                  on_click=lambda: st.session_state.update({"label again": mine.message_id}))  # fmt: skip
