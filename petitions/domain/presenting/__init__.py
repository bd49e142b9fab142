"""The read side of pages: what a page shows, as frozen values in the reader's language.

Nothing here writes, and nothing of a signer is read except for that signer. Every text carries the
language that it is in, since it may differ from the page's.
"""

from petitions.domain.presenting.case_page import CasePage, case_page
from petitions.domain.presenting.consent_proof import ConsentProof, proof_of
from petitions.domain.presenting.front_page import FrontPage, PetitionLine, front_page, public_slugs
from petitions.domain.presenting.organisation import (
    ContactLine,
    OrganisationPage,
    contact_offices,
    organisation_page,
)
from petitions.domain.presenting.own_download import everything_held
from petitions.domain.presenting.own_page import OwnPage, own_page
from petitions.domain.presenting.petition_page import PetitionPage, petition_page
from petitions.domain.presenting.pictures import picture_file
from petitions.domain.presenting.readiness import reasons_not_ready
from petitions.domain.presenting.signed import RefusedPage, SignedPage, refused_page, signed_page
from petitions.domain.presenting.wording import pick

__all__ = [
    "CasePage",
    "ConsentProof",
    "ContactLine",
    "FrontPage",
    "OrganisationPage",
    "OwnPage",
    "PetitionLine",
    "PetitionPage",
    "RefusedPage",
    "SignedPage",
    "case_page",
    "contact_offices",
    "everything_held",
    "front_page",
    "organisation_page",
    "own_page",
    "petition_page",
    "pick",
    "picture_file",
    "proof_of",
    "public_slugs",
    "reasons_not_ready",
    "refused_page",
    "signed_page",
]
