"""Writers and checkers of letters, lists of signatures, record data and bundles.

Pure: values and iterators in, files out. Nothing here knows the database, Flask or the clock. Names
are imported when first asked for, so that checking a bundle does not load the typesetter.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from petitions.documents.assemble import CountsDiffer as CountsDiffer
    from petitions.documents.assemble import write_bundle as write_bundle
    from petitions.documents.bag import BundleProof as BundleProof
    from petitions.documents.bag import write_bundle_zip as write_bundle_zip
    from petitions.documents.commitments import commitment as commitment
    from petitions.documents.commitments import commitment_line as commitment_line
    from petitions.documents.commitments import write_commitments as write_commitments
    from petitions.documents.entries import BundleContent as BundleContent
    from petitions.documents.entries import Counts as Counts
    from petitions.documents.entries import Entry as Entry
    from petitions.documents.entries import Letter as Letter
    from petitions.documents.entries import LetterAddressee as LetterAddressee
    from petitions.documents.entries import ListHeading as ListHeading
    from petitions.documents.entries import ListReport as ListReport
    from petitions.documents.letter import write_letter as write_letter
    from petitions.documents.letter_codec import LetterUnreadable as LetterUnreadable
    from petitions.documents.letter_codec import decode_letter as decode_letter
    from petitions.documents.letter_codec import encode_letter as encode_letter
    from petitions.documents.letter_preview import letter_pdf as letter_pdf
    from petitions.documents.minisigning import SigningKey as SigningKey
    from petitions.documents.name_list import write_lists as write_lists
    from petitions.documents.record import write_csv as write_csv
    from petitions.documents.record import write_jsonl as write_jsonl
    from petitions.documents.record import write_xlsx as write_xlsx
    from petitions.documents.typesetting import TypesettingProblem as TypesettingProblem
    from petitions.documents.typesetting import UnprintableText as UnprintableText
    from petitions.documents.verify import BundleProblem as BundleProblem
    from petitions.documents.verify import Verification as Verification
    from petitions.documents.verify import verify_bundle as verify_bundle

_HOME = {
    "BundleContent": "entries",
    "BundleProblem": "verify",
    "BundleProof": "bag",
    "Counts": "entries",
    "CountsDiffer": "assemble",
    "Entry": "entries",
    "Letter": "entries",
    "LetterAddressee": "entries",
    "LetterUnreadable": "letter_codec",
    "ListHeading": "entries",
    "ListReport": "entries",
    "SigningKey": "minisigning",
    "TypesettingProblem": "typesetting",
    "UnprintableText": "typesetting",
    "Verification": "verify",
    "commitment": "commitments",
    "commitment_line": "commitments",
    "decode_letter": "letter_codec",
    "encode_letter": "letter_codec",
    "letter_pdf": "letter_preview",
    "verify_bundle": "verify",
    "write_bundle": "assemble",
    "write_bundle_zip": "bag",
    "write_commitments": "commitments",
    "write_csv": "record",
    "write_jsonl": "record",
    "write_letter": "letter",
    "write_lists": "name_list",
    "write_xlsx": "record",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - one table holds the names


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
