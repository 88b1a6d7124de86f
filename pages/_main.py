"""The frame around every page: navigation, the notice about sample data, the scope bar."""

from __future__ import annotations

import streamlit as st

from pages import _scope, _start

PAGES = {
    "State": ["overview", "changes", "trends", "surveys", "gap", "estimates", "predictions"],
    "Friction": ["friction", "drivers", "journey", "bots", "consistency"],
    "Words": ["voice", "empathy", "scripts", "labels", "wall"],
    "Act": ["interventions", "rules", "recoveries", "initiatives", "line_of_sight", "notices"],
    "Customers": ["customers", "retention"],
    "Data": ["data", "events", "glossary"],
}
ICONS = {
    "overview": ":material/dashboard:", "changes": ":material/difference:", "trends": ":material/show_chart:",
    "gap": ":material/compare_arrows:", "customers": ":material/person_search:",
    "friction": ":material/local_fire_department:", "drivers": ":material/payments:", "journey": ":material/route:",
    "bots": ":material/smart_toy:", "consistency": ":material/balance:", "estimates": ":material/person_off:",
    "surveys": ":material/mark_email_read:", "predictions": ":material/psychology:", "events": ":material/event:",
    "empathy": ":material/volunteer_activism:", "scripts": ":material/content_paste:", "labels": ":material/label:",
    "wall": ":material/trophy:", "voice": ":material/forum:",
    "interventions": ":material/front_hand:", "rules": ":material/rule:", "recoveries": ":material/healing:",
    "initiatives": ":material/science:", "line_of_sight": ":material/visibility:",
    "notices": ":material/notifications:", "retention": ":material/group:",
    "data": ":material/database:", "glossary": ":material/menu_book:",
}  # fmt: skip

st.set_page_config(page_title="CX Metrics", page_icon="📈", layout="wide")
_start.first_start()
page = st.navigation(
    {
        section: [
            st.Page(
                f"{name}.py",
                title=name.capitalize().replace("_", " "),
                icon=ICONS[name],
                url_path=name,
                default=name == "overview",
            )
            for name in names
        ]
        for section, names in PAGES.items()
    }
)
_start.journey_read()
_start.notice()
_scope.bar()
page.run()
