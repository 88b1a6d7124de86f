"""What do customers say? Themes of what they write, how often, in which mood, and what goes with them."""

from __future__ import annotations

import sqlalchemy as sa

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.overview import usual_interval
from cx_metrics.analyses.taxonomy import Themes
from cx_metrics.analyses.voice_effects import effects
from cx_metrics.analyses.voice_emerging import emerging
from cx_metrics.analyses.voice_figures import figures
from cx_metrics.analyses.voice_texts import CUSTOMERS_WORDS, masks
from cx_metrics.analyses.voice_words import assumptions, sentences
from cx_metrics.model import messages, survey_answers, text_words
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse


def voice(warehouse: Warehouse, themes: Themes, scope: Scope) -> Analysis:
    """What customers say in a scope whose period is set, by these themes. A text: see `voice_texts`.

    Tables (shares in per cent, moods from -1 to 1, intervals of 95 %; `suppressed`: too few to show):
    - themes: theme, texts (with it), n (all texts), share, low, high, moods (texts with a mood), mood, mood_low,
      mood_high, negative (share of moods below the limit), negative_low, negative_high, suppressed; the largest first,
      then the texts in no theme, then all.
    - trend: theme, period (its start), texts, n, share, low, high, suppressed.
    - places: stage, channel, theme, texts, n (all texts there), share, low, high, suppressed.
    - effects: theme, measure (CSAT, NPS), unit, n_with, with, n_without, without, difference, low, high, adjusted
      (within stage and channel), adjusted_low, adjusted_high, p_holm, clear, suppressed.
    - emerging: kind (theme or word), name, origin (contact, or a survey's instrument), texts and n of the last four
      weeks, share, low, high, before_texts, before_n, before_share, times, dispersion, p, p_adjusted.
    """
    found = masks(warehouse, themes)
    tables = figures(warehouse, found, themes, scope, usual_interval(scope))
    tables["effects"] = effects(warehouse, found, themes, scope)
    tables["emerging"], watched = emerging(warehouse, found, themes, scope)
    unfit = _without_words(warehouse) if not tables["themes"]["n"].max() > 0 else ""
    return Analysis("voice", scope, tables, sentences(tables, watched, unfit), assumptions(scope))


def _without_words(warehouse: Warehouse) -> str:
    """Why there is nothing to look at: "no texts", or "not read" where texts came before words were looked for."""
    one = sa.literal(1)
    if len(warehouse.read(sa.select(one).select_from(text_words).limit(1))):
        return "none here"
    said = sa.select(one).select_from(messages).where(messages.c.author == "customer", messages.c.text.is_not(None))
    comment = sa.select(one).select_from(survey_answers).where(survey_answers.c.comment.is_not(None), CUSTOMERS_WORDS)
    there = any(len(warehouse.read(question.limit(1))) for question in (said, comment))
    return "not read" if there else "no texts"
