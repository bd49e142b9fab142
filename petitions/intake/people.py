"""Who is at risk, with gender and age where the paper states them; never from pronouns."""

import re
from collections.abc import Sequence
from dataclasses import replace

from petitions.intake.draft import Person
from petitions.intake.labels import label_of
from petitions.intake.naming import is_name
from petitions.intake.paragraphs import joined
from petitions.intake.sections import Section
from petitions.intake.text import Doubts, Line, fold
from petitions.intake.vocabulary import has_office, has_organisation, has_place, is_generic

_GENDERS = {
    "m": "m", "male": "m", "man": "m", "boy": "m", "masculin": "m", "homme": "m", "hombre": "m",
    "masculino": "m", "varon": "m", "mannlich": "m", "mann": "m",
    "males": "m", "men": "m", "hommes": "m", "hombres": "m", "manner": "m", "masculins": "m",
    "females": "f", "women": "f", "femmes": "f", "mujeres": "f", "frauen": "f",
    "f": "f", "female": "f", "woman": "f", "girl": "f", "feminin": "f", "femme": "f", "mujer": "f",
    "femenino": "f", "weiblich": "f", "frau": "f", "w": "f",
}  # fmt: skip
_PLURALS = frozenset(
    [
        "males",
        "men",
        "hommes",
        "hombres",
        "manner",
        "masculins",
        "females",
        "women",
        "femmes",
        "mujeres",
        "frauen",
    ]
)
_MARK = re.compile(
    r"\(\s*(?P<gender>" + "|".join(sorted(_GENDERS, key=len, reverse=True)) + r"|h)\s*"
    r"(?:[,;]\s*(?:(?:aged|age|agee?|de|edad)\s*)?(?P<age>\d{1,3})\s*(?:years?(?: old)?|ans|anos|"
    r"jahre)?\s*)?\)",
)
_MARKS = re.compile(_MARK.pattern.replace("(?P<gender>", "(?:").replace("(?P<age>", "(?:"), re.I)
# A title says it as plainly as a mark does.
STATED_BY_TITLE = {
    "herr": "m", "frau": "f", "mr": "m", "mr.": "m", "mrs": "f", "mrs.": "f", "ms": "f", "ms.": "f",
    "monsieur": "m", "madame": "f", "mme": "f", "m.": "m",
}  # fmt: skip
_PRONOUN = re.compile(
    r"\((?:[^()]{0,12}/[^()]{0,20}|he|she|they|il|elle|iel|él|ella|elle|er|sie)\)"
)
_AGE = re.compile(
    r"^\s*,?\s*\(?\s*(?:(?:aged|age|agee?(?: de)?|de edad)\s*:?\s*(?P<a>\d{1,3})(?:\s*ans)?"
    r"|(?P<b>\d{1,3})[ -]?(?:years?[ -]old|anos(?: de edad)?|ans|jahre(?: alt)?)"
    r"|de (?P<c>\d{1,3}) (?:anos|ans)|\(?(?P<d>\d{1,3})(?=\)))\b"
)
# "(m), her husband, aged 45": the words between are his.
_ASIDE = re.compile(
    r"^,\s?[a-z][a-z' -]{1,40}(?=,\s?(?:(?:aged|agee?|de|edad)\b|\d{1,3} (?:ans|anos|jahre|years)))"
)
_AGED = re.compile(r"\b(?:aged|agee?(?: de)?)\s(\d{1,3})\b|\b(\d{1,3})\s(?:ans|anos|jahre)\b")
_BETWEEN = re.compile(
    r"\s*[,;]\s*|\s+(?:and|et|und|y|e|&)\s+(?=[^\W\d_a-z]|(?:their|his|her|\d+|some|many|about|"
    r"around|more than|unos|unas|algun[oa]s|quelque|environ|rund|etwa|einige|leurs?|ses|sus?|"
    r"ihre?|others?|autres?|otr[oa]s|andere|weitere|at least|two|three|four|five|six|seven|eight|"
    r"nine|ten|several|deux|trois|quatre|cinq|sept|huit|neuf|dix|plusieurs|d'autres|dos|tres|"
    r"cuatro|cinco|seis|siete|ocho|nueve|diez|vari[oa]s|zwei|drei|vier|funf|sechs|sieben|acht|"
    r"neun|zehn|mehrere)\b)|\s*\|\s*"
)
_OTHERS = re.compile(
    r"\b(?:others?|children|hij[oa]s|enfants|kinder|villagers|(?:family|community) members?|"
    r"\d+ (?:men|women|people|more)|autres?|otr[oa]s|andere|"
    r"weitere|familia|famille|familie|relatives)\b"
)
_BOTH = re.compile(
    r"^(?:all|both|tous|toutes|(?:tous|toutes) (?:les )?deux|todos|todas|ambos|ambas|alle|"
    r"beide)\b\s*"
)


