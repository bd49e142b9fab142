"""Opening who signed, where this server can."""

from petitions.domain.sealing import opener_for
from petitions.domain.site import Site
from petitions.errors import KeyMissing
from petitions.models import Petition, Signature
from petitions.vault import Person


def person_of(site: Site, signature: Signature, petition: Petition) -> Person | None:
    """Open who signed, or return None where this server cannot."""
    if signature.data_key_id is None or not signature.person_sealed:
        return None
    try:
        opener = opener_for(petition.case_id, site.keyring)
    except KeyMissing:
        return None
    return opener.person(
        signature.data_key_id, signature.person_sealed, petition.id, signature.order_number
    )
