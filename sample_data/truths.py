"""The known truths of the sample company: what is in the data on purpose, where, from when and how large.

Every truth is one frozen dataclass and one constant. The generator reads its effect from here and from nowhere else,
and `generate(without=...)` leaves it out by its name. Sizes named `points` are percentage points of CSAT (share of
answers 4-5 of 5) unless said otherwise; sizes named `lift` are steps of the latent satisfaction behind the scores.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class BotDeadEnd:
    """From `start` on, the chat bot stops solving matters of `stage`, and its customers come back by phone."""

    stage: str
    start: date
    outcomes: tuple[float, float, float, float]  # shares resolved, unresolved, abandoned, escalated
    usual_outcomes: tuple[float, float, float, float]
    return_share: float  # share of the failed contacts that come back
    phone_share: float  # share of those that come back by phone


@dataclass(frozen=True)
class WorkingInitiative:
    """From `start` on, `team` answers faster, sees fewer repeats and gets better scores; `comparison` does not."""

    title: str
    team: str
    comparison: str
    start: date
    wait_factor: float
    repeat_factor: float
    lift: float
    points: float  # CSAT points the three effects add up to


@dataclass(frozen=True)
class IdleInitiative:
    """An initiative of `team` from `start` on that changes nothing."""

    title: str
    team: str
    start: date


@dataclass(frozen=True)
class BeliefGap:
    """Employees' belief minus customers' experience, in points of 0-100, in `stage` and in all other stages."""

    stage: str
    points: float
    points_elsewhere: float


@dataclass(frozen=True)
class ResponseBias:
    """Customers of `region` answer fewer invitations and are less satisfied than all others."""

    region: str
    response_rate: float
    response_rate_elsewhere: float
    lift: float
    perception_points: float  # effect on the perception items, points of 0-100


@dataclass(frozen=True)
class MixShift:
    """`channel` grows over `ramp_days` from `share_before` to `share_after` of contacts; no channel gets worse."""

    channel: str
    start: date
    ramp_days: int
    share_before: float
    share_after: float


@dataclass(frozen=True)
class RefundLoop:
    """Cases on `reason` that begin from `start` on come back more often, sent from `stage` to `detour` and back again.

    `team` answers them, so that what other teams do stays comparable. In stores nothing changes.
    """

    reason: str
    stage: str
    detour: str
    team: str
    start: date
    detour_share: float  # share of the comebacks from `stage` that go to `detour`
    detour_share_elsewhere: float
    back_share: float  # share of the comebacks from `detour` that go to `stage` again
    return_factor: float  # on the usual share that comes back after an outcome
    return_limit: float  # but no more than this share


@dataclass(frozen=True)
class ReplyStyle:
    """Share of a human agent's replies of one kind, in `team` and in all other teams."""

    team: str
    share: float
    share_elsewhere: float


BOT_DEAD_END = BotDeadEnd("pay", date(2025, 3, 1), (0.18, 0.40, 0.42, 0.0), (0.64, 0.18, 0.16, 0.02), 0.80, 0.85)
WORKING_INITIATIVE = WorkingInitiative(
    "Callback promise", "Care North", "Care South", date(2025, 9, 1), 0.5, 0.45, 0.13, 8
)
IDLE_INITIATIVE = IdleInitiative("New greeting", "Billing", date(2025, 6, 1))
BELIEF_GAP = BeliefGap("onboard", 25, 5)
RESPONSE_BIAS = ResponseBias("East", 0.08, 0.25, -0.5, -10)
MIX_SHIFT = MixShift("chat", date(2025, 10, 1), 45, 0.15, 0.40)
REFUND_LOOP = RefundLoop("refund missing", "pay", "get help", "Digital", date(2025, 7, 8), 0.75, 0.20, 0.95, 3.5, 0.85)
SCRIPTED_TEAM = ReplyStyle("Loyalty", 0.80, 0.10)
EMPATHIC_TEAM = ReplyStyle("Stores", 0.70, 0.15)

TRUTHS: dict[str, object] = {
    "bot_dead_end": BOT_DEAD_END,
    "working_initiative": WORKING_INITIATIVE,
    "idle_initiative": IDLE_INITIATIVE,
    "belief_gap": BELIEF_GAP,
    "response_bias": RESPONSE_BIAS,
    "mix_shift": MIX_SHIFT,
    "refund_loop": REFUND_LOOP,
    "scripted_team": SCRIPTED_TEAM,
    "empathic_team": EMPATHIC_TEAM,
}


@dataclass(frozen=True)
class Event:
    """One row of events.csv; `truth` names the truth it belongs to and disappears with, None for the company's own."""

    on: date
    title: str
    kind: str
    truth: str | None


EVENTS = (
    Event(date(2024, 3, 12), "New product pages", "release", None),
    Event(date(2024, 11, 19), "Checkout outage", "outage", None),
    Event(date(2025, 1, 15), "Care plan price change", "price", None),
    Event(BOT_DEAD_END.start, "Chat bot answers payment questions", "release", "bot_dead_end"),
    Event(date(2025, 5, 5), "Spring campaign", "campaign", None),
    Event(IDLE_INITIATIVE.start, f"{IDLE_INITIATIVE.title} ({IDLE_INITIATIVE.team})", "initiative", "idle_initiative"),
    Event(REFUND_LOOP.start, "Refunds need a return proof", "release", "refund_loop"),
    Event(
        WORKING_INITIATIVE.start,
        f"{WORKING_INITIATIVE.title} ({WORKING_INITIATIVE.team})",
        "initiative",
        "working_initiative",
    ),
    Event(MIX_SHIFT.start, "Chat button on every page", "release", "mix_shift"),
    Event(date(2025, 11, 24), "Winter sale", "campaign", None),
)


@dataclass(frozen=True)
class BadRow:
    """`count` additional rows of one `kind` of mistake in `file`; `should` says what a good importer does with each."""

    file: str
    kind: str
    count: int
    should: str


BAD_ROWS = (
    BadRow("canonical/survey_answers.csv", "score outside its scale", 8, "quarantine"),
    BadRow("canonical/survey_answers.csv", "unknown instrument", 3, "quarantine"),
    BadRow("canonical/interactions.csv", "unreadable date", 5, "quarantine"),
    BadRow("canonical/interactions.csv", "negative wait", 5, "quarantine"),
    BadRow("canonical/interactions.csv", "too many cells", 3, "quarantine"),
    BadRow("canonical/interactions.csv", "missing id", 3, "quarantine"),
    BadRow("canonical/orders.csv", "exact duplicate", 5, "load once"),
    BadRow("canonical/customers.csv", "same key, other values", 3, "quarantine the second"),
    BadRow("zendesk/tickets.json", "unreadable date", 2, "quarantine"),
    BadRow("zendesk/tickets.json", "missing id", 1, "quarantine"),
    BadRow("zendesk/satisfaction_ratings.json", "unknown score", 2, "quarantine"),
)
