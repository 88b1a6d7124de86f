"""The canonical CSV tables, column for column as in the dashboard's model."""

from collections.abc import Iterable

import numpy as np

from sample_data import company
from sample_data.commerce import ORDER_STATES, Orders, Subscriptions, order_id
from sample_data.files import Row, amounts, counts, names_at, time_texts
from sample_data.gap_survey import IMPORTANCE, INSTRUMENTS, SCALE_MAX, GapAnswers
from sample_data.people import Agents, Customers
from sample_data.surveys import Answers
from sample_data.talk import AUTHORS, Message, comments
from sample_data.truths import EVENTS
from sample_data.world import Flags, Ints, World

COLUMNS = {
    "customers": "customer_id name email phone segment region country birth_year signed_up_at".split(),
    "interactions": (
        "interaction_id customer_id case_id occurred_at ended_at channel stage touchpoint reason initiated_by "
        "handled_by team agent_id wait_seconds handle_seconds transfers reopens outcome promised_at"
    ).split(),
    "messages": "message_id interaction_id sent_at author author_id text".split(),
    "survey_answers": (
        "answer_id customer_id interaction_id order_id respondent instrument dimension stage score scale_min scale_max "
        "comment invited_at answered_at weight"
    ).split(),
    "orders": "order_id customer_id ordered_at promised_at delivered_at amount currency status".split(),
    "subscriptions": "subscription_id customer_id started_at ended_at monthly_amount currency".split(),
    "touchpoint_owners": "touchpoint team part".split(),
    "events": "event_id occurred_at title kind".split(),
}
GERMAN_SPEAKING = [company.COUNTRIES.index(code) for code in ("DE", "AT")]
COMMENT_SHARE = 0.3


def speaks_german(customers: Customers) -> Flags:
    """Customers who live where German is spoken."""
    return np.isin(customers.country, GERMAN_SPEAKING)


def interaction_ids(contacts: np.ndarray) -> list[str]:
    """The id of each contact in interactions.csv; '' for e-mails, which are Zendesk tickets."""
    own = contacts["channel"] != company.EMAIL
    numbers = np.cumsum(own).tolist()
    return [f"I-{number:07d}" if is_own else "" for number, is_own in zip(numbers, own.tolist(), strict=True)]


def case_ids(contacts: np.ndarray) -> list[str]:
    """The id of each contact's case."""
    return [f"K-{case:07d}" for case in contacts["case"].tolist()]


def customer_rows(customers: Customers) -> Iterable[Row]:
    """Rows of customers.csv."""
    return zip(
        customers.ids,
        [f"{first} {last}" for first, last in zip(customers.first, customers.last, strict=True)],
        customers.email,
        customers.phone,
        names_at(company.SEGMENTS, customers.segment),
        names_at(company.REGIONS, customers.region),
        names_at(company.COUNTRIES, customers.country),
        customers.birth_year.tolist(),
        time_texts(customers.signed_up),
        strict=True,
    )


def interaction_rows(contacts: np.ndarray, ids: list[str], customers: Customers, agents: Agents) -> Iterable[Row]:
    """Rows of interactions.csv: `contacts` without e-mails, `ids` as long as `contacts`."""
    return zip(
        ids,
        names_at(customers.ids, contacts["customer"]),
        case_ids(contacts),
        time_texts(contacts["at"]),
        time_texts(contacts["ended"]),
        names_at(company.CHANNEL_NAMES, contacts["channel"]),
        names_at(company.STAGES, contacts["stage"]),
        names_at(company.TOUCHPOINTS, contacts["touchpoint"]),
        names_at(company.REASON_NAMES, contacts["reason"]),
        names_at(("customer", "company"), contacts["by_company"].astype(np.int64)),
        names_at(company.HANDLERS, contacts["handled"]),
        names_at(company.TEAMS, contacts["team"]),
        names_at(agents.ids, contacts["agent"]),
        counts(contacts["wait"]),
        contacts["handle"].tolist(),
        contacts["transfers"].tolist(),
        contacts["reopens"].tolist(),
        names_at(company.OUTCOMES, contacts["outcome"]),
        time_texts(contacts["promised"]),
        strict=True,
    )


def message_rows(
    messages: Iterable[Message], contacts: np.ndarray, ids: list[str], customers: Customers, agents: Agents
) -> Iterable[Row]:
    """Rows of messages.csv; the bot's author_id is 'norli'."""
    texts = list(messages)
    sent = time_texts(np.array([message.at for message in texts], dtype=np.int64))
    customer, agent = names_at(customers.ids, contacts["customer"]), names_at(agents.ids, contacts["agent"])
    for number, (message, at) in enumerate(zip(texts, sent, strict=True), start=1):
        author = (customer[message.contact], agent[message.contact], "norli")[message.author]
        yield f"M-{number:07d}", ids[message.contact], at, AUTHORS[message.author], author, message.text


