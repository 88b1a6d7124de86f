"""Sentences that belong to one reason of contact, in the order of company.REASONS."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Matter:
    """How one reason sounds: in a subject line, from the customer, named by the agent, and as the agent's next step."""

    subject: str
    problem: tuple[str, ...]  # a customer's first sentence
    it: tuple[str, ...]  # the same seen by an agent, as a clause that begins with "that"
    step: tuple[str, ...]  # what an agent does about it


MATTERS = (
    Matter(
        "Question about the {item}",
        (
            "I am looking for a {item} and cannot decide between {n} models.",
            "Which {item} fits a small flat?",
            "What is the difference between the {n} versions of the {item}?",
        ),
        ("that choosing a {item} has turned into such a chore", "that the pages about the {item} left you puzzled"),
        (
            "The smaller {item} fits {n} people.",
            "I have sent you a comparison of {n} models.",
            "The {item} comes in {n} colours.",
        ),
    ),
    Matter(
        "Is the {item} in stock?",
        (
            "Is the {item} available again?",
            "Your page says {n} left, the store says none. Is the {item} in stock?",
            "When will the {item} be back?",
        ),
        ("that the {item} was sold out just when you came for it", "that our page promised a {item} we did not have"),
        ("I have set {n} pieces aside.", "The {item} is back on {day}.", "The store has {n} of them."),
    ),
    Matter(
        "Change to order {order}",
        (
            "I need to change the address of order {order}.",
            "Please swap the {item} for the larger one.",
            "I ordered {n} by mistake, I only need one {item}.",
        ),
        ("that a small change to your order takes this much effort", "that the wrong address made it into your order"),
        (
            "The address of {order} is changed.",
            "I have replaced the {item} in the order.",
            "The order now has {n} lines.",
        ),
    ),
    Matter(
        "Checkout does not work",
        (
            "The checkout stops at step {n}.",
            "I cannot pay for the {item}, the page just reloads.",
            "The voucher is not accepted for order {order}.",
        ),
        ("that the checkout threw you out at the last step", "that you tried to pay {n} times in vain"),
        (
            "The payment page is reset, please use the new link.",
            "I have placed the order for the {item} by hand.",
            "The voucher is valid until {day}.",
        ),
    ),
    Matter(
        "Setting up the {item}",
        (
            "I cannot get the {item} set up, step {n} makes no sense.",
            "The guide of the {item} does not match what is in the box.",
            "How do I connect the {item}?",
        ),
        (
            "that the guide left you sitting on the floor with half a {item}",
            "that setting up the {item} cost you a whole evening",
        ),
        (
            "Please fix the {n} long screws first.",
            "A fitter can come on {day}.",
            "Step {n} has changed, the new guide is attached.",
        ),
    ),
    Matter(
        "Parts missing: {item}",
        (
            "There are {n} screws missing from the {item}.",
            "The box of the {item} came without its feet.",
            "One shelf is missing, order {order}.",
        ),
        ("that the {item} came without all its parts", "that you opened the box and could not even start"),
        (
            "The parts are sent today.",
            "{n} replacement screws are on their way.",
            "The missing shelf leaves the warehouse on {day}.",
        ),
    ),
    Matter(
        "{item} stopped working",
        ("The {item} stopped after {n} weeks.", "My {item} makes a loud noise.", "The {item} shows error {n}."),
        ("that the {item} gave up after such a short time", "that your home has been without a working {item}"),
        (
            "A technician comes on {day}.",
            "Error {n} means the filter is blocked.",
            "The repair of the {item} is booked under {order}.",
        ),
    ),
    Matter(
        "Cannot sign in",
        (
            "I cannot sign in since {day}.",
            "The app asks for a code that never arrives.",
            "My account is locked after {n} tries.",
        ),
        ("that you were locked out of your own account", "that the code never reached you"),
        (
            "The account is unlocked.",
            "A new code is valid for {n} minutes.",
            "The sign-in page works again since {day}.",
        ),
    ),
    Matter(
        "Invoice for {order}",
        (
            "The invoice for {order} shows {n} items, I bought one.",
            "I do not understand the amount on my invoice.",
            "I was charged twice for the {item}.",
        ),
        ("that the invoice charged you twice", "that nobody could explain the amount on your invoice"),
        (
            "The corrected invoice for {order} is attached.",
            "The second charge goes back to your card.",
            "Line {n} is the delivery fee.",
        ),
    ),
    Matter(
        "Refund not received",
        (
            "I sent the {item} back {n} weeks ago and have no refund.",
            "Where is my refund for {order}?",
            "You promised the refund for {day}.",
        ),
        ("that you have been waiting for your own money", "that the refund we promised never came"),
        (
            "The refund was released today.",
            "The bank needs {n} working days.",
            "The refund for {order} is booked for {day}.",
        ),
    ),
    Matter(
        "Where is my {item}?",
        (
            "My {item} was promised for {day} and has not arrived.",
            "The delivery of {order} is {n} days late.",
            "I took a day off for the {item} and nobody came.",
        ),
        ("that you took a day off and nobody came with the {item}", "that the {item} is {n} days late"),
        (
            "The {item} is on the van for {day}.",
            "The new slot is {day} from {n} o'clock.",
            "Order {order} left the depot.",
        ),
    ),
    Matter(
        "Damaged {item}",
        (
            "The {item} arrived with a deep scratch.",
            "The {item} came with a broken corner, packaging torn.",
            "There is a crack in the {item} from {order}.",
        ),
        ("that the {item} arrived broken", "that you unpacked a scratched {item} after all that waiting"),
        (
            "A replacement is booked for {day}.",
            "The driver collects the damaged {item}.",
            "Please send {n} photos for the file.",
        ),
    ),
    Matter(
        "Returning the {item}",
        (
            "I want to bring the {item} back to the store.",
            "The label for returning the {item} does not print.",
            "The store did not take back my {item} on {day}.",
        ),
        ("that the store sent you home with the {item}", "that you carried the {item} all the way for nothing"),
        (
            "The return of {order} is registered.",
            "The label is in your account.",
            "Counter {n} takes it back until {day}.",
        ),
    ),
    Matter(
        "Renewal of my care plan",
        (
            "My care plan renews in {n} weeks, what will it cost?",
            "I got a letter about the care plan and do not understand it.",
            "Does the plan cover the {item}?",
        ),
        (
            "that our letter about the plan raised more questions than it answered",
            "that the price of your plan changed without a proper word",
        ),
        (
            "The plan covers the {item} for another year.",
            "The new price applies from {day}.",
            "The plan is renewed under {order}.",
        ),
    ),
    Matter(
        "Cancelling the care plan",
        (
            "I want to cancel my care plan.",
            "Please end the plan for the {item} as of {day}.",
            "I tried to cancel {n} times online, it does not work.",
        ),
        ("that the plan let you down when the {item} failed", "that leaving us is being made this hard for you"),
        (
            "The plan ends on {day}.",
            "The cancellation of {order} is confirmed.",
            "The last payment is due in {n} days.",
        ),
    ),
)
