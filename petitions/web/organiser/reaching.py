"""Whoever is limited to some cases: which pages they open, and of which things.

The session is narrowed before the page reads anything (`domain.reach`). Refused by default: a page
has to name a thing of a case in its address, which is looked for, or to say `narrows=True`.
"""

from collections.abc import Mapping
from typing import Any

from flask import current_app, g

from petitions.domain.reach import narrow, reach_of
from petitions.errors import NotFound
from petitions.extensions import Model, db
from petitions.models import (
    BuildAgreement,
    Bundle,
    BundleBuild,
    BundleFile,
    Case,
    CaseUpdate,
    Delivery,
    News,
    OfficialMail,
    Organiser,
    PaperSignatures,
    Permission,
    Person,
    Petition,
    Picture,
    Reply,
    SetAsideBatch,
    Signature,
)
from petitions.web.organiser.access import Door, Need, need_of

OF_A_CASE: Mapping[str, type[Model]] = {
    "agreement_id": BuildAgreement,
    "batch_id": SetAsideBatch,
    "build_id": BundleBuild,
    "bundle_id": Bundle,
    "case_id": Case,
    "delivery_id": Delivery,
    "file_id": BundleFile,
    "mail_id": OfficialMail,
    "news_id": News,
    "paper_id": PaperSignatures,
    "permission_id": Permission,
    "person_id": Person,
    "petition_id": Petition,
    "picture_id": Picture,
    "reply_id": Reply,
    "signature_id": Signature,
    "update_id": CaseUpdate,
}
"""What the numbers in addresses name that belongs to a case."""


def narrow_to(someone: Organiser) -> None:
    """Let this request read and change what this organiser reaches, and nothing else."""
    g.reach = reach_of(someone)
    narrow(g.reach)


def is_limited() -> bool:
    """Whether whoever is signed in is limited to some cases. Templates use it too."""
    return g.get("reach") is not None


def is_closed(need: Need, values: Mapping[str, Any]) -> bool:
    """Whether a page is closed to whoever is limited. Raises NotFound for a thing not reached."""
    if not is_limited() or isinstance(need.of, Door):
        return False
    named = [(OF_A_CASE[name], value) for name, value in values.items() if name in OF_A_CASE]
    for model, value in named:
        if db.session.get(model, value) is None:
            raise NotFound("not reached")
    return not named and not need.narrows


def opens(endpoint: str) -> bool:
    """Whether whoever is signed in opens a page that names nothing of a case."""
    need = need_of(current_app.view_functions[endpoint])
    return not is_limited() or (need is not None and need.narrows)