def people_of(
    parts: Sequence[Section], heads: Sequence[Line], language: str | None, doubts: Doubts
) -> list[Person]:
    """Return the people whom the labels or the head of the paper name as at risk."""
    people: list[Person] = []
    with_h = any("(h)" in line.text.lower() for line in heads) or any(
        re.search(r"\bh\s?/\s?m\b|\bm\s?/\s?h\b", part.label_text.lower())
        for part in parts
        if part.name == "gender"
    )
    story = fold(" ".join(line.text for part in parts for line in part.lines if line not in heads))
    for line in heads:
        marked = _marked(line, line.text, language, doubts, with_h)
        _join(people, marked or _with_age(line, story, doubts))
    for at, part in enumerate(parts):
        if part.name == "people" and part.lines:
            named = _listed(_without_pronouns(part), language, doubts, with_h)
            _apply(named, parts[at + 1 : at + 5], language, doubts)
            _join(people, named)
        elif part.name == "not at risk":
            for line in [*part.label, *part.lines]:
                doubts.add(line, "somebody is named here who does not seem to be at risk")
    return people


def _without_pronouns(part: Section) -> list[Line]:
    """ "(masculino)" beside a name is a pronoun where the label asks for pronouns."""
    if not re.search(r"pronou?[nm]|gramatical|grammatical", fold(part.label_text)):
        return part.lines
    return [
        replace(line, text=re.sub(r"\([^()]{0,30}\)", " ", line.text).strip())
        for line in part.lines
    ]


def _join(people: list[Person], more: Sequence[Person]) -> None:
    """Somebody told twice, in head and foot, is one person."""
    for person in more:
        known = next((p for p in people if fold(p.name) == fold(person.name)), None)
        if known is None:
            people.append(person)
        else:
            known.gender = known.gender or person.gender
            known.age = known.age if known.age is not None else person.age


def _listed(
    lines: Sequence[Line], language: str | None, doubts: Doubts, with_h: bool
) -> list[Person]:
    bulleted = any(line.bullet for line in lines)
    texts = [line.text for line in lines] if bulleted else [joined(lines)]
    found: list[Person] = []
    for text in texts:
        embedded = re.split(
            r"\s+(?=(?:Gender|Sex|Genre|Sexe|Género|Sexo|Geschlecht)\b[^:]{0,12}:)", text
        )
        people = _split(embedded[0], lines[0], language, doubts, with_h)
        if len(embedded) > 1:
            label = label_of(fold(embedded[1]))
            if label and label.name == "gender":
                value = embedded[1].partition(":")[2]
                _give_gender(people, value, _key(label.match, language), lines[0], doubts)
        found += people
    return found


def _split(
    text: str, line: Line, language: str | None, doubts: Doubts, with_h: bool
) -> list[Person]:
    marked = _marked(line, text, language, doubts, with_h)
    if marked:
        marked = _unmarked_too(text, marked)
        rest = _OTHERS.search(fold(text))
        if rest:
            doubts.add(line, "others are spoken of without their names")
        return marked
    people: list[Person] = []
    for raw in _BETWEEN.split(_PRONOUN.sub(" ", text)):
        piece = raw.strip(" .;,")
        age = (
            _AGE.match(fold(piece))
            if piece[:1].isdigit() or fold(piece).startswith(("aged", "age", "de "))
            else None
        )
        if age and people:
            people[-1].age = _number(age)
            continue
        if people and fold(piece) in _GENDERS and len(piece) > 1:
            people[-1].gender = people[-1].gender or _GENDERS[fold(piece)]
            continue
        name, _, bracket = piece.partition("(")
        inside = _AGE.match("(" + fold(bracket)) if bracket else None
        if is_name(name.strip(), least=1):
            people.append(Person(name.strip(), age=_number(inside) if inside else None))
            if bracket and not inside:
                doubts.add(line, "words in brackets beside a name", bracket.rstrip(") "))
        elif piece and not piece[0].islower():
            doubts.add(line, "this does not read like a name", piece)
        elif _OTHERS.search(fold(piece)):
            doubts.add(line, "others are spoken of without their names", piece)
    return people


def _unmarked_too(text: str, marked: Sequence[Person]) -> list[Person]:
    """ "Anna Example, Ben Example, Cleo Example (f)": two of them have no mark."""
    known = {person.name: person for person in marked}
    found = []
    for raw in _BETWEEN.split(_MARKS.sub(" ", text)):
        piece = raw.strip(" .;,:")
        if piece in known:
            found.append(known.pop(piece))
        elif is_name(piece):
            found.append(Person(piece))
    return [*marked] if known else found


