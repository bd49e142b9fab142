"""Signers of a sealed case ask what is held about them: this server cannot tell by itself.

They say how they can be reached, which is sealed to the case like their name. Whoever unlocks the
case for that answer reads it, gives the answer, and says that it is given: then it is wiped.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from petitions.domain import audit
from petitions.domain.case_keys import is_sealed
from petitions.domain.sealing import opener_for
from petitions.domain.site import Site
from petitions.errors import CannotOpen, KeyMissing, Refused, TokenExpired
from petitions.extensions import db
from petitions.models import ACTIVE, HeldQuestion, Petition, Signature
from petitions.vault import padded

LONGEST = 300


def ask(site: Site, signature_id: int, reach: str, now: datetime) -> None:
    """Ask what is held, and say how the answer can be given. Asked again, the newer one counts.

    Raises TokenExpired where the signature is gone, Refused: "not sealed", "reach needed",
    "too long".
    """
    signature = db.session.get(
        Signature, signature_id, populate_existing=True, with_for_update=True
    )
    if signature is None or signature.state not in ACTIVE:
        raise TokenExpired([signature_id])
    petition = db.session.get_one(Petition, signature.petition_id)
    if not is_sealed(petition.case_id):
        raise Refused("not sealed")
    if not reach:
        raise Refused("reach needed", "reach")
    if len(reach) > LONGEST:
        raise Refused("too long", "reach")
    key_id, key = site.sealer.data_key(petition.case_id, now)
    question = question_about(signature_id)
    if question is None:
        question = HeldQuestion(signature_id=signature_id)
        db.session.add(question)
    question.reach_sealed = key.seal(padded(reach.encode()), _context(signature_id))
    question.data_key_id, question.asked_at = key_id, now
    question.answered_at = question.answered_by = None
    db.session.flush()


def question_about(signature_id: int) -> HeldQuestion | None:
    """Return what a signer has asked, answered or not."""
    query = select(HeldQuestion).where(HeldQuestion.signature_id == signature_id)
    return db.session.execute(query).scalar_one_or_none()


def open_questions() -> list[HeldQuestion]:
    """Return the questions that nobody has answered, oldest first."""
    query = select(HeldQuestion).where(HeldQuestion.answered_at.is_(None))
    return list(db.session.execute(query.order_by(HeldQuestion.asked_at)).scalars())


def reach_of(site: Site, case_id: int, question: HeldQuestion) -> str:
    """Return how a signer can be reached, in a site where their case is open; or nothing."""
    if question.reach_sealed is None:
        return ""
    try:
        opener = opener_for(case_id, site.keyring)
        context = _context(question.signature_id)
        plain = opener.bytes(question.data_key_id, question.reach_sealed, context)
    except (CannotOpen, KeyMissing):
        return ""
    return plain.decode().rstrip()


def note_answered(question: HeldQuestion, *, organiser_id: int, now: datetime) -> bool:
    """Write down that the answer was given, and wipe how to reach them; return if that is news."""
    db.session.refresh(question, with_for_update=True)
    if question.answered_at is not None:
        return False
    question.answered_at, question.answered_by, question.reach_sealed = now, organiser_id, None
    db.session.flush()
    subject = f"signature {question.signature_id}"
    audit.record(f"organiser {organiser_id}", "question what is held answered", subject, {}, now)
    return True


def forget_questions(signature_ids: Sequence[int]) -> None:
    """Wipe what these signers have asked, with all else of them."""
    db.session.execute(delete(HeldQuestion).where(HeldQuestion.signature_id.in_(signature_ids)))


def _context(signature_id: int) -> bytes:
    return f"reach {signature_id}".encode()
