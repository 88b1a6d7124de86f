"""The yearly study behind the gap: customers' expectation, perception and importance, employees' beliefs about them."""

from dataclasses import dataclass

import numpy as np

from sample_data.company import DAY, DIMENSIONS, STAGES
from sample_data.people import Agents, Customers
from sample_data.surveys import response_rates
from sample_data.truths import BELIEF_GAP, RESPONSE_BIAS
from sample_data.world import Floats, Ints, World

WAVES = (2023, 2024, 2025)  # every September
SCALE_MAX = 7  # items run from 1 to 7; importance shares out 100 points
INSTRUMENTS = ("expectation", "perception", "importance", "belief", "believed_expectation")
EXPECTATION, PERCEPTION, IMPORTANCE, BELIEF, BELIEVED_EXPECTATION = range(5)
EMPLOYEE_RESPONSE = 0.6
STAGES_PER_EMPLOYEE = 2

# Points of 0-100.
EXPERIENCE_BY_STAGE = np.array([66.0, 68.0, 52.0, 64.0, 60.0, 55.0, 58.0, 50.0])
EXPERIENCE_BY_DIMENSION = np.array([-2.0, -6.0, 3.0, -5.0, 6.0, -1.0, 2.0])
EXPECTATION_BY_STAGE = np.array([74.0, 78.0, 80.0, 77.0, 79.0, 82.0, 72.0, 70.0])
EXPECTATION_BY_DIMENSION = np.array([5.0, 4.0, 0.0, 1.0, -6.0, 3.0, -7.0])
BELIEVED_EXPECTATION_ERROR = np.array([1.0, -8.0, 2.0, -9.0, 3.0, -2.0, 0.0])  # they underrate speed and empathy
IMPORTANCE_BY_DIMENSION = np.array([24.0, 18.0, 12.0, 14.0, 8.0, 16.0, 8.0])
SPREAD = 16.0  # standard deviation between answers


@dataclass(frozen=True)
class GapAnswers:
    """One entry per item asked; score 0 with answered -1 = not answered; customer -1 = an employee answers."""

    customer: Ints
    instrument: Ints
    stage: Ints
    dimension: Ints
    score: Ints
    invited: Ints
    answered: Ints


def make_gap_answers(customers: Customers, agents: Agents, world: World) -> GapAnswers:
    """All waves, customers first, in the order of asking."""
    rng = world.stream("gap survey")
    parts = []
    for year in WAVES:
        opens = int(np.datetime64(f"{year}-09-12T08:00:00", "s").astype(np.int64))
        parts.append(_customer_wave(opens, customers, rng))
        parts.append(_employee_wave(opens, agents, world, rng))
    return GapAnswers(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in GapAnswers.__dataclass_fields__)
    )


def _to_scale(points: Floats) -> Ints:
    """Points of 0-100 as scores 1-7."""
    return np.clip(np.rint(1 + points / 100 * (SCALE_MAX - 1)), 1, SCALE_MAX).astype(np.int64)


def _customer_wave(opens: int, customers: Customers, rng: np.random.Generator) -> GapAnswers:
    """Expectation, perception and importance of one stage, asked of a small share of the customers of that time."""
    known = int(np.searchsorted(customers.signed_up, opens))
    panel = rng.permutation(known)[: max(56, len(customers.ids) // 12)]
    stage = np.arange(len(panel)) % len(STAGES)
    answers = rng.random(len(panel)) < response_rates(customers.biased[panel])
    count = (len(panel), len(DIMENSIONS))
    mood = 6 * customers.trait[panel][:, None]
    expectation = EXPECTATION_BY_STAGE[stage][:, None] + EXPECTATION_BY_DIMENSION
    experience = EXPERIENCE_BY_STAGE[stage][:, None] + EXPERIENCE_BY_DIMENSION + mood
    experience = experience + np.where(customers.biased[panel], RESPONSE_BIAS.perception_points, 0.0)[:, None]
    scores = {
        EXPECTATION: _to_scale(expectation + SPREAD * rng.standard_normal(count)),
        PERCEPTION: _to_scale(experience + SPREAD * rng.standard_normal(count)),
        IMPORTANCE: _shared_out(rng, len(panel)),
    }
    delay = rng.integers(3600, 14 * DAY, len(panel))
    return _rows(panel, stage, scores, np.full(len(panel), opens), np.where(answers, opens + delay, -1))


def _employee_wave(opens: int, agents: Agents, world: World, rng: np.random.Generator) -> GapAnswers:
    """What employees believe that customers experience and expect, two stages each."""
    count = len(agents.ids) * STAGES_PER_EMPLOYEE
    stage = np.arange(count) % len(STAGES)
    flattering = np.full(len(STAGES), float(BELIEF_GAP.points_elsewhere))
    if world.has("belief_gap"):
        flattering[STAGES.index(BELIEF_GAP.stage)] = BELIEF_GAP.points
    shape = (count, len(DIMENSIONS))
    experience = EXPERIENCE_BY_STAGE[stage][:, None] + EXPERIENCE_BY_DIMENSION
    expectation = EXPECTATION_BY_STAGE[stage][:, None] + EXPECTATION_BY_DIMENSION
    scores = {
        BELIEF: _to_scale(experience + flattering[stage][:, None] + 0.75 * SPREAD * rng.standard_normal(shape)),
        BELIEVED_EXPECTATION: _to_scale(
            expectation + BELIEVED_EXPECTATION_ERROR + 0.75 * SPREAD * rng.standard_normal(shape)
        ),
    }
    answers = rng.random(count) < EMPLOYEE_RESPONSE
    answered = np.where(answers, opens + rng.integers(3600, 10 * DAY, count), -1)
    return _rows(np.full(count, -1), stage, scores, np.full(count, opens), answered)


def _shared_out(rng: np.random.Generator, count: int) -> Ints:
    """100 importance points shared out over the dimensions by each respondent."""
    weights = IMPORTANCE_BY_DIMENSION * np.exp(0.35 * rng.standard_normal((count, len(DIMENSIONS))))
    points = np.floor(100 * weights / weights.sum(axis=1, keepdims=True)).astype(np.int64)
    points[:, 0] += 100 - points.sum(axis=1)
    return points


def _rows(customer: Ints, stage: Ints, scores: dict[int, Ints], invited: Ints, answered: Ints) -> GapAnswers:
    """One entry per respondent, instrument and dimension."""
    items = len(DIMENSIONS)
    each = len(scores) * items
    values = np.stack(list(scores.values()), axis=1).reshape(-1)
    return GapAnswers(
        customer=np.repeat(customer, each),
        instrument=np.tile(np.repeat(np.array(list(scores)), items), len(customer)),
        stage=np.repeat(stage, each),
        dimension=np.tile(np.arange(items), len(customer) * len(scores)),
        score=np.where(np.repeat(answered, each) >= 0, values, 0),
        invited=np.repeat(invited, each),
        answered=np.repeat(answered, each),
    )
