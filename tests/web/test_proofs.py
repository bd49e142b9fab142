"""What is published of a bundle, and the line that a signer gets: who sees what, and when not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.documents.minisigning import verify
from petitions.domain import privacy
from petitions.domain.bundle_files import keep_proof, write_file
from petitions.domain.signing_keys import public_key
from petitions.models import Appearance, Bundle, Case, Petition, Signature
from petitions.tokens import MY_SIGNATURE
from tests.domain.test_bundles import signed
from tests.pages import CheckingClient
from tests.web.organiser.handing_over import frozen, stage

A = Appearance
NINE_MORE = tuple((f"Signer{number}", "IS", A.COUNTED) for number in range(9))


@dataclass
class Published:
    """A bundle that was written, of a petition that publishes its proof."""

    bundle_id: str
    client: CheckingClient
    database: SQLAlchemy
    site: Any
    now: datetime

    def get(self, file: str = "") -> Any:
        return self.client.get(f"/bundles/{self.bundle_id}{file}")

    def own(self, number: int = 0) -> str:
        """The address of the page of one's own, for the first who signed or another."""
        signers = select(Signature.id).order_by(Signature.id)
        row = self.database.session.execute(signers).scalars().all()[number]
        return f"/my-signature/{self.site.tokens.mint(MY_SIGNATURE, [row], self.now)}"

    def proof(self, number: int = 0, **changes: str) -> Any:
        signers = select(Signature.id).order_by(Signature.id)
        row = self.database.session.execute(signers).scalars().all()[number]
        form = {"signature": str(row), "bundle": self.bundle_id, **changes}
        return self.client.post(f"{self.own(number)}/proof", data=form)


@pytest.fixture
def publish_bundle(
    *,
    client: CheckingClient,
    database: SQLAlchemy,
    site: Any,
    frozen_time: object,
    now: datetime,
    tmp_path: Path,
) -> Callable[..., Published]:
    def publish(*more: tuple[str, str, Appearance]) -> Published:
        cast = stage(site, now)
        cast.petition.publish_proof = True
        signed(site, cast, now, *more)
        bundle = frozen(cast, now)
        keep_proof(site, bundle, write_file(site, bundle, tmp_path), now)
        database.session.commit()
        return Published(bundle.public_id, client, database, site, now)

    return publish


def test_readers_see_counts_and_signed_manifest_and_no_name(
    publish_bundle: Callable[..., Published], site: Any
) -> None:
    there = publish_bundle(*NINE_MORE)
    page = there.get()
    assert page.status_code == 200
    assert "Ada" not in page.text
    for number in ("12", "1", "10"):
        assert f"<dd>{number}</dd>" in page.text
    manifest, signature = (
        there.get(f"/tagmanifest-sha256.txt{ending}") for ending in ("", ".minisig")
    )
    verify(manifest.data, signature.text, public_key(site.keyring))
    assert len(set(there.get("/commitments.txt").text.splitlines())) == 12


def test_of_a_short_list_no_commitments_are_published(
    publish_bundle: Callable[..., Published],
) -> None:
    there = publish_bundle()
    page = there.get().text
    assert "so short" in page
    assert "<dd>3</dd>" not in page, "nor how many they are: perhaps they are of one country"
    assert "<dd>1</dd>" not in page
    assert there.get("/commitments.txt").status_code == 404
    assert "Show the proof" not in there.client.get(there.own()).text
    assert there.proof().status_code == 404


def test_nothing_is_there_unless_the_petition_publishes_it(
    publish_bundle: Callable[..., Published],
) -> None:
    there = publish_bundle(*NINE_MORE)
    there.database.session.execute(select(Petition)).scalar_one().publish_proof = False
    there.database.session.commit()
    for file in ("", "/tagmanifest-sha256.txt", "/tagmanifest-sha256.txt.minisig"):
        assert there.get(file).status_code == 404
    assert there.get("/commitments.txt").status_code == 404
    assert there.proof().status_code == 404
    assert there.client.get("/bundles/nothing-1").status_code == 404


def test_of_a_hidden_case_nothing_is_there_any_more(
    publish_bundle: Callable[..., Published],
) -> None:
    there = publish_bundle(*NINE_MORE)
    case = there.database.session.execute(select(Case)).scalar_one()
    case.hidden_at, case.hidden_reason = there.now, "asked for"
    there.database.session.commit()
    for file in ("", "/tagmanifest-sha256.txt", "/commitments.txt"):
        assert there.get(file).status_code == 410
    assert there.proof().status_code == 410


def test_a_signer_is_shown_their_own_line_alone(publish_bundle: Callable[..., Published]) -> None:
    there = publish_bundle(*NINE_MORE)
    assert there.client.get(there.own()).text.count("Show the proof") == 1
    full, initials, counted = (there.proof(number) for number in range(3))
    assert "Ada" in full.text
    assert full.headers["Cache-Control"] == "no-store"
    assert "B. X." in initials.text
    assert "Boris" not in initials.text
    assert "counted" in counted.text
    assert "Chen" not in counted.text
    signers = select(Signature.id).order_by(Signature.id)
    second = there.database.session.execute(signers).scalars().all()[1]
    assert there.proof(0, signature=str(second)).status_code == 404


def test_once_erased_nobody_can_prove_it_any_more(
    publish_bundle: Callable[..., Published],
) -> None:
    there = publish_bundle(*NINE_MORE)
    first = there.database.session.execute(select(Signature).order_by(Signature.id)).scalars()
    privacy.erase(next(iter(first)).id, there.now)
    there.database.session.commit()
    assert there.proof().status_code == 404
    assert there.get("/commitments.txt").status_code == 200
    assert there.database.session.execute(select(Bundle.eligible)).scalar_one() == 12
