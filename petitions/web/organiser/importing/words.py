"""Words of an import: kinds of papers, fields, and what is said of a doubt."""

from typing import Any

from flask_babel import lazy_gettext as _l

KINDS: dict[str, Any] = {
    "new": _l("A new Urgent Action"),
    "update": _l("Further information"),
    "correction": _l("A correction"),
    "stop": _l("A stop action: nothing more is asked"),
}
FIELDS: dict[str, Any] = {
    "title": _l("Title"),
    "case_number": _l("Case number"),
    "index": _l("Index number"),
    "issued_on": _l("Issued on"),
    "deadline_on": _l("Last day"),
    "after_deadline": _l("After the last day"),
    "summary": _l("Summary"),
    "story": _l("Story"),
    "additional_information": _l("Background"),
    "people": _l("Person at risk"),
    "asks": _l("Ask"),
    "officials": _l("Official"),
}
OURS: dict[str, Any] = {
    "stop opens nothing": _l("A stop action begins no petition: take the tick away."),
    "no case": _l("Choose the case that this paper belongs to."),
    "other language": _l(
        "That case is told in another language first. Write the update on the page of the case."
    ),
    "deadline over": _l("This day is over. Correct it, or leave it empty."),
}
REFUSALS: dict[str, Any] = {
    "no Urgent Action": _l(
        "This does not read like an Urgent Action: none of its headings was found. Paste the whole"
        " paper with its headings, or begin the case by hand."
    ),
    "larger than": _l("This file is larger than 12 MB."),
    "old Word": _l("Old Word and RTF files are not read. Save it as DOCX, PDF or plain text."),
    "there is no text": _l("There is no text in it: a scanned picture has none."),
    "neither text": _l("This is neither text nor PDF nor DOCX."),
    "locked": _l("This PDF is locked with a password."),
    "pages": _l("This PDF has more pages than any Urgent Action."),
    "takes too": _l("This file takes too long or too much memory to be read. Paste its text."),
    "damaged": _l("This file is damaged, or of another kind than its name says."),
    "unpacks": _l("This DOCX unpacks to more than an Urgent Action can be."),
    "longer than": _l("This text is longer than any Urgent Action."),
}
"""What is said where a paper is refused, by words of the reader's own message."""
DOUBTS: dict[str, Any] = {
    "a second salutation in the same language": _l("a second salutation in the same language"),
    "a salutation in a language that is not recognised": _l(
        "a salutation in a language that is not recognised"
    ),
    "to which of the officials is this said?": _l("to which of the officials is this said?"),
    "it belongs to no part that is known": _l("it belongs to no part that is known"),
    "words beside a number or an address": _l("words beside a number or an address"),
    "a way to reach somebody that is not kept here": _l(
        "a way to reach somebody that is not kept here"
    ),
    "a second page": _l("a second page"),
    "a label of an unknown kind": _l("a label of an unknown kind"),
    "two officials seem to be mixed here": _l("two officials seem to be mixed here"),
    "no person, office or organisation is recognised here": _l(
        "no person, office or organisation is recognised here"
    ),
    "it is not said whom this reaches": _l("it is not said whom this reaches"),
    "a second office of the same person, or another official?": _l(
        "a second office of the same person, or another official?"
    ),
    "how the office is spoken to, or another official?": _l(
        "how the office is spoken to, or another official?"
    ),
    "a second name under the first, or something else?": _l(
        "a second name under the first, or something else?"
    ),
    "a person's name, or a town?": _l("a person’s name, or a town?"),
    "a name, or an office?": _l("a name, or an office?"),
    "an office, or a place?": _l("an office, or a place?"),
    "is this somebody to write to?": _l("is this somebody to write to?"),
    "a house, a name, or a place?": _l("a house, a name, or a place?"),
    "it was read here, and is not believed": _l("it was read here, and is not believed"),
    "a deadline that is long after the day of issue": _l(
        "a deadline that is long after the day of issue"
    ),
    "this greets another official: whose are the numbers above it?": _l(
        "this greets another official: whose are the numbers above it?"
    ),
    "an address that has something else in it": _l("an address that has something else in it"),
    "does a name stand behind the office?": _l("does a name stand behind the office?"),
    "where the summary ends cannot be seen": _l("where the summary ends cannot be seen"),
    "is this the name of somebody at risk?": _l("is this the name of somebody at risk?"),
    "this does not read like a name": _l("this does not read like a name"),
    "words in brackets beside a name": _l("words in brackets beside a name"),
    "others are spoken of without their names": _l("others are spoken of without their names"),
    "somebody is named here who does not seem to be at risk": _l(
        "somebody is named here who does not seem to be at risk"
    ),
    "whose gender this is cannot be told": _l("whose gender this is cannot be told"),
    "whose age this is cannot be told": _l("whose age this is cannot be told"),
    "(m) may be a man or a woman in a Spanish paper": _l(
        "(m) may be a man or a woman in a Spanish paper"
    ),
    "it stands among the asks and is not understood": _l(
        "it stands among the asks and is not understood"
    ),
    "a stop action that still asks for something": _l(
        "a stop action that still asks for something"
    ),
    "different deadlines": _l("different deadlines"),
    "the year of this deadline is not said": _l("the year of this deadline is not said"),
    "this deadline lies before the day of issue": _l("this deadline lies before the day of issue"),
    "a date that may be read two ways": _l("a date that may be read two ways"),
    "several dates: which is the day of issue?": _l("several dates: which is the day of issue?"),
    "several case numbers: which is this paper's?": _l(
        "several case numbers: which is this paper’s?"
    ),
    "several index numbers: which is this paper's?": _l(
        "several index numbers: which is this paper’s?"
    ),
    "an index number of an unknown form": _l("an index number of an unknown form"),
    "different numbers of the update": _l("different numbers of the update"),
    "the paper counts itself, not its updates: which update is it?": _l(
        "the paper counts itself, not its updates: which update is it?"
    ),
}