def _marked(
    line: Line, text: str, language: str | None, doubts: Doubts, with_h: bool = False
) -> list[Person]:
    """Names with "(m)", "(f)" or "(m, aged 34)" behind them.

    In Spanish papers "(m)" is a woman beside "(h)" and may be a man without it.
    """
    people: list[Person] = []
    key = "" if language != "es" else "h/m" if with_h or "(h)" in text.lower() else "?"
    lowered = text.lower()
    begin = 0
    for match in _MARK.finditer(lowered):
        name = _BETWEEN.split(text[begin : match.start()])[-1].strip(" ,;:.-–")
        begin = match.end()
        name = re.sub(r"^(?:and|et|und|y)\s+", "", name)
        if not is_name(name, least=1):
            continue
        gender = _gender(match["gender"], key)
        if gender is None:
            doubts.add(line, "(m) may be a man or a woman in a Spanish paper")
        age = _AGE.match(_ASIDE.sub("", fold(text[match.end() : match.end() + 80]), count=1))
        years = int(match["age"]) if match["age"] else _number(age) if age else None
        people.append(Person(name, gender, years))
    return people


def _with_age(line: Line, story: str, doubts: Doubts) -> list[Person]:
    """ "Anna Example, teacher, aged 41": without an age it may be a concern, not a name.

    It is a name where the story tells of it as well.
    """
    if ")" in line.text and "(" not in line.text:
        return [Person(line.text.partition(")")[0].strip())]
    name, comma, rest = (part.strip() for part in line.text.partition(","))
    title, _, bare = name.partition(" ")
    gender = STATED_BY_TITLE.get(fold(title))
    name = bare if gender else name
    age = _AGED.search(fold(rest))
    told = fold(name) in story and bool(comma or not line.text.endswith("."))
    known = told and not (has_office(name) or has_organisation(name) or has_place(name))
    if is_name(name) and (age or gender or (known and not is_generic(name))):
        return [Person(name, gender, _number(age) if age else None)]
    doubts.add(line, "is this the name of somebody at risk?")
    return []


def _number(match: re.Match[str]) -> int | None:
    number = int(next(group for group in match.groups() if group))
    return number if number < 120 else None


def _apply(
    people: list[Person], following: Sequence[Section], language: str | None, doubts: Doubts
) -> None:
    """The labels "Gender m/f: m" and "Age: 34" that stand under the names."""
    for part in following:
        if part.name == "people":
            break
        if part.name not in {"gender", "age"}:
            continue
        said = " ".join([part.label_text, *(line.text for line in part.lines)])
        line = part.label[0]
        label = label_of(fold(part.label_text))
        value = said.split(":", 1)[-1] if not part.lines else part.lines[0].text
        if part.name == "gender" and label:
            _give_gender(people, value, _key(label.match, language), line, doubts)
        elif part.name == "age":
            _give_ages(people, value, line, doubts)


def _key(match: re.Match[str], language: str | None) -> str:
    key = (match["key"] or match["key2"] or "").replace(" ", "")
    return key or ("?" if language == "es" else "")


def _give_gender(people: list[Person], value: str, key: str, line: Line, doubts: Doubts) -> None:
    if len(people) == 1 and not people[0].gender and _of_many(value):
        doubts.add(line, "others are spoken of without their names", people[0].name)
        people.clear()
        return
    words = _BOTH.sub("", fold(value).strip(" .()"))
    everybody = words != fold(value).strip(" .()") or words in _PLURALS
    genders = [_gender(word, key) for word in re.split(r"[\s,;/&]+|\band\b", words) if word]
    if (
        genders
        and all(genders)
        and (len(genders) == len(people) or (len(genders) == 1 and everybody))
    ):
        for person, gender in zip(
            people, genders * (len(people) if everybody else 1), strict=False
        ):
            person.gender = person.gender or gender
    elif (genders or everybody) and not (people and all(person.gender for person in people)):
        doubts.add(line, "whose gender this is cannot be told")


def _of_many(value: str) -> bool:
    """ "Gender: both", "Hommes et femmes" is said of many: one name before it is no person's."""
    said = {_GENDERS.get(word) for word in re.findall(r"[a-z]{3,}", fold(value))}
    return {"m", "f"} <= said or fold(value).strip(" .") in {"both", "ambos", "beide", "tous deux"}


def _gender(word: str, key: str) -> str | None:
    """ "h/m" says that m is for mujer; without a key, a lone m is not read in Spanish."""
    if key in {"h/m", "m/h"}:
        return {"h": "m", "m": "f", "hombre": "m", "mujer": "f"}.get(word)
    if key == "?" and word == "m":
        return None
    if word == "h":
        return "m"
    return _GENDERS.get(word)


def _give_ages(people: list[Person], value: str, line: Line, doubts: Doubts) -> None:
    ages = re.findall(r"\d{1,3}", value)
    if len(ages) == len(people):
        for person, age in zip(people, ages, strict=True):
            person.age = int(age) if int(age) < 120 else None
    else:
        doubts.add(line, "whose age this is cannot be told")
