"""An ask in two voices, as far as its words allow: for readers, and for the letter.

They are offered for an organiser to correct. Who is meant by "their" further on in a sentence
cannot be told, and stays as written. Where no rule fits, both voices are the paper's words.
"""

import re
from dataclasses import dataclass

from petitions.intake.text import flat


@dataclass(frozen=True)
class Voices:
    """What readers are asked to do, and what the letter says."""

    for_readers: str
    for_letter: str


# What a paper begins with -> what readers are told, what the letter says.
_VERBS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "en": (
        ("calling on|calling upon|call on|call upon", "Call on", "I call on"),
        ("calling for|call for", "Call for", "I call for"),
        ("appealing to|appeal to", "Appeal to", "I appeal to"),
        ("appealing for|appeal for", "Appeal for", "I appeal for"),
        ("urging|urge", "Urge", "I urge"),
        ("asking|ask", "Ask", "I ask"),
        ("requesting|request", "Request", "I request"),
        ("demanding|demand", "Demand", "I demand"),
        ("insisting|insist", "Insist", "I insist"),
        ("reminding|remind", "Remind", "I remind"),
        ("expressing|express", "Express", "I express"),
        ("welcoming|welcome", "Welcome", "I welcome"),
        ("seeking|seek", "Seek", "I seek"),
        ("noting|note", "Note", "I note"),
        ("acknowledging|acknowledge", "Acknowledge", "I acknowledge"),
        ("condemning|condemn", "Condemn", "I condemn"),
        ("encouraging|encourage", "Encourage", "I encourage"),
        ("inviting|invite", "Invite", "I invite"),
    ),
    "fr": (
        ("exhortez|exhorter|en exhortant|exhortant", "Exhortez", "J’exhorte"),
        ("demandez|demander|en demandant|demandant", "Demandez", "Je demande"),
        ("priez|prier|en priant|priant", "Priez", "Je prie"),
        ("appelez|appeler|en appelant|appelant", "Appelez", "J’appelle"),
        ("engagez|engager|engageant", "Engagez", "J’engage"),
        ("exprimez|exprimer|exprimant", "Exprimez", "J’exprime"),
    ),
    "es": (
        ("instando|insten|inste|instar", "Inste", "Insto"),
        ("pidiendo|pidan|pida|pedir", "Pida", "Pido"),
        ("exigiendo|exijan|exija|exigir", "Exija", "Exijo"),
        ("solicitando|soliciten|solicite|solicitar", "Solicite", "Solicito"),
        ("exhortando|exhorten|exhorte|exhortar", "Exhorte", "Exhorto"),
        ("expresando|expresen|exprese|expresar", "Exprese", "Expreso"),
    ),
}
# The addressee right behind the verb becomes "you"; whoever else is meant stays.
_ADDRESSEE = re.compile(
    r" (?:them|him|her|the (?:[\w'’-]+ ){0,4}(?:authorities|government|president|minister|prime"
    r" minister|governor|king|prosecutor|attorney general|director|chairman|judiciary|board))"
    r"(?= (?:to|not to|that|for)\b)"
)
_DIRECT = {"call on", "appeal to", "urge", "ask", "request", "remind", "encourage", "invite"}
_I_ASK = re.compile(
    r"(?:i|we) (?:therefore |also |hereby |respectfully |strongly |urgently )*"
    r"(?P<verb>urge|call on|call upon|ask|request|appeal to) you(?: to)? "
)


def voices_of(text: str, language: str | None) -> Voices:
    """Return an ask, as written in a paper, in both voices."""
    whole = _sentence(text)
    spoken = _I_ASK.match(flat(text)) if language == "en" else None
    if spoken:
        rest = text[spoken.end() :]
        said = "Call on" if spoken["verb"].startswith("call") else spoken["verb"].capitalize()
        return Voices(_sentence(f"{said} the authorities to {rest}"), whole)
    for words, for_readers, for_letter in _VERBS.get(language or "", ()):
        begin = re.match(rf"(?:{words})\b", flat(text))
        if begin:
            rest = text[begin.end() :]
            readers = _sentence(for_readers + rest)
            letter = for_letter + rest
            if language == "en" and for_readers.casefold() in _DIRECT:
                named = _ADDRESSEE.match(flat(rest))
                letter = f"{for_letter} you{rest[named.end() :]}" if named else letter
            return Voices(readers, _sentence(letter))
    return Voices(whole, whole)


def _sentence(text: str) -> str:
    """The text with a capital at its start and a full stop at its end."""
    tidy = text.strip()
    if not tidy:
        return ""
    ended = tidy if tidy.endswith((".", "!", "?", "…", "”", "»")) else f"{tidy}."
    return ended[0].upper() + ended[1:]
