"""The letter: what stands on it, in each language, and what never does."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from petitions.documents import Counts, Letter, UnprintableText, write_letter
from petitions.documents.phrases import LANGUAGES, phrases
from tests.documents.cast import ADDRESSEE, letter
from tests.documents.pdf import pages_of, text_of


def text_of_letter(written: Letter, folder: Path) -> str:
    write_letter(written, folder / "letter.pdf")
    return text_of(folder / "letter.pdf")


def test_letter_says_who_writes_to_whom_and_asks_what(tmp_path: Path) -> None:
    text = text_of_letter(letter(), tmp_path)
    for line in (
        "Ikhtior Abdullaev",
        "Prosecutor General",
        "ul. Gulyamova 66",
        "Tashkent 700047",
        "Open Letter Network",
        "khamidkariev/3",
        "23 November 2026",
        "Dear Prosecutor General,",
        "He was abducted in Moscow.",
        "1. Release him immediately.",
        "2. Investigate his abduction.",
        "Yours sincerely,",
        "Jane Organiser",
        "+998 71 133 39 17",
    ):
        assert line in text


def test_numbers_are_said_in_sentences_and_never_added_up(tmp_path: Path) -> None:
    written = letter(
        counts=Counts(1204, 1, 3), attested=2, paper=1, partners=40, appeals=5, names_enclosed=True
    )
    text = text_of_letter(written, tmp_path)
    assert "1,208 people have signed this petition" in text
    assert "1,204 people sign by name. 1 person signs by initials." in text
    assert "3 people asked us not to pass on their names." in text
    assert "2 signatures that our staff confirmed" in text
    assert "1 signature on paper." in text
    assert "40 signatures collected by partner organisations." in text
    assert "5 people told us of having written to you" in text
    for total in ("1,210", "1,211", "1,251", "1,256"):
        assert total not in text


def test_number_that_is_zero_is_not_said(tmp_path: Path) -> None:
    text = text_of_letter(letter(counts=Counts(2, 0, 0)), tmp_path)
    assert "initials" not in text
    assert "asked us not to pass" not in text
    assert "Counted apart" not in text


def test_letter_without_counts_speaks_of_no_signatures(tmp_path: Path) -> None:
    assert "signed this petition" not in text_of_letter(letter(counts=None), tmp_path)


def test_copy_gets_the_numbers_and_says_that_names_are_not_enclosed(tmp_path: Path) -> None:
    text = text_of_letter(letter(names_enclosed=False, list_pages=9), tmp_path)
    assert "The names are not enclosed with this letter." in text
    assert "Enclosed" not in text


def test_embassy_is_told_of_which_countries_the_numbers_are(tmp_path: Path) -> None:
    text = text_of_letter(letter(countries=("DE", "AT"), counts=Counts(20, 1, 2)), tmp_path)
    assert "of the following countries only: Germany, Austria." in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_embassy_is_not_told_numbers_that_few_people_make(language: str, tmp_path: Path) -> None:
    few = letter(language=language, counts=Counts(3, 2, 4), countries=("IE",))
    text = text_of_letter(few, tmp_path)
    assert phrases(language).number(9) not in text.replace("2026", "").replace("/3", "").split()
    for key, number in (("named", 3), ("initials", 2), ("counted", 4), ("signed", 9)):
        assert phrases(language).plural(key, number) not in text
    many = letter(language="en", counts=Counts(3, 2, 5), countries=("IE",))
    assert "10 people have signed" in text_of_letter(many, tmp_path)


def test_enclosure_and_copies_are_listed(tmp_path: Path) -> None:
    written = letter(
        names_enclosed=True, list_pages=130, list_files=2, copies=("Embassy in Berlin",)
    )
    text = text_of_letter(written, tmp_path)
    assert "Enclosed List of signatures, 130 pages, in 2 volumes" in text
    assert "Copies Embassy in Berlin" in text
    assert "not enclosed" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_copy_says_whom_the_letter_is_written_to(language: str, tmp_path: Path) -> None:
    copy = text_of_letter(
        letter(language=language, copy_of=("Minister of the Interior", "Chancellery")), tmp_path
    )
    assert "Minister of the Interior" in copy
    assert "Chancellery" in copy
    assert "Chancellery" not in text_of_letter(letter(language=language), tmp_path)


def test_demonstration_is_said_in_plain_sight(tmp_path: Path) -> None:
    assert "Demonstration – not sent to anybody" in text_of_letter(
        letter(demonstration=True), tmp_path
    )
    assert "Demonstration" not in text_of_letter(letter(), tmp_path)


@pytest.mark.parametrize(
    ("language", "date", "sentence"),
    [
        ("ru", "23 ноября 2026", "22 человека подписались своим именем."),
        ("fr", "23 novembre 2026", "22 personnes signent de leur nom."),
        ("es", "23 de noviembre de 2026", "22 personas firman con su nombre."),
        ("uz", "23-noyabr, 2026", "22 kishi ismi bilan imzoladi."),
        ("en", "23 November 2026", "22 people sign by name."),
        ("de", "23 November 2026", "22 people sign by name."),
    ],
)
def test_date_and_numbers_are_in_the_letters_language(
    language: str, date: str, sentence: str, tmp_path: Path
) -> None:
    text = text_of_letter(letter(language=language, counts=Counts(22, 0, 0)), tmp_path)
    assert date in text
    assert sentence in text


def test_arabic_letter_is_set_from_right_to_left(tmp_path: Path) -> None:
    written = letter(language="ar", salutation="سعادة المدعي العام،", subject="عنوان")
    assert write_letter(written, tmp_path / "letter.pdf") == 1
    starts: dict[str, float] = {}

    def visit(text: str, page: list[float], line: list[float], _font: object, _size: float) -> None:
        for word in ("Gulyamova", "Jane"):
            if word in text:
                starts[word] = page[0] * line[4] + page[4]

    reader = PdfReader(tmp_path / "letter.pdf")
    reader.pages[0].extract_text(visitor_text=visit)
    assert starts["Gulyamova"] < 100  # points: the window stays where the envelope has it
    assert starts["Jane"] > 300
    assert reader.trailer["/Root"]["/Lang"] == "ar"


def test_letter_in_an_unknown_language_has_english_words(tmp_path: Path) -> None:
    text = text_of_letter(letter(language="tlh"), tmp_path)
    assert "Yours sincerely," in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_has_the_plurals_of_its_language(language: str, tmp_path: Path) -> None:
    words = phrases(language)
    for key in (
        "signed",
        "named",
        "initials",
        "counted",
        "attested",
        "paper",
        "partners",
        "appeals",
    ):
        for number in (1, 2, 3, 11, 21, 100, 1_000_000):
            sentence = words.plural(key, number)
            assert "{" not in sentence
            assert words.number(number) in sentence or (language == "ar" and number in {1, 2})
    written = letter(language=language, counts=Counts(1, 2, 5), attested=1, names_enclosed=True)
    assert write_letter(written, tmp_path / "letter.pdf") <= 2


def test_usual_letter_is_one_page_and_a_long_one_two(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    assert write_letter(letter(), path) == 1
    paragraph = "He has the right to a lawyer of his own choice and to a fair trial. " * 8
    long = "\n\n".join([paragraph] * 6)
    assert write_letter(letter(opening=long), path) == 2
    assert pages_of(path) == 2


def test_letter_too_long_for_two_pages_is_printed_in_full(tmp_path: Path) -> None:
    long = "\n\n".join(f"Paragraph number {at}. " + "word " * 120 for at in range(40))
    pages = write_letter(letter(opening=long), tmp_path / "letter.pdf")
    assert pages == pages_of(tmp_path / "letter.pdf") > 2
    assert "Paragraph number 39." in text_of(tmp_path / "letter.pdf")


def test_markup_in_the_text_is_printed_as_typed(tmp_path: Path) -> None:
    written = letter(
        subject='#read("/etc/passwd")',
        opening="*a* $x$ #panic()",
        asks=("= ask @x",),
        closing="_b_",
    )
    text = text_of_letter(written, tmp_path)
    for typed in ('#read("/etc/passwd")', "*a* $x$ #panic()", "= ask @x", "_b_"):
        assert typed in text


def test_text_that_no_font_has_is_refused_with_its_characters(tmp_path: Path) -> None:
    with pytest.raises(UnprintableText) as refusal:
        write_letter(letter(salutation="𐎠𐎼𐎹"), tmp_path / "letter.pdf")
    assert refusal.value.characters == "𐎠𐎼𐎹"


def test_line_already_in_the_postal_block_is_said_once(tmp_path: Path) -> None:
    lines = ("Ikhtior Abdullaev", *ADDRESSEE.postal_lines)
    text = text_of_letter(letter(addressee=replace(ADDRESSEE, postal_lines=lines)), tmp_path)
    assert text.count("Ikhtior Abdullaev") == 1


def test_long_postal_block_stays_above_the_text(tmp_path: Path) -> None:
    lines = tuple(f"Line number {at} of a long address" for at in range(10))
    long = replace(ADDRESSEE, postal_lines=lines)
    write_letter(letter(addressee=long), tmp_path / "letter.pdf")
    heights: dict[str, float] = {}

    def visit(text: str, page: list[float], line: list[float], _font: object, _size: float) -> None:
        for word in ("Line number 9", "Investigate the"):
            if word in text:
                heights.setdefault(word, page[3] * line[5] + page[5])

    PdfReader(tmp_path / "letter.pdf").pages[0].extract_text(visitor_text=visit)
    window_ends = (297 - 90) / 25.4 * 72  # points from the foot of the page
    assert heights["Line number 9"] > window_ends > heights["Investigate the"]


def test_what_people_copy_has_no_invisible_breaks(tmp_path: Path) -> None:
    address = "press.and.complaints.department@office-of-the-prosecutor.example.org"
    fax, reference = "+998711333917-00998711333918-00998711333919", f"{'khamidkariev' * 4}/3"
    word = "Generalstaatsanwaltschaft"  # 25 letters: fits any column
    written = letter(
        sender_contact=address,
        reference=reference,
        addressee=replace(ADDRESSEE, office=word, faxes=(fax,), emails=(address,)),
    )
    write_letter(written, tmp_path / "letter.pdf")
    assert min(map(len, (address, fax, reference))) > 40
    raw = "".join(page.extract_text() for page in PdfReader(tmp_path / "letter.pdf").pages)
    assert "\u200b" not in raw
    for copied in (address, fax, reference, word):
        assert copied in raw


def test_word_wider_than_its_column_still_wraps(tmp_path: Path) -> None:
    written = letter(addressee=replace(ADDRESSEE, office="A" * 150))
    edges: list[float] = []

    def visit(text: str, page: list[float], line: list[float], _font: object, size: float) -> None:
        if "AAAA" in text:
            edges.append(page[0] * line[4] + page[4] + 0.6 * size * text.count("A"))

    write_letter(written, tmp_path / "letter.pdf")
    PdfReader(tmp_path / "letter.pdf").pages[0].extract_text(visitor_text=visit)
    assert edges
    assert max(edges) < 125 / 25.4 * 72  # points: where the block beside the window begins


def test_same_letter_gives_the_same_bytes(tmp_path: Path) -> None:
    write_letter(letter(), tmp_path / "1.pdf")
    write_letter(letter(), tmp_path / "2.pdf")
    assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "2.pdf").read_bytes()


def test_letter_says_what_binds_the_state_between_opening_and_asks(tmp_path: Path) -> None:
    bound = "Uzbekistan is a party to the Convention against Torture."
    write_letter(letter(obligation=bound), tmp_path / "letter.pdf")
    text = text_of(tmp_path / "letter.pdf")
    places = [text.index(part) for part in ("border control", bound, "Release him")]
    assert places == sorted(places)


def test_form_of_address_is_printed_as_written_and_once(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    write_letter(letter(form_of_address="Your Excellency"), path)
    assert "Your Excellency Dear Prosecutor General," in text_of(path)
    write_letter(letter(form_of_address="Your Excellency", salutation="Your Excellency,"), path)
    assert text_of(path).count("Your Excellency") == 1


def test_case_number_stands_on_each_page_where_the_office_wants_it(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    pages = write_letter(letter(case_number="UA 271/13", opening="Long. " * 900), path)
    assert pages == 2
    assert text_of(path).count("khamidkariev/3 · UA 271/13") == 2


def test_translation_says_that_it_is_one_and_the_letter_that_it_has_one(tmp_path: Path) -> None:
    write_letter(letter(translated=True, enclosures=("Report, 4 pages",)), tmp_path / "1.pdf")
    text = text_of(tmp_path / "1.pdf")
    assert "Enclosed Translation of this letter Report, 4 pages" in text
    write_letter(letter(is_translation=True), tmp_path / "2.pdf")
    assert "Translation, for information." in text_of(tmp_path / "2.pdf")


def test_letter_since_the_last_one_says_since_which(tmp_path: Path) -> None:
    since = letter(continues="khamidkariev/1", continues_on=date(2026, 3, 14))
    write_letter(since, tmp_path / "letter.pdf")
    assert "Since our letter of 14 March 2026 (khamidkariev/1), 6 more people" in text_of(
        tmp_path / "letter.pdf"
    )
