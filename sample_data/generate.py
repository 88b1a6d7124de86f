"""Generate the sample company: `python sample_data/generate.py OUT_DIR [--customers N] [--contacts N] [--seed N]`."""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

if __package__ in (None, ""):  # run as a script or loaded by its path
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sample_data import bad_rows, canonical, qualtrics, zendesk
from sample_data.commerce import Orders, Subscriptions, drop_lost_orders, leaving_times, make_orders, make_subscriptions
from sample_data.company import EMAIL
from sample_data.contacts import make_contacts
from sample_data.files import Row, write_csv, write_json
from sample_data.gap_survey import GapAnswers, make_gap_answers
from sample_data.people import Agents, Customers, make_agents, make_customers
from sample_data.surveys import Answers, ask_after_contacts, ask_after_orders, ask_for_relationship
from sample_data.talk import Message, contacts_with_text, conversations
from sample_data.truths import TRUTHS
from sample_data.world import World

Progress = Callable[[float, str], None]
SMALLEST = (200, 1_000)  # fewer customers or contacts leave no room for the bad rows and the truths


def generate(
    out: Path,
    customers: int = 20_000,
    contacts: int = 200_000,
    seed: int = 7,
    without: frozenset[str] = frozenset(),
    progress: Progress | None = None,
) -> Path:
    """Write all files of the company under `out` and return it; `progress` gets the share done (0-1) and a word.

    `contacts` counts interactions and Zendesk tickets together, bad rows not included. Same arguments, same bytes.
    """
    _check(customers, contacts, without)
    say = progress or (lambda share, what: None)
    world = World(seed, without)
    out = Path(out)
    say(0.0, "customers and contacts")
    people, agents = make_customers(customers, world), make_agents(contacts, world)
    orders = make_orders(people, world)
    rows = make_contacts(contacts, people, agents, orders, world)
    leaving = leaving_times(rows, people, world)
    plans = make_subscriptions(people, rows, leaving, world)
    orders, moved = drop_lost_orders(orders, rows, leaving)
    rows["order"] = np.where(rows["order"] >= 0, moved[rows["order"]], -1)
    answers = ask_after_contacts(rows, people, world)
    say(0.1, "customers, orders and subscriptions")
    _write_company(out / "canonical", people, orders, plans, world)
    say(0.15, "interactions and messages")
    _write_interactions(out / "canonical", rows, people, agents, world)
    say(0.5, "survey answers")
    _write_answers(out / "canonical", rows, answers, orders, make_gap_answers(people, agents, world), people, world)
    say(0.65, "tickets")
    _write_zendesk(out / "zendesk", rows, answers, people, agents, world)
    say(0.97, "relationship survey")
    survey = ask_for_relationship(rows, people, world)
    answered = [*qualtrics.header_rows(), *qualtrics.answer_rows(survey, people, world)]
    write_csv(out / "qualtrics" / "relationship-survey.csv", qualtrics.HEADER, answered)
    say(1.0, "done")
    return out


def _check(customers: int, contacts: int, without: frozenset[str]) -> None:
    """Refuse, with a ValueError, what no company can be made of."""
    if unknown := sorted(without - TRUTHS.keys()):
        raise ValueError(f"Unknown truth: {', '.join(unknown)}. Known: {', '.join(TRUTHS)}.")
    if customers < SMALLEST[0] or contacts < SMALLEST[1]:
        raise ValueError(f"The smallest sample has {SMALLEST[0]} customers and {SMALLEST[1]} contacts.")


def _write_table(folder: Path, table: str, rows: Iterable[Row]) -> None:
    """One canonical table with its bad rows."""
    write_csv(folder / f"{table}.csv", canonical.COLUMNS[table], bad_rows.spoil(table, list(rows)))


