"""Sealing a case: its private key leaves the server and is kept for custodians alone; and back.

The site goes on to collect, deduplicate, count, confirm and withdraw, but reads no name. Each step
that takes the key from somebody gives the case a new key pair: its data keys, a few for each hour,
are sealed anew, and no signature is touched. So what is left in somebody's hands, or in a backup of
the key ring, opens no database from then on.
"""

from datetime import datetime

from sqlalchemy import select, update

from petitions.domain import audit, builds, outbox, outgoing
from petitions.domain.case_keys import SEALED, SERVER
from petitions.domain.custodians import NewCustodian, custodians_of, enter, leave
from petitions.domain.site import Site
from petitions.domain.unlocking import Unlocked
from petitions.errors import CannotOpen, KeyMissing, Refused
from petitions.extensions import db
from petitions.models import Bundle, BundleFile, CaseKey, Custodian, DataKey, Petition
from petitions.vault import custodians as vault
from petitions.vault.sealing import reseal_data_key


def seal(
    site: Site,
    case_id: int,
    first: NewCustodian,
    recovery: NewCustodian,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Make a case sealed, with its first custodian and the recovery key.

    Bundle files that still lie on the server are removed, builds under way and reminders are
    cancelled. After the commit the caller lets `take_from_server` clear the key ring. Raises
    KeyMissing, CannotOpen, Refused: "sealed already".
    """
    key = _locked(case_id)
    if key.mode == SEALED:
        raise Refused("sealed already")
    private_key = _rekey(key, site.keyring.case(key.ref).private_key)
    key.mode = SEALED
    for new in (first, recovery):
        enter(key, new, private_key, now)
    _clear_outgoing(site, case_id, actor, now)
    mine = update(Petition).where(Petition.case_id == case_id)
    db.session.execute(mine.values(publish_proof=False))  # until somebody decides otherwise
    outbox.cancel_reminders_of_sealed_cases(now)
    _record("case sealed", key, {}, actor, now)


def take_from_server(site: Site, case_id: int) -> None:
    """Take the private key of a sealed case out of the key ring. Repeating it changes nothing.

    Until then the ring holds a key that opens nothing any more, and that is asked for by nobody.
    """
    key = db.session.get_one(CaseKey, case_id)
    if key.mode == SEALED and site.keyring.holds_private_key(key.ref):
        site.keyring.keep_private_key(key.ref, b"")


def add_custodian(unlocked: Unlocked, new: NewCustodian, *, actor: str, now: datetime) -> Custodian:
    """Let somebody else unlock the case too. Raises KeyMissing, Refused: "changed meanwhile"."""
    key = _locked_and_open(unlocked)
    custodian = enter(key, new, unlocked.private_key, now)
    db.session.flush()
    _record("custodian added", key, {"custodian": custodian.id}, actor, now)
    return custodian


def remove_custodian(
    unlocked: Unlocked, custodian_id: int, *, actor: str, now: datetime
) -> Custodian:
    """Take the key from a custodian: the case gets a new one, which they are not given.

    Raises KeyMissing, CannotOpen, Refused: "changed meanwhile", "no such custodian",
    "recovery key" (it is renewed, not removed), "last custodian".
    """
    key = _locked_and_open(unlocked)
    everybody = custodians_of(key.case_id)
    found = [one for one in everybody if one.id == custodian_id]
    if not found:
        raise Refused("no such custodian", "custodian")
    (leaving,) = found
    if leaving.kind == "recovery":
        raise Refused("recovery key", "custodian")
    if sum(one.kind == "passphrase" for one in everybody) == 1:
        raise Refused("last custodian", "custodian")
    leave(leaving, now)
    _renew(key, unlocked, [one for one in everybody if one is not leaving])
    _record("custodian removed", key, {"custodian": custodian_id}, actor, now)
    return leaving


def rotate(
    unlocked: Unlocked, *, actor: str, now: datetime, recovery: NewCustodian | None = None
) -> None:
    """Give the case a new key pair, for the same custodians; with a new recovery key if wished.

    Raises KeyMissing, CannotOpen, Refused: "changed meanwhile".
    """
    key = _locked_and_open(unlocked)
    everybody = custodians_of(key.case_id)
    for old in [one for one in everybody if recovery and one.kind == "recovery"]:
        everybody.remove(old)
        leave(old, now)
    db.session.flush()
    private_key = _renew(key, unlocked, everybody)
    if recovery:
        enter(key, recovery, private_key, now)
    _record("case keys rotated", key, {"new recovery key": recovery is not None}, actor, now)


def unseal(site: Site, unlocked: Unlocked, *, actor: str, now: datetime) -> None:
    """Give a case's key back to the server; no custodian's passphrase opens it from then on.

    The new private key is in the key ring before the commit: it is never nowhere, and where the
    commit fails it opens nothing. Raises KeyMissing, CannotOpen, Refused: "changed meanwhile".
    """
    key = _locked_and_open(unlocked)
    private_key = _rekey(key, unlocked.private_key)
    for custodian in custodians_of(key.case_id):
        leave(custodian, now)
    key.mode = SERVER
    _record("case unsealed", key, {}, actor, now)
    site.keyring.keep_private_key(key.ref, private_key)


def _clear_outgoing(site: Site, case_id: int, actor: str, now: datetime) -> None:
    """Remove the bundle files of a case, and let no worker add another one: names are in them."""
    petitions = select(Petition.id).where(Petition.case_id == case_id)
    for petition_id in db.session.execute(petitions).scalars():
        if under_way := builds.open_build(petition_id):
            builds.cancel(under_way, actor, now)
    files = (
        select(BundleFile)
        .join(Bundle, Bundle.id == BundleFile.bundle_id)
        .where(Bundle.petition_id.in_(petitions))
    )
    outgoing.remove(site, db.session.execute(files).scalars().all(), now)


def _rekey(key: CaseKey, private_key: bytes) -> bytes:
    """Make a new key pair, seal all data keys of the case to it, and return its private half."""
    new = vault.new_key()
    public_key = vault.public_of(new)
    for data_key in db.session.execute(
        select(DataKey).where(DataKey.case_id == key.case_id).order_by(DataKey.id)
    ).scalars():
        data_key.sealed_key = reseal_data_key(data_key.sealed_key, private_key, public_key)
    key.public_key = public_key
    db.session.flush()
    return new


def _renew(key: CaseKey, unlocked: Unlocked, custodians: list[Custodian]) -> bytes:
    """Give the case new keys, and hand the private one to custodians who had the old one."""
    for custodian in custodians:
        if not vault.is_vouched(
            unlocked.private_key, custodian.public_key, key.ref, custodian.voucher
        ):
            raise CannotOpen(f"custodian {custodian.id} was not entered by this site")
    private_key = _rekey(key, unlocked.private_key)
    for custodian in custodians:
        custodian.wrapped_key = vault.wrap(private_key, custodian.public_key, key.ref)
        custodian.voucher = vault.voucher(private_key, custodian.public_key, key.ref)
    db.session.flush()
    return private_key


def _locked(case_id: int) -> CaseKey:
    """Return the case's key row; no new data key is stored until the transaction ends."""
    query = select(CaseKey).where(CaseKey.case_id == case_id, CaseKey.destroyed_at.is_(None))
    held = query.with_for_update().execution_options(populate_existing=True)
    key = db.session.execute(held).scalar_one_or_none()
    if key is None:
        raise KeyMissing(f"case {case_id} has no key any more")
    return key


def _locked_and_open(unlocked: Unlocked) -> CaseKey:
    key = _locked(unlocked.case_id)
    if key.mode != SEALED or vault.public_of(unlocked.private_key) != key.public_key:
        raise Refused("changed meanwhile")
    return key


def _record(
    action: str, key: CaseKey, detail: dict[str, object], actor: str, now: datetime
) -> None:
    audit.record(actor, action, f"case {key.case_id}", detail, now)
