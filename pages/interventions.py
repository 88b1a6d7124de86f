"""Who needs a person now?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from cx_metrics.analyses import intervention_list as work
from cx_metrics.analyses.intervention_queue import Asked, count
from cx_metrics.analyses.intervention_words import sentence
from pages import _intervention, _queue, _queue_list, _scope, _ui
from pages._ledger import required

st.title("Who needs a person now?")
_scope.current()
kept = required()
rules = work.rules_now(kept)
answer = st.container()
asked, who = _queue.filters(kept, rules)
now = work.found(kept, replace(asked, status="open", assignee=""))
present = set(_ui.ask(work.people, work.keys_of(now)).index)
within = f"{asked.team}: " if asked.team else ""
answer.markdown(f"##### {_ui.literal(within + sentence(now[now['customer_id'].isin(present)]))}")
rows = now if asked.status == "open" else work.found(kept, asked)
known = _ui.ask(work.people, work.keys_of(rows))
here = work.listed(kept, asked, rows, known.index)
table = work.table(kept, here.rows, known, rules)
marked = _queue.chosen(kept, table)
_queue_list.told()
if marked is not None:
    _intervention.draw(kept, marked, rules, who)
st.subheader("The queue" if asked.status == "open" else "Interventions")
if table.empty:
    ever = count(kept, Asked("all"))
    whole = asked == Asked()
    words = work.nothing(rules, ever) if whole or not ever else "No intervention fits these filters."
    st.info(_ui.literal(words), icon=":material/inbox:")
    _ui.link("rules", "The rules that open interventions", ":material/rule:")
else:
    _queue_list.take_next(kept, table, who)
    _queue_list.show(table, marked)
    _ui.download(table, "interventions")
if here.said:
    st.markdown(_ui.literal(here.said))
st.caption(f"{_ui.literal(work.ABOUT)} {work.LIMITS_OF_IT} The same on the command line:")
st.code(_queue.command(asked), language=None)
