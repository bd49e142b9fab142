"""What is asked, ask by ask, with the states that each one names as its addressee."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from petitions.intake.countries import countries_within
from petitions.intake.draft import Ask
from petitions.intake.paragraphs import joined, usual_gap
from petitions.intake.text import Doubts, Line, fold

# How an ask begins where no bullet is left: gerunds, infinitives, imperatives, first persons.
_BEGINS = re.compile(
    r"(?:(?:and|et|y|und|also)\s)?(?:"
    r"urging|calling (?:on|for|upon)|asking|demanding|requesting|appealing|insisting|reminding|"
    r"expressing|welcoming|seeking|noting|pointing out|stating|inviting|encouraging|condemning|"
    r"acknowledging|stressing|highlighting|emphasi[sz]ing|underlining|underscoring|thanking|"
    r"congratulating|supporting|commending|"
    r"recogni[sz]ing|explaining|pressing|pleading|call(?:s|ing)? for|urge|call on|"
    r"call upon|ask|request|demand|insist|appeal|remind|express|press|"
    r"exhorte[rz]|en exhortant|exhortant|demande[rz]|en demandant|demandant|prie[rz]|priant|"
    r"appele[rz]|"
    r"appelant|en appelant|engage[rz]|engageant|rappele[rz]|rappelant|exprime[rz]|exprimant|dites|"
    r"declare[rz]|faites|saisisse[rz]|reclame[rz]|reclamant|insiste[rz]|insistant|invite[rz]|"
    r"invitant|"
    r"felicite[rz]|lance[rz]|soulign(?:ez|ant|er)|"
    r"(?:inst|pid|exij|exig|exhort|solicit|record|recuerd|expres|reclam|rog|rueg)[a-z]{0,8}l[aeo]s|"
    r"insten?|instando|instar|pid(?:an|iendo|a|ir)|pedir|exijan?|exigiendo|exigir|expresen?|"
    r"expresando|"
    r"expresar|exhorten?|exhortando|exhortar|soliciten?|solicitando|solicitar|recuerden?|"
    r"recordando|"
    r"recordar|manifiesten?|manifestando|senalen?|senalando|insistan?|insistiendo|reclam(?:en|"
    r"ando)|"
    r"acojan?|celebr(?:en|ando)|rueguen?|ru?ogando|"
    r"fordern sie|bitten sie|dringen sie|appellieren sie|erinnern sie|drucken sie|verlangen sie|"
    r"weisen sie|aussern sie|sorgen sie|setzen sie sich|bringen sie|ich fordere|ich bitte|"
    r"wir fordern|"
    r"bitte (?:fordern|sorgen|veranlassen|stellen|lassen|setzen|leiten|gewahrleisten|beenden|heben)"
    r")\b"
)
_CLAUSE = re.compile(
    r"\b(?:urging|calling (?:on|for|upon)|asking|demanding|requesting|appealing to|"
    r"en exhortant|exhortant|en demandant|demandant|en priant|priant|en appelant|"
    r"instando|pidiendo|exigiendo|solicitando|exhortando|rogando|"
    r"und fordern sie|und bitten sie)\b"
)
_LETTER = re.compile(
    r"\b(?:i|we) (?:therefore |also |hereby |respectfully |strongly |further |urgently |"
    r"once again )*"
    r"(?:urge|call (?:on|upon)|ask|request|appeal to|demand|call for|implore|entreat)\b"
    r"|\bje (?:vous )?(?:en )?(?:donc )?(?:demande|prie|exhorte|appelle|engage|conjure|lance)\b"
    r"|\bnous vous (?:demandons|prions|exhortons|appelons|engageons)\b"
    r"|\b(?:le|les|lo|los|la) (?:insto|instamos|pido|pedimos|exhorto|exhortamos|solicito|"
    r"solicitamos|ruego|"
    r"exijo|urjo)\b|\b(?:insto|exhorto) a\b"
    r"|\b(?:ich|wir) (?:fordere?n?|bitten?|bitte|appelliere?n?|ersuchen?|dringe) (?:ich )?(?:sie|"
    r"an sie|darauf)\b"
    r"|\b(?:fordere|bitte|appelliere|ersuche) ich (?:sie|an sie)\b|\bplease (?:ensure|release|"
    r"order|take|drop|stop|disclose|guarantee|grant|investigate|allow|provide|commute|halt|"
    r"make sure|"
    r"immediately|do everything|use your|see to it|put an end|repeal|lift|protect|quash|reveal)\b"
    r"|\bbitte (?:sorgen|lassen|stellen|setzen|leiten|gewahrleisten|beenden|heben|veranlassen|"
    r"ordnen|untersuchen|nehmen|geben|gewahren|schutzen|wirken|tun|unternehmen) sie\b"
    r"|\b(?:veuillez|merci de) (?:veiller|liberer|faire en sorte|ordonner|garantir|abandonner|"
    r"prendre|ouvrir|mettre fin|annuler)\b"
    r"|\bpor favor,? (?:asegur|garanti|ponga|libere|orden|adopt|haga|retir|investig|protej)"
)
_THEM = re.compile(
    r"\b(?:on|upon|urging|asking|reminding|requesting|urge|ask|remind|calling on) them\b"
    r"|\b(?:les|leur) (?:exhort|demand|pri|appel|engag|rappel)|\b(?:exhortez|priez|appelez|engagez|"
    r"demandez|rappelez|invitez)-(?:les|leur)\b|\ben les \w+ant\b|\ben leur \w+ant\b"
    r"|\b(?:inst|pid|exij|exig|exhort|solicit|record|recuerd|reclam|rog|rueg)[a-z]{0,8}l[aeo]s\b"
    r"|\b(?:fordern|bitten|erinnern|ersuchen) sie sie\b"
)
# "Welcoming the decision of the Swedish government" is said to somebody else.
_UNDIRECTED = re.compile(
    r"(?:and\s)?(?:express|welcom|not(?:e|ing)|point|stat|condemn|acknowledg|recogni|explain|"
    r"exprim|dites|declar|felicit|saisi|soulign|acoj|celebr|manifest|senal|drucken|aussern|"
    r"weisen|bringen)"
)
# The addressee stands between the verb of asking and what is asked.
_UNTIL = {
    "en": re.compile(r"\bto\b(?! the (?:authorities|government))|\bthat\b|\bfor\b|\bof\b their|;"),
    "fr": re.compile(r"\b(?:de|d'|a|afin|pour)\b(?=\s?(?:[a-z]+(?:er|ir|re|oir)\b|ce que|qu|ne\b|"
      r"tout|ouvrir|faire))|\bque\b"),
    "es": re.compile(r"\b(?:a|para|de|que)\b(?=\s?(?:[a-z]+(?:ar|er|ir)\b|que\b))|\bque\b"),
    "de": re.compile(r",|\b(?:auf|dass|dafur|darum|zu)\b"),
}  # fmt: skip
_NUMBER = re.compile(r"(?:\(?\d{1,2}[.)]|[a-h]\)|[nqlvu](?=\s+[A-ZÀ-Þ]))\s+(?=\S)")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ¡¿])")


def asks_of(
    lines: Sequence[Line], language: str | None, words: frozenset[str], doubts: Doubts
) -> list[Ask]:
    """Return the asks under "Please write …": by bullets, or by the verbs they begin with."""
    items = _items(lines)
    asks: list[Ask] = []
    for item in items:
        text = joined(item, words)
        if item[0].bullet or _BEGINS.match(fold(text)):
            # "… the sentence; Stressing that …": where a bullet was lost.
            for part in re.split(r";\s+(?=[A-ZÀ-Þ])", text):
                asks.append(_ask(part, asks, language))
        else:
            found = _clauses(text)
            for clause in found:
                asks.append(_ask(clause, asks, language))
            if not found:
                doubts.add(item[0], "it stands among the asks and is not understood", text[:300])
    return asks


def asks_in_label(
    label: Sequence[Line], before: Sequence[Ask], language: str | None, words: frozenset[str]
) -> list[Ask]:
    """Return the asks of "Please write in your own language, urging the authorities to …"."""
    asks: list[Ask] = []
    for clause in _clauses(joined(label, words)):
        if not clause.rstrip().endswith(":"):
            asks.append(_ask(clause, [*before, *asks], language))
    return asks


def without_asks(text: str) -> str:
    """Return the words before the first ask of such a sentence."""
    first = _CLAUSE.search(fold(text))
    return fold(text)[: first.start()] if first else text


def asks_in_letter(lines: Sequence[Line], language: str | None, words: frozenset[str]) -> list[Ask]:
    """Return the asks of a model letter: its bullets, and its sentences "I urge you to …"."""
    asks: list[Ask] = []
    asked = True  # whether the list below is one of asks: "They are:" opens another one
    for item in _items(lines):
        text = joined(item, words)
        if item[0].bullet:
            if asked or _BEGINS.match(fold(text)):
                asks.append(_ask(text, asks, language))
            continue
        asked = not text.endswith(":") or _LETTER.search(fold(_END.split(text)[-1])) is not None
        for sentence in _END.split(text):
            # "I call on you to:" only opens the list below it.
            opened, colon, listed = sentence.partition(":")
            if not _LETTER.search(fold(opened)):
                continue
            parts = re.split(r";\s*(?:and\s|et\s|y\s|und\s)?", listed) if colon else [sentence]
            asks += [_ask(part, asks, language) for part in parts if part.strip()]
    return asks


def _unnumbered(line: Line) -> Line:
    """ "1. Urge …", and "n To disclose …", where a symbol font was lost, are bullets."""
    mark = _NUMBER.match(line.text)
    return replace(line, text=line.text[mark.end() :], bullet=True) if mark else line


def _items(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines belong to the bullet or the verb above them; without either, to their paragraph."""
    lines = [_unnumbered(line) for line in lines]
    usual = usual_gap(lines)
    items: list[list[Line]] = []
    within = min((b.gap for a, b in pairwise(lines) if a.bullet and b.bullet), default=usual)
    for line in lines:
        begins = line.bullet or (_BEGINS.match(line.folded) and _ended(items))
        goes_on = bool(items) and line.text[:1].islower() and not _ended(items)
        apart = line.gap > max(usual, 1) or (line.gap > usual and _ended(items))
        apart = apart and not goes_on
        after_list = (
            bool(items) and items[-1][0].bullet and line.gap > within and line.text[:1].isupper()
        )
        if not items or begins or apart or after_list:
            items.append([])
        items[-1].append(line)
    return items


