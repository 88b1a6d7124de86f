"""Where what customers expect, what they experience and what the brand believes of both part ways, on 0-100."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.metrics.clustered_mean import ClusteredMean
from cx_metrics.metrics.estimators import Share
from cx_metrics.metrics.facts import GAP_ANSWERS
from cx_metrics.metrics.matched_gap import FEWEST, MatchedGap
from cx_metrics.metrics.metric import Metric
from cx_metrics.metrics.survey import SATISFIED
from cx_metrics.model import survey_answers as answer

POINTS = 100.0 * (answer.c.score - answer.c.scale_min) / sa.func.nullif(answer.c.scale_max - answer.c.scale_min, 0.0)
RESPONDENT = sa.func.coalesce(answer.c.customer_id, answer.c.answer_id)  # who is not named answers once, it is assumed
_SERVQUAL = "Parasuraman, Zeithaml, Berry 1985, 1988 (SERVQUAL)"


def _given(instrument: str, of_customers: bool = True) -> Any:
    """Answers that count: the latest of each respondent, item and wave. Beliefs are the company's whoever a file calls
    the respondent; what employees expect or experience themselves does not count."""
    counted = [answer.c.instrument == instrument, answer.c.counts == 1, answer.c.score.is_not(None)]
    return sa.and_(*counted, *([answer.c.respondent == "customer"] if of_customers else []))


SIDES = {  # what is asked, of whom
    "expectation": _given("expectation"),
    "experience": _given("perception"),
    "belief": _given("belief", of_customers=False),
    "believed_expectation": _given("believed_expectation", of_customers=False),
}
IMPORTANCE = _given("importance")


RIVALS = {"experience": ("experience_good",), "belief": ("belief_good",)}


def _side(name: str, title: str, better: str, definition: str, instrument: str, who: str) -> Metric:
    return Metric(
        name, title, "score 0-100", better, definition,
        "mean of 100 x (score - lowest) / (highest - lowest) over the answers to all items", _SERVQUAL,
        f"answers of {who}s about single items: survey_answers with instrument {instrument}, respondent {who}",
        GAP_ANSWERS, answer.c.answered_at, ClusteredMean(SIDES[name], POINTS, RESPONDENT), variant="mean score",
        rivals=RIVALS.get(name, ()),
    )  # fmt: skip


def _gap(
    name: str, title: str, better: str, definition: str, sides: tuple[str, str], needs: str, **more: Any
) -> Metric:
    weighted = more.pop("weighted", False)
    words = [side.replace("_", " ") for side in sides]
    average = "weighted by the mean importance of their dimensions" if weighted else "each counting the same"
    kind = MatchedGap(
        SIDES[sides[0]], SIDES[sides[1]], POINTS, answer.c.stage, answer.c.dimension,
        RESPONDENT, general=name != "service_gap" and not weighted,
        importance=IMPORTANCE if weighted else None,
    )  # fmt: skip
    return Metric(
        name, title, "points", better, definition,
        f"mean {words[0]} - mean {words[1]}, item by item (stage x dimension), averaged over the items with at least "
        f"{FEWEST} answers on both sides, {average}; n: respondents of the smaller side",
        more.pop("source", _SERVQUAL), needs, GAP_ANSWERS, answer.c.answered_at, kind, **more,
    )  # fmt: skip


EXPECTATION = _side("expectation", "Expectation", "neither", "What customers expect.", "expectation", "customer")
EXPERIENCE = _side(
    "experience", "Experience", "higher", "What customers say they experience.", "perception", "customer"
)
BELIEF = _side(
    "belief",
    "Belief",
    "neither",
    "What the company's own people believe that customers experience.",
    "belief",
    "employee",
)
BELIEVED_EXPECTATION = _side(
    "believed_expectation", "Believed expectation", "neither",
    "What the company's own people think that customers expect.", "believed_expectation", "employee",
)  # fmt: skip


def _top(name: str, title: str, better: str, definition: str, of: Metric) -> Metric:
    return Metric(
        name, title, "%", better, definition,
        "answers in the top two boxes of their scale / all answers to all items",
        "Top-two-box convention, to set beside published shares (analyses/references.toml)", of.needs, GAP_ANSWERS,
        answer.c.answered_at, Share(SIDES[of.name], SATISFIED), rivals=(of.name,), variant="top two boxes",
    )  # fmt: skip


EXPERIENCE_GOOD = _top(
    "experience_good", "Experience rated good", "higher",
    "Share of customers' answers about their experience in the top two boxes.", EXPERIENCE,
)  # fmt: skip
BELIEF_GOOD = _top(
    "belief_good", "Experience believed good", "neither",
    "Share of employees' answers about what customers experience in the top two boxes.", BELIEF,
)  # fmt: skip
_BOTH = "customers' expectation and perception of the same items: survey_answers"
SERVICE_GAP = _gap(
    "service_gap", "Service gap", "higher",
    "Experience minus expectation: below zero, customers get less than expected.",
    ("experience", "expectation"), _BOTH, source=f"{_SERVQUAL}, gap 5", rivals=("service_gap_weighted",), headline=True,
    variant="items count the same",
)  # fmt: skip
SERVICE_GAP_WEIGHTED = _gap(
    "service_gap_weighted", "Service gap, importance-weighted", "higher",
    "Experience minus expectation, with the dimensions counted by how important customers call them.",
    ("experience", "expectation"), f"{_BOTH}, with instrument importance", source=f"{_SERVQUAL}, weighted score",
    rivals=("service_gap",), weighted=True, variant="importance-weighted",
)  # fmt: skip
BELIEF_GAP = _gap(
    "belief_gap", "Belief gap", "lower",
    "Belief minus experience: above zero, the company thinks it does better than customers say.",
    ("belief", "experience"), "employees' beliefs and customers' perceptions of the same items: survey_answers",
    source="Empathy gap; the brand's side of the delivery gap (Allen, Reichheld, Hamilton 2005, Bain)", headline=True,
)  # fmt: skip
KNOWLEDGE_GAP = _gap(
    "knowledge_gap", "Knowledge gap", "neither",
    "Believed expectation minus expectation: below zero, the company underrates what customers expect.",
    ("believed_expectation", "expectation"),
    "what employees think customers expect, and what customers expect, of the same items: survey_answers",
    source=f"{_SERVQUAL}, gap 1",
)  # fmt: skip
GAPS = (SERVICE_GAP, BELIEF_GAP, KNOWLEDGE_GAP)
LEVELS = (EXPECTATION, EXPERIENCE, BELIEF, BELIEVED_EXPECTATION)
METRICS = (*LEVELS, *GAPS, SERVICE_GAP_WEIGHTED, EXPERIENCE_GOOD, BELIEF_GOOD)
