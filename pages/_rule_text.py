"""The rules as text: read, edit, download, upload, and every version that was saved."""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.rules import RuleError, Rules, history
from cx_metrics.ledger import Ledger
from pages import _rule_draft, _ui

WHEN = {"at": st.column_config.DatetimeColumn("saved (UTC)", format="D MMM YYYY, HH:mm")}


def as_text(saved: Rules) -> None:
    """The whole text, to be edited here or elsewhere; it goes into the draft when it can be used."""
    text = _rule_draft.text_of(saved)
    with st.form("rules text", border=False):
        given = st.text_area("All rules as TOML", text, height=420, key=f"text {hash(text)}", max_chars=200_000)
        if st.form_submit_button("Check and put into the draft", icon=":material/rule:", key="check text"):
            _rule_draft.change(saved, lambda _: given)
    st.download_button("Download the rules", text, "rules.toml", "application/toml", icon=":material/download:",
                       key="download rules")  # fmt: skip
    file = st.file_uploader("Upload a file of rules", type=["toml"], key="upload rules", max_upload_size=1)
    if file is not None and st.button("Put the file into the draft", icon=":material/upload:", key="put file"):
        _rule_draft.change(saved, lambda _: _decoded(file.getvalue()))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RuleError("the file is no text in UTF-8; save it as that and upload it again") from None


def versions(ledger: Ledger) -> None:
    """Who changed the rules, when and why."""
    past = history(ledger)
    if past.empty:
        st.caption("Nobody has changed the rules that come with the product yet.")
        return
    st.dataframe(past, hide_index=True, column_config=WHEN, alt="versions of the rules")
    _ui.download(past, "rule-versions")
