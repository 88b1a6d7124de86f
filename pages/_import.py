"""Files in, an account of every row out."""

from __future__ import annotations

import streamlit as st

from cx_metrics.intake.formats import SOURCES
from cx_metrics.intake.load import check_plans
from cx_metrics.intake.plan import IntakeError
from cx_metrics.intake.sample import holds_sample, is_empty
from cx_metrics.intake.upload import TYPES, Upload, receive
from cx_metrics.warehouse import WarehouseError
from pages import _start, _ui
from pages._imported import load, show


def form() -> None:
    """Choose files, describe them where need be, see what would become of them, import them."""
    if _ui.ask(holds_sample):
        st.caption("The first import of your own files takes the sample company out.")
    if _ui.ask(is_empty) and st.button("Load the sample company", icon=":material/science:"):
        _start.show_sample()
        st.rerun()
    given = st.file_uploader("Files", TYPES, accept_multiple_files=True, key=f"files {st.session_state.get('turn', 0)}")
    if not given:
        known = "; ".join(f"**{source.title}**: {source.files}" for source in SOURCES.values())
        st.caption(f"{known}; any other table with a mapping file, for which you get a draft here.")
        return show(st.session_state.get("imported", []), "Imported")
    upload: Upload | None = st.session_state.get("upload")
    if upload is None or upload.ids != tuple(file.file_id for file in given):
        upload = st.session_state["upload"] = receive([(file.file_id, file.name, file) for file in given])
    titles = {"auto": "Recognise it"} | {name: source.title for name, source in SOURCES.items()}
    source = st.selectbox("Format", list(titles), format_func=titles.__getitem__, width=320)
    try:
        mapping = describe(upload)
        with st.container(horizontal=True):
            preview = st.button("Preview", icon=":material/preview:", help="Reads everything, writes nothing")
            wanted = st.button("Import", icon=":material/upload:", type="primary")
        if preview or wanted:
            plans = upload.plans(source, *mapping)
            show(check_plans(plans) if preview else load(plans), "An import of these files by themselves would give")
    except (IntakeError, WarehouseError, OSError) as error:
        st.error(_ui.literal(str(error)), icon=":material/error:")


def describe(upload: Upload) -> tuple[str, ...]:
    """Text and name of a mapping file, where one is wanted: one that the user has, or a draft to mend."""
    names, hint = ", ".join(file.name for file in upload.unknown), st.empty()
    if not st.toggle("Describe the columns in a mapping file", bool(names), key=f"describe {upload.ids}"):
        return ()
    own = st.file_uploader("A mapping file that you have", ["toml"], key=f"own {upload.ids}")
    name, draft = (own.name, own.getvalue().decode("utf-8-sig", "replace")) if own else ("mapping.toml", upload.guess())
    if names:  # one that cannot be read has said so instead
        hint.info(f"No format known here: {_ui.literal(names)}. Say what the columns mean.", icon=":material/edit:")
    text = st.text_area("Mapping", draft, height=420, key=f"mapping {own.file_id if own else upload.ids}")
    st.download_button("Download the mapping", text, name, icon=":material/download:", on_click="ignore")
    return text, name
