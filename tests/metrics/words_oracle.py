"""What contacts' words show, a second time, in plain pandas: the judges' own judgements of each message, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cx_metrics.enrich.scripted import MANY, PART
from cx_metrics.judges.judge import Recipe, Said, judge, judges_of
from cx_metrics.judges.scripted import families
from cx_metrics.texts import CUES, EMPATHY

Tables = Mapping[str, Sequence[Mapping[str, Any]]]


def judged_messages(tables: Tables) -> pd.DataFrame:
    """Messages with a text in the order of their conversations, each with its judgement; cues and kinds of empathy as
    columns of their own."""
    rows = pd.DataFrame(list(tables["messages"])).dropna(subset=["text"])
    rows = rows.sort_values(["interaction_id", "sent_at", "message_id"]).reset_index(drop=True)
    said = [Said(*row) for row in rows[["interaction_id", "author", "text"]].itertuples(index=False)]
    found = judge(said, judges_of(Recipe()))
    rows["mood"] = [one.sentiment for one in found]
    rows["mood"] = rows["mood"].astype(float)
    for cue in CUES:
        rows[cue] = [None if one.cues is None else float(cue in one.cues) for one in found]
    for kind in EMPATHY:
        rows[kind] = [None if one.empathy is None else float(one.empathy[kind][0]) for one in found]
    rows["skeleton"] = [one.skeleton for one in found]
    return rows


def in_contacts(tables: Tables, contacts: pd.DataFrame) -> pd.DataFrame:
    """The contacts with judged_start, judged_lowest, judged_end, moods, cues and grades of empathy."""
    said = judged_messages(tables)
    by = said.groupby("interaction_id")
    moods = said.dropna(subset=["mood"]).groupby("interaction_id")["mood"]
    found = pd.DataFrame({
        "judged_start": moods.first(), "judged_lowest": moods.min(), "judged_end": moods.last(), "moods": moods.size(),
        **{cue: by[cue].max() for cue in CUES}, **{f"empathy_{kind}": by[kind].max() for kind in EMPATHY},
    })  # fmt: skip
    rows = contacts.merge(found.astype(float), "left", left_on="interaction_id", right_index=True)
    rows["moods"] = rows["moods"].fillna(0)
    words, outcome = rows["empathy_compassionate"], rows["outcome"]
    bad = (rows["transfers"] > 0) | (rows["reopens"] > 0) | outcome.isin(["escalated", "unresolved", "abandoned"])
    strong = words.where(~(words > 0) | bad | (outcome != "resolved"), 2)
    rows["empathy_compassionate"] = strong.where(~((words > 0) & bad), 1)
    rows["mood_start"] = rows["sentiment_start"].fillna(rows["judged_start"])
    rows["mood_end"] = rows["sentiment_end"].fillna(rows["judged_end"])
    given = rows["sentiment_start"].where(rows["sentiment_start"] < rows["sentiment_end"], rows["sentiment_end"])
    rows["mood_lowest"] = rows["judged_lowest"].fillna(given)
    return rows


def replies(tables: Tables, contacts: pd.DataFrame) -> pd.DataFrame:
    """Agents' replies of four words or more with their contact's columns; scripted: whether many conversations have it."""
    said = judged_messages(tables).query("author == 'agent' and skeleton != ''")
    rows = said[["interaction_id", "skeleton"]].merge(contacts, on="interaction_id")
    texts: dict[str, dict[str, int]] = {}
    for (team, skeleton), part in rows.groupby([rows["team"].fillna(""), "skeleton"]):
        texts.setdefault(team, {})[skeleton] = part["interaction_id"].nunique()
    rows["family"] = rows["skeleton"].map(families(texts))
    in_team = rows.assign(team=rows["team"].fillna(""))
    n = in_team.groupby(["team", "family"])["interaction_id"].transform("nunique")
    of = in_team.groupby("team")["interaction_id"].transform("nunique")
    return rows.assign(scripted=(n >= MANY) & (n >= PART * of))