def _ended(items: list[list[Line]]) -> bool:
    return not items or items[-1][-1].text.rstrip().endswith((".", ";", ":", "; and", ","))


def _clauses(text: str) -> list[str]:
    """ "… urging the authorities to release her; calling on them to …" inside one sentence."""
    first = _CLAUSE.search(fold(text))
    if first is None or len(fold(text)) != len(text):
        return []
    parts = re.split(r";\s*(?:and\s+|et\s+|y\s+|und\s+)?", text[first.start() :])
    return [part for part in parts if part.strip()]


def _ask(text: str, before: Sequence[Ask], language: str | None) -> Ask:
    tidy = re.sub(r"[\s;,]+(?:and|et|y|e|und)?\s*$", "", text.strip())
    tidy = tidy.rstrip(" ;,.") if not tidy.endswith("...") else tidy
    folded = fold(tidy)
    if _THEM.search(folded[:60]) and before:
        return Ask(tidy, list(before[-1].states))
    return Ask(tidy, _states(folded, language))


def _states(folded: str, language: str | None) -> list[str]:
    if language not in _UNTIL:
        return []
    begin = _BEGINS.match(folded)
    if begin is None or _UNDIRECTED.match(folded):
        return []
    rest = folded[begin.end() :]
    until = _UNTIL[language].search(rest, 1)
    addressee = rest[: until.start()] if until else ""
    # "Demanding a fair trial in Russia" has no addressee before a "to".
    return countries_within(addressee, language) if len(addressee) < 120 else []


def with_addressee(asks: Sequence[Ask], label: str, language: str | None) -> list[Ask]:
    """ "… urging the Dominican authorities to:" says whom the list under it addresses."""
    clauses = _clauses(label)
    if not clauses or not label.rstrip().endswith(":"):
        return list(asks)
    states = _states(fold(clauses[-1]), language)
    return [
        ask if ask.states or _BEGINS.match(fold(ask.text)) else replace(ask, states=list(states))
        for ask in asks
    ]


def with_single_state(asks: Sequence[Ask], states: Sequence[str]) -> list[Ask]:
    """Where the paper addresses one state alone, each ask that names none is aimed at it."""
    if len(states) != 1:
        return list(asks)
    return [ask if ask.states else replace(ask, states=list(states)) for ask in asks]
