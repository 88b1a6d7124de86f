"""Who is told what, and did it arrive?"""

from __future__ import annotations

import streamlit as st

from cx_metrics import notice_settings
from cx_metrics.analyses.notice_attempts import clock
from cx_metrics.analyses.notice_outbox import ABOUT, FAILED, GIVEN_UP, Patience, outbox, sentence
from cx_metrics.notice_settings import EXAMPLE, FILE, NoticeError, NoticeSettings
from pages import _notices, _ui
from pages._ledger import required

FORM = "D MMM YYYY, HH:mm"
LOOK = {
    "written": st.column_config.DatetimeColumn("written (UTC)", format=FORM),
    "next try": st.column_config.DatetimeColumn("next try (UTC)", format=FORM),
    "title": st.column_config.TextColumn("what it says", width="medium"),
    "reason": st.column_config.TextColumn("reason", width="large"),
}

st.title("Who is told what, and did it arrive?")
kept = required()
try:
    told = notice_settings.current()
except NoticeError as error:
    st.error(f"{_ui.literal(error)}.", icon=":material/error:")
    told = NoticeSettings()
rows = outbox(kept, frozenset(one.name for one in told.recipients), clock(), Patience())
st.markdown(f"##### {_ui.literal(sentence(rows))}")
_notices.done()
lost = int(rows["state"].isin([FAILED, GIVEN_UP]).sum())
if lost:
    words = f"{lost} did not arrive yet" if lost > 1 else "1 did not arrive yet"
    st.warning(f"{words}: the reasons are in the table.", icon=":material/notification_important:")
if told.test:
    st.info("**Test mode**: nothing leaves this machine. What would have gone where is marked as tested.",
            icon=":material/experiment:")  # fmt: skip
if told.recipients:
    st.subheader("Recipients")
    listed = [{"name": one.name, "service": one.service, "told of": ", ".join(one.kinds) or "nothing",
               "teams": ", ".join(one.teams) or "all", "problem": one.problem} for one in told.recipients]  # fmt: skip
    st.dataframe(listed, hide_index=True, alt="who is told of what")
    _notices.actions(kept, told)
else:
    st.info(f"Nobody is told anything: there is no {FILE} with recipients in the data folder. How to write one is "
            "below.", icon=":material/notifications_off:")  # fmt: skip
if len(rows):
    st.subheader("Outbox")
    st.dataframe(rows, hide_index=True, placeholder="", column_config=LOOK, alt="notices, newest first")
    _ui.download(rows, "notices")
    _notices.one(kept, told, rows)
with st.expander("How to say who is told what", icon=":material/settings:", expanded=not told.recipients):
    st.markdown(f"Write `{FILE}` into the data folder. Addresses are those of "
                "[Apprise](https://github.com/caronc/apprise/wiki): slack://, msteams://, mailtos://, jsons:// for a "
                "webhook, and many more. An address holds a secret: keep it in an environment variable.")  # fmt: skip
    st.code(EXAMPLE, language="toml")
    kinds = "; ".join(f"**{kind}**: {words}" for kind, words in notice_settings.KINDS.items())
    st.markdown(f"Kinds: {kinds}.")
with st.expander("How it is delivered, and what that does not cover", icon=":material/info:"):
    st.markdown(ABOUT)
st.caption("The same on the command line; with --watch it goes on until it is stopped:")
st.code("cx-metrics notices --deliver\ncx-metrics notices --watch 60", language=None)
