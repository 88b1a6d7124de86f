"""What customers say when asked: satisfaction, recommendation, effort, and how many answer."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.metrics.estimators import Mean, Net, Share
from cx_metrics.metrics.facts import ANSWERS
from cx_metrics.metrics.metric import Metric
from cx_metrics.model import survey_answers as answer

_score, _low, _high = answer.c.score, answer.c.scale_min, answer.c.scale_max


def _answered(instrument: str) -> Any:
    """Customers' answers that count: the latest of each customer, item and wave."""
    return sa.and_(
        answer.c.instrument == instrument, answer.c.respondent == "customer", answer.c.counts == 1, _score.is_not(None)
    )


# Two boxes of a scale with at least four steps up to ten, the top one of a shorter scale, the top fifth of a longer.
SATISFIED = sa.case(
    (_high - _low < 3, _score >= _high),
    (_high - _low <= 10, _score >= _high - 1),
    else_=_score >= _high - (_high - _low) / 5.0,
)
_PERCENT = 100.0 * (_score - _low) / sa.func.nullif(_high - _low, 0.0)
_EASE = sa.case((_high == 5, _low + _high - _score), else_=_score)  # a legacy 1-5 scale asks for effort: 1 is easy
_EASE_OF_7 = 1 + 6 * (_EASE - _low) / sa.func.nullif(_high - _low, 0.0)
_EASY = _EASE_OF_7 >= 5 - 1e-9  # 4-5 of the reversed 1-5

CSAT = Metric(
    name="csat",
    title="Customer satisfaction (CSAT)",
    unit="%",
    better="higher",
    definition="Share of satisfaction answers in the top two boxes of their scale.",
    formula="answers in the top two boxes (4-5 of 5, 9-10 of 10, good of good/bad) / all answers",
    source="Top-two-box convention (ACSI, Qualtrics); Wilson 1927 for the interval",
    needs="answers to a satisfaction question: survey_answers with instrument csat",
    fact=ANSWERS,
    time=answer.c.answered_at,
    kind=Share(_answered("csat"), SATISFIED),
    rivals=("csat_mean", "csat_weighted"),
    headline=True,
    variant="top two boxes",
)
CSAT_MEAN = Metric(
    name="csat_mean",
    title="Mean satisfaction",
    unit="score 0-100",
    better="higher",
    definition="Mean of the satisfaction answers, each scale brought to 0-100.",
    formula="mean of 100 x (score - lowest) / (highest - lowest)",
    source="ACSI index scaling",
    needs=CSAT.needs,
    fact=ANSWERS,
    time=answer.c.answered_at,
    kind=Mean(_answered("csat"), _PERCENT),
    rivals=("csat",),
    variant="mean score",
)
CSAT_WEIGHTED = Metric(
    name="csat_weighted",
    title="Customer satisfaction, design-weighted",
    unit="%",
    better="higher",
    definition="CSAT with each answer counted by the survey's own design weight.",
    formula="weight of answers in the top two boxes / weight of all answers; interval with effective n (Kish)",
    source="Kish 1965 for the effective sample size",
    needs="satisfaction answers with a design weight: survey_answers.weight",
    fact=ANSWERS,
    time=answer.c.answered_at,
    kind=Share(_answered("csat"), SATISFIED, weight=answer.c.weight),
    rivals=("csat",),
    variant="top two boxes, design-weighted",
)
NPS = Metric(
    name="nps",
    title="Net Promoter Score (NPS)",
    unit="points",
    better="higher",
    definition="Share of promoters (9-10) minus share of detractors (0-6) among recommendation answers.",
    formula="100 x (promoters - detractors) / answers; interval: adjusted Wald",
    source="Reichheld 2003; Rocks 2016 for the interval",
    needs="answers to a 0-10 recommendation question: survey_answers with instrument nps",
    fact=ANSWERS,
    time=answer.c.answered_at,
    kind=Net(_answered("nps"), _score >= 9, _score <= 6),
    rivals=("nps_weighted",),
    headline=True,
    variant="as answered",
)
NPS_WEIGHTED = Metric(
    name="nps_weighted",
    title="Net Promoter Score, design-weighted",
    unit="points",
    better="higher",
    definition="NPS with each answer counted by the survey's own design weight.",
    formula="100 x (weight of promoters - weight of detractors) / weight of answers; interval with effective n (Kish)",
    source="Reichheld 2003; Rocks 2016; Kish 1965",
    needs="recommendation answers with a design weight: survey_answers.weight",
    fact=ANSWERS,
    time=answer.c.answered_at,
    kind=Net(_answered("nps"), _score >= 9, _score <= 6, weight=answer.c.weight),
    rivals=("nps",),
    variant="design-weighted",
)
CES = Metric(
    name="ces",
    title="Customer effort (CES 2.0)",
    unit="%",
    better="higher",
    definition="Share of customers who agree that it was made easy for them (5-7 of 7).",
    formula="answers 5-7 of 7 / all answers; a legacy 1-5 effort scale is reversed, 4-5 count; other scales are "
    "stretched to 1-7",
    source="Dixon, Toman, DeLisi 2013 (The Effortless Experience)",
    needs="answers to an effort question: survey_answers with instrument ces",
    fact=ANSWERS,
    time=answer.c.answered_at,
    kind=Share(_answered("ces"), _EASY),
    rivals=("ces_mean",),
    headline=True,
    variant="5-7 of 7",
)
CES_MEAN = Metric(
    name="ces_mean",
    title="Mean ease",
    unit="score 1-7",
    better="higher",
    definition="Mean of the effort answers on the 1-7 ease scale.",
    formula="mean of the scores, each scale stretched to 1-7; a legacy 1-5 effort scale is reversed first",
    source="Dixon, Toman, DeLisi 2013",
    needs=CES.needs,
    fact=ANSWERS,
    time=answer.c.answered_at,
    kind=Mean(_answered("ces"), _EASE_OF_7),
    rivals=("ces",),
    variant="mean of 1-7",
)
RESPONSE_RATE = Metric(
    name="response_rate",
    title="Response rate",
    unit="%",
    better="higher",
    definition="Share of survey invitations that were answered, each customer and wave counted once.",
    formula="invitations with an answer / invitations delivered",
    source="AAPOR Standard Definitions, RR1",
    needs="invitations as well as answers: survey_answers.invited_at",
    fact=ANSWERS,
    time=answer.c.invited_at,
    kind=Share(
        sa.and_(answer.c.respondent == "customer", answer.c.invitation >= 1, answer.c.invited_at.is_not(None)),
        answer.c.invitation == 2,
    ),
    headline=True,
)
METRICS = (CSAT, CSAT_MEAN, CSAT_WEIGHTED, NPS, NPS_WEIGHTED, CES, CES_MEAN, RESPONSE_RATE)
