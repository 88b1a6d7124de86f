"""Sentences that fit any matter. {name} {agent} {item} {order} {day} {n} {reason} {it} are filled in."""

ITEMS = (
    "dishwasher",
    "fridge",
    "oak table",
    "wardrobe",
    "corner sofa",
    "bed frame",
    "washing machine",
    "oven",
    "bookshelf",
    "desk",
    "armchair",
    "tumble dryer",
    "kitchen island",
    "mattress",
    "floor lamp",
    "sideboard",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

# What customers say.
HELLO = ("Hello,", "Hi,", "Good morning,", "Hi there,", "Good afternoon,", "Hello Nordlicht team,", "Dear all,", "Hey,")
WISH = (
    "Can you help me with this?",
    "What can be done?",
    "Please let me know what happens next.",
    "How do we go on from here?",
    "Could someone look into it?",
    "I would like an answer by {day}.",
    "Please check my order {order}.",
    "Is there a way to fix it?",
)
ANNOYED = (
    "This is really frustrating.",
    "I am very disappointed.",
    "I have lost half a day over this.",
    "Honestly, this is unacceptable.",
    "I am fed up with waiting.",
    "I expected better from you.",
    "That makes {n} problems in one year.",
    "We are quite upset about it.",
)
AGAIN = (
    "As I already said, nothing has changed.",
    "I have explained this {n} times now.",
    "I already told your colleague all of this.",
    "Again about the same matter:",
    "I am writing a second time because nobody came back to me.",
    "As mentioned before, it is still open.",
)
DETAIL = (
    "The order number is {order}.",
    "It is about the {item}.",
    "I bought it on a {day}.",
    "My order is {order}, as far as I can see.",
    "Yes, that is the right order.",
    "I tried it twice, on {day} and today.",
    "The {item} is for my parents.",
    "No, nothing else has changed.",
    "I can send you {n} photos if that helps.",
    "I am at home on {day}.",
)
PLEASED = (
    "Thank you, that solved it.",
    "Great, thanks for the quick help!",
    "Perfect, that is all I needed.",
    "Wonderful, thank you {agent}.",
    "That was easy, thanks a lot.",
    "Lovely, I am happy with that.",
)
NEUTRAL_END = ("OK, I will wait then.", "Alright.", "OK.", "Fine, let us see.", "Noted, thanks.")
DISAPPOINTED = (
    "That does not help me at all.",
    "So I am back where I started.",
    "This is a waste of time.",
    "I am really disappointed with this answer.",
    "Then I will have to get in touch again. Terrible.",
    "You are not listening to me.",
)

# What agents say in their own words, matter of fact.
OPENING = (
    "Hello {name}, thanks for your message.",
    "Hi {name}.",
    "Good day {name}, this is {agent}.",
    "Thank you for the details, {name}.",
    "Hello, {agent} here.",
    "Hi {name}, I have your order {order} in front of me.",
    "Thanks for waiting, {name}.",
    "Good to hear from you, {name}.",
    "Hello {name}, I have looked at order {order}.",
    "Hi, you are through to {agent}.",
    "Right, {name}, I have checked.",
    "Thanks, {name}.",
)
FACT = (
    "The system shows {n} entries for the {item}.",
    "The {item} is on order {order}.",
    "It is recorded under {order}.",
    "The status is updated every {day}.",
    "You will see it in your account by {day}.",
    "A confirmation goes out by e-mail.",
    "The warranty of the {item} runs for {n} years.",
    "It takes about {n} working days.",
    "The note is on your file.",
    "The next date in the calendar is {day}.",
    "Nothing else is open on the {item}.",
    "Reference {order} covers it.",
)
CLOSING = (
    "Regards, {agent}",
    "Best, {agent}",
    "Let me know if anything is missing.",
    "Have a good {day}.",
    "{agent}, Nordlicht Home",
    "Is there anything else?",
    "You can reply to this message.",
    "Kind regards, {agent}",
    "That is it from my side.",
    "Until then, {agent}",
)

# What agents say who acknowledge the feeling, show that they understand the situation, and act on it.
FEELING = (
    "{name}, I am truly sorry {it}. You have every right to be upset.",
    "I can hear how frustrated you are {it}, {name}.",
    "How disappointing {it}, and on top of that you had to chase us.",
    "I am so sorry {it}. That would make me angry, too.",
    "{name}, it is completely understandable that you are annoyed {it}.",
    "I feel bad reading {it}; that must have been a stressful {day}.",
    "I am sorry {it}. I can imagine how let down you feel.",
    "Oh no, {name}. It is really upsetting {it}.",
)
SITUATION = (
    "As I understand it, you had planned your {day} around the {item} and now you are left without it.",
    "You have told us about this before, so let me sum it up and you need not repeat anything.",
    "If I read it right, what matters most to you is to have the {item} working by {day}.",
    "From what you describe, you did everything right and the mistake is on our side with order {order}.",
    "It makes sense that after {n} days without news you do not trust another promise.",
    "So the {item} is needed at home every day, and each day without it costs you time.",
    "I see that you were passed on {n} times before reaching me.",
    "You have been waiting since {day}, and nobody called you back about the {item}.",
)
STAYING = (
    "I will stay on this myself and call you on {day} to make sure that it is done.",
    "I have put my name on order {order}, so you reach me directly at extension {n}4{n}.",
    "I will check it personally on {day} morning and write to you either way.",
    "I have also refunded the delivery fee, because you should not pay for our mistake.",
    "Please do not chase us: I will ring you on {day} and not close this before you say it is fine.",
    "I have asked the shift lead to keep the slot free for you, and I follow it up on {day}.",
    "I have gone ahead and sent a loan {item} so that you can manage until {day}.",
    "I stay in charge until the {item} is right, and I call you back within {n} hours.",
)

# Template texts: word for word the same but for names and numbers.
TEMPLATES = (
    "Dear {name}, thank you for contacting Nordlicht Home. Your request {order} has been received and will be "
    "processed in the order of arrival. Kind regards, {agent}",
    "Dear {name}, please restart the device and clear your browser data. If the issue persists, reply with {order}.",
    "Dear {name}, we apologise for any inconvenience caused. Your case {order} has been forwarded.",
    "Dear {name}, your request {order} has been closed. If you have further questions, please open a new request.",
    "Dear {name}, please find the answer in our help centre under article {n}0{n}. Kind regards, {agent}",
    "Dear {name}, we are checking your request {order} and will get back to you within {n} working days.",
)
LOYALTY_TEMPLATES = (
    "Dear {name}, thank you for being a valued Nordlicht Care member. Your plan {order} renews automatically unless "
    "cancelled in writing {n} weeks before the end of the term.",
    "Dear {name}, we are sorry to see you go. Did you know that Care saves members EUR {n}0 a year on average? "
    "Please confirm that you wish to cancel {order}.",
    "Dear {name}, as a token of our appreciation we offer you {n} months at half price. Please reply YES to accept.",
    "Dear {name}, your cancellation request {order} has been received. Processing takes up to {n} working days.",
    "Dear {name}, the terms of your care plan {order} are in your account. We apologise for any inconvenience.",
    "Dear {name}, we value your feedback. Your message on {order} has been passed on. Kind regards, {agent}",
)
BOT_HELPFUL = (
    "Hello! I am Norli, the Nordlicht assistant. Is this about order {order}?",
    "I found order {order}. The details are in your account.",
    "Here is the link to your {reason} page. Did that help?",
    "I have updated order {order} for you.",
)
BOT_LOST = (
    "I did not understand that. Please choose: 1 Order, 2 Invoice, 3 Other.",
    "I am afraid I cannot help with that. Please rephrase your question.",
    "Please choose one of the following topics: Order, Invoice, Care plan.",
    "You can find information on payments in our help centre.",
)

# Comments in surveys, in two halves.
PRAISE = (
    "Quick and friendly.",
    "Very helpful answer.",
    "Great service.",
    "Solved in one go.",
    "Happy with the help.",
    "Excellent, thank you.",
)
PRAISE_MORE = (
    "The {reason} was sorted out within {n} days.",
    "My {item} is fine now.",
    "I would recommend you.",
    "The agent knew what to do.",
    "No complaints at all.",
    "Easier than I expected.",
    "They took the time to listen.",
    "Good advice about the {item}.",
)
LUKEWARM = ("It was OK.", "Average.", "Neither good nor bad.", "It worked in the end.", "Acceptable.")
LUKEWARM_MORE = (
    "Took {n} days.",
    "The {reason} took too many steps.",
    "Could have been faster.",
    "The {item} is fine, the process is slow.",
)
COMPLAINT = (
    "Terrible experience.",
    "Very disappointed.",
    "Nobody felt responsible.",
    "I am still angry.",
    "Poor service.",
    "Useless answers.",
)
COMPLAINT_MORE = (
    "The {reason} is still not solved.",
    "I had to explain everything {n} times.",
    "Waited far too long.",
    "They just sent me from one to the next.",
    "My {item} is still not working.",
    "The answer was copied from a script.",
    "I will buy elsewhere next time.",
    "Nobody called back as promised.",
)
GERMAN_PRAISE = (
    "Schnelle und freundliche Hilfe, danke!",
    "Sehr zufrieden, gerne wieder.",
    "Alles bestens, tolle Beratung.",
    "Super Service!",
)
GERMAN_COMPLAINT = (
    "Ich bin sehr enttäuscht, niemand hat zurückgerufen.",
    "Die Lieferung kam viel zu spät, ärgerlich.",
    "Ich musste alles dreimal erklären. Unmöglich!",
    "Leider immer noch nicht gelöst.",
)
