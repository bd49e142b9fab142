"""For search engines: which pages there are, and which are nobody's business."""

from flask import Blueprint, Response, current_app, render_template
from flask.typing import ResponseReturnValue

from petitions.domain.presenting import public_slugs
from petitions.web.headers import public_page

blueprint = Blueprint("machines", __name__)

_PRIVATE = (
    "/confirm/",
    "/not-me/",
    "/also-sign/",
    "/my-signature/",
    "/news/",
    "/unsubscribe/",
    "/handed-over/",
    "/organiser/",
    "/mailbox",
)


@blueprint.get("/sitemap.xml")
@public_page
def sitemap() -> ResponseReturnValue:
    """List public pages; what is hidden is not here from the moment on that it is."""
    cases, petitions = public_slugs()
    base_url = current_app.extensions["petitions"].base_url
    pages: dict[str, tuple[str, ...]] = {f"{base_url}/": ()}
    pages |= {f"{base_url}/cases/{slug}": tags for slug, tags in cases.items()}
    pages |= {f"{base_url}/petitions/{slug}": tags for slug, tags in petitions.items()}
    xml = render_template("sitemap.xml", pages=pages)
    return Response(xml, mimetype="application/xml")


@blueprint.get("/robots.txt")
@public_page
def robots() -> ResponseReturnValue:
    """Keep crawlers off pages with a signer's link."""
    base_url = current_app.extensions["petitions"].base_url
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _PRIVATE)]
    text = "\n".join([*lines, f"Sitemap: {base_url}/sitemap.xml", ""])
    return Response(text, mimetype="text/plain")
