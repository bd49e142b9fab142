"""Unlocking a sealed case for one job of the console; who tried in vain leaves a trace too."""

from petitions.clock import now
from petitions.domain import audit
from petitions.domain.unlocking import Unlocked, unlock
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.web.organiser.access import actor
from petitions.web.organiser.sealing_forms import UnlockingForm, tell


def unlocked_by(form: UnlockingForm, case_id: int) -> Unlocked | None:
    """Return the case's key, or None with the reason beside the field. Raises KeyMissing.

    It takes a second for each custodian: call it before the transaction of the job begins.
    """
    if not form.validate():
        return None
    try:
        unlocked = unlock(case_id, form.unlocking_password.data or "")
    except Refused as refused:
        db.session.rollback()
        begin_write()
        audit.record(actor(), "unlocking refused", f"case {case_id}", {}, now())
        db.session.commit()
        tell(refused, form)
        return None
    db.session.rollback()
    return unlocked