def contact_answer_rows(
    contacts: np.ndarray, ids: list[str], answers: Answers, customers: Customers, world: World
) -> Iterable[Row]:
    """CSAT and effort rows of survey_answers.csv (without answer_id) for all contacts but e-mails."""
    asked = np.flatnonzero((answers.invited >= 0) & (contacts["channel"] != company.EMAIL))
    invited, answered = time_texts(answers.invited[asked]), time_texts(answers.answered[asked])
    texts = comments_on(answers.csat[asked], contacts[asked], customers, world, "contact comments")
    for index, position in enumerate(asked.tolist()):
        row = contacts[position]
        start = (customers.ids[row["customer"]], ids[position], "", "customer")
        stage, times = company.STAGES[row["stage"]], (invited[index], answered[index], 1)
        yield *start, "csat", "", stage, answers.csat[position] or "", 1, 5, texts[index], *times
        if answers.asked_effort[position]:
            yield *start, "ces", "", stage, answers.effort[position] or "", 1, 7, "", *times


def comments_on(csat: Ints, contacts: np.ndarray, customers: Customers, world: World, part: str) -> list[str]:
    """A comment on some of the answered scores (1-5; 0 = not answered gets none)."""
    level = np.where(csat >= 4, 1, np.where(csat == 3, 0, -1))
    german = speaks_german(customers)[contacts["customer"]]
    texts = comments(level, contacts["reason"], german, COMMENT_SHARE, world.stream(part))
    return [text if given else "" for text, given in zip(texts, csat.tolist(), strict=True)]


def delivery_answer_rows(orders: Orders, answers: Answers, customers: Customers) -> Iterable[Row]:
    """Delivery CSAT rows of survey_answers.csv (without answer_id): they name an order, no contact."""
    asked = np.flatnonzero(answers.invited >= 0)
    invited, answered = time_texts(answers.invited[asked]), time_texts(answers.answered[asked])
    for index, position in enumerate(asked.tolist()):
        start = (customers.ids[orders.customer[position]], "", order_id(position), "customer", "csat", "", "buy")
        yield *start, answers.csat[position] or "", 1, 5, "", invited[index], answered[index], 1


def gap_answer_rows(gap: GapAnswers, customers: Customers) -> Iterable[Row]:
    """Expectation, perception, importance and belief rows of survey_answers.csv (without answer_id)."""
    customer = names_at(customers.ids, gap.customer)
    columns = (
        gap.instrument.tolist(),
        gap.stage.tolist(),
        gap.dimension.tolist(),
        gap.score.tolist(),
        gap.answered.tolist(),
    )
    invited, answered = time_texts(gap.invited), time_texts(gap.answered)
    for index, (instrument, stage, dimension, value, done) in enumerate(zip(*columns, strict=True)):
        who = "customer" if customer[index] else "employee"
        item = (INSTRUMENTS[instrument], company.DIMENSIONS[dimension], company.STAGES[stage])
        scale = (0, 100) if instrument == IMPORTANCE else (1, SCALE_MAX)
        given = value if done >= 0 else ""
        yield customer[index], "", "", who, *item, given, *scale, "", invited[index], answered[index], 1


def order_rows(orders: Orders, customers: Customers) -> Iterable[Row]:
    """Rows of orders.csv."""
    count = len(orders.customer)
    return zip(
        [order_id(position) for position in range(count)],
        names_at(customers.ids, orders.customer),
        time_texts(orders.ordered),
        time_texts(orders.promised),
        time_texts(orders.delivered),
        amounts(orders.amount),
        [company.CURRENCY] * count,
        names_at(ORDER_STATES, orders.state),
        strict=True,
    )


def subscription_rows(plans: Subscriptions, customers: Customers) -> Iterable[Row]:
    """Rows of subscriptions.csv."""
    count = len(plans.customer)
    return zip(
        [f"P-{number:06d}" for number in range(1, count + 1)],
        names_at(customers.ids, plans.customer),
        time_texts(plans.started),
        time_texts(plans.ended),
        amounts(plans.monthly),
        [company.CURRENCY] * count,
        strict=True,
    )


def owner_rows() -> Iterable[Row]:
    """Rows of touchpoint_owners.csv."""
    return ((touchpoint, *owner) for touchpoint, owner in company.TOUCHPOINT_OWNERS.items())


def event_rows(world: World) -> Iterable[Row]:
    """Rows of events.csv; the events of truths that are left out are left out, too."""
    for number, event in enumerate(sorted(EVENTS, key=lambda event: event.on), start=1):
        if event.truth is None or world.has(event.truth):
            yield f"E-{number:03d}", f"{event.on.isoformat()}T00:00:00Z", event.title, event.kind
