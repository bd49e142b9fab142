"""What proves a bundle, for anybody: counts, signed manifest, commitments; and one's own line."""

import shlex

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.documents.bag import SIGNATURE, TAG_MANIFEST
from petitions.domain.petitions import public_petition
from petitions.domain.presenting.bundle_proof import (
    commitment_lines,
    has_commitments,
    proof_page,
    published_bundle,
)
from petitions.domain.presenting.inclusion import Inclusion, inclusion_of
from petitions.domain.signing_keys import key_that_signed
from petitions.errors import NotFound
from petitions.models import Bundle, BundleProof
from petitions.tokens import MY_SIGNATURE
from petitions.web.headers import public_page
from petitions.web.language import wishes
from petitions.web.limits import limit_unknown_tokens

blueprint = Blueprint("proofs", __name__)


@blueprint.get("/bundles/<bundle:bundle>")
@public_page
def one_bundle(bundle: str) -> ResponseReturnValue:
    """Say for whom a bundle was made and of how many, and how to check it."""
    _, proof = _published(bundle)
    keyring = current_app.extensions["petitions"].keyring
    return render_template(
        "bundle.html",
        page=proof_page(bundle, wishes()),
        public_key=key_that_signed(keyring, proof.signature).public_key,
        files=(TAG_MANIFEST, SIGNATURE),
        address=_address("proofs.tag_manifest", bundle),
    )


@blueprint.get("/bundles/<bundle:bundle>/tagmanifest-sha256.txt")
@public_page
def tag_manifest(bundle: str) -> Response:
    """Give the tag manifest out as it stands in the bundle."""
    return _text(_published(bundle)[1].tag_manifest)


@blueprint.get("/bundles/<bundle:bundle>/tagmanifest-sha256.txt.minisig")
@public_page
def signature(bundle: str) -> Response:
    """Give out the signature over the tag manifest, as minisign reads it."""
    return _text(_published(bundle)[1].signature)


@blueprint.get("/bundles/<bundle:bundle>/commitments.txt")
@public_page
def commitments(bundle: str) -> Response:
    """Give out one salted hash a signature, in an order that tells nothing."""
    found, proof = _published(bundle)
    if not has_commitments(found, proof):
        raise NotFound("no commitments are published of so short a list")
    return _text(commitment_lines(proof))


@blueprint.post("/my-signature/<token:token>/proof")
@limit_unknown_tokens(MY_SIGNATURE)
def inclusion(token: str) -> ResponseReturnValue:
    """Show a signer the line that proves that a bundle holds them. Nothing is stored or mailed."""
    site = current_app.extensions["petitions"]
    ids = [str(one) for one in site.tokens.read(MY_SIGNATURE, token, now())]
    bundle, signature_id = request.form.get("bundle", ""), request.form.get("signature", "")
    if signature_id not in ids:
        raise NotFound("not a signature of this link")
    _published(bundle)
    found = inclusion_of(site, int(signature_id), bundle, wishes())
    return render_template(
        "inclusion.html", proof=found, page=found.page, commands=_commands(found), token=token
    )


def _commands(found: Inclusion) -> tuple[str, str]:
    """Return what a shell is told to hash the line, and to find the hash in what is published."""
    spelled = "\\t%s" * len(found.fields)
    words = " ".join(shlex.quote(one) for one in found.fields)
    there = shlex.quote(_address("proofs.commitments", found.page.bundle_id))
    return (
        f"printf 'v1{spelled}' {words} | sha256sum",
        f"curl -s {there} | grep -n {found.commitment}",
    )


def _address(endpoint: str, bundle: str) -> str:
    base_url: str = current_app.extensions["petitions"].base_url
    return base_url + url_for(endpoint, bundle=bundle, lang=None)


def _published(bundle_id: str) -> tuple[Bundle, BundleProof]:
    """Return a published bundle of a petition that is not hidden. Raises NotFound, CaseHidden."""
    bundle, proof, petition = published_bundle(bundle_id)
    public_petition(petition.slug)
    return bundle, proof


def _text(text: str) -> Response:
    return Response(text, mimetype="text/plain")