def _write_company(folder: Path, customers: Customers, orders: Orders, plans: Subscriptions, world: World) -> None:
    """customers, orders, subscriptions, touchpoint_owners and events."""
    _write_table(folder, "customers", canonical.customer_rows(customers))
    _write_table(folder, "orders", canonical.order_rows(orders, customers))
    _write_table(folder, "subscriptions", canonical.subscription_rows(plans, customers))
    _write_table(folder, "touchpoint_owners", canonical.owner_rows())
    _write_table(folder, "events", canonical.event_rows(world))


def _write_interactions(folder: Path, contacts: np.ndarray, customers: Customers, agents: Agents, world: World) -> None:
    """interactions and messages: all contacts but e-mails."""
    ids = canonical.interaction_ids(contacts)
    own = contacts["channel"] != EMAIL
    own_ids = [name for name in ids if name]
    _write_table(folder, "interactions", canonical.interaction_rows(contacts[own], own_ids, customers, agents))
    positions = np.flatnonzero(own & contacts_with_text(contacts, world))
    said = conversations(positions, contacts, customers, agents, world, "interactions")
    _write_table(folder, "messages", canonical.message_rows(said, contacts, ids, customers, agents))


def _write_answers(
    folder: Path,
    contacts: np.ndarray,
    answers: Answers,
    orders: Orders,
    gap: GapAnswers,
    customers: Customers,
    world: World,
) -> None:
    """survey_answers: after contacts, after deliveries and the yearly study, numbered through."""
    ids = canonical.interaction_ids(contacts)
    parts = (
        canonical.contact_answer_rows(contacts, ids, answers, customers, world),
        canonical.delivery_answer_rows(orders, ask_after_orders(orders, customers, world), customers),
        canonical.gap_answer_rows(gap, customers),
    )
    rows = (row for part in parts for row in part)
    _write_table(folder, "survey_answers", ((f"S-{number:07d}", *row) for number, row in enumerate(rows, start=1)))


def _write_zendesk(
    folder: Path, contacts: np.ndarray, answers: Answers, customers: Customers, agents: Agents, world: World
) -> None:
    """The six Zendesk files: all e-mails."""
    positions = np.flatnonzero(contacts["channel"] == EMAIL)
    rows, position = contacts[positions], {contact: n for n, contact in enumerate(positions.tolist())}
    with_text = positions[contacts_with_text(contacts, world)[positions]]
    said: list[Message] = list(conversations(with_text, contacts, customers, agents, world, "tickets"))
    first_texts: dict[int, str] = {}
    for message in said:
        first_texts.setdefault(position[message.contact], message.text)
    ratings = zendesk.ratings(rows, zendesk.only(answers, positions), customers, world)
    tickets = zendesk.tickets(rows, ratings, first_texts, customers, agents)
    bad_rows.spoil_tickets(tickets)
    bad_rows.spoil_ratings(ratings, zendesk.FIRST_TICKET)
    pages_end = {"end_of_stream": True, "after_cursor": None, "after_url": None, "count": len(tickets)}
    write_json(folder / "tickets.json", "tickets", tickets, **pages_end)
    write_json(folder / "ticket_metrics.json", "ticket_metrics", zendesk.metrics(rows), next_page=None)
    write_json(folder / "satisfaction_ratings.json", "satisfaction_ratings", ratings, next_page=None)
    write_json(folder / "users.json", "users", zendesk.users(rows, customers, agents), next_page=None)
    write_json(folder / "comments.json", "comments", zendesk.comments(said, rows, position), next_page=None)
    write_json(folder / "groups.json", "groups", zendesk.groups(), next_page=None)


def main(arguments: list[str] | None = None) -> int:
    """The command line; progress goes to standard error."""
    parser = argparse.ArgumentParser(description="Generate the sample company Nordlicht Home.")
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--contacts", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--without", action="append", default=[], choices=list(TRUTHS), metavar="TRUTH", help=", ".join(TRUTHS)
    )
    given = parser.parse_args(arguments)
    try:
        generate(given.out, given.customers, given.contacts, given.seed, frozenset(given.without), _report)
    except (ValueError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


def _report(share: float, what: str) -> None:
    """Progress for people."""
    print(f"{share:4.0%} {what}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
