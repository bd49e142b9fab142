from __future__ import annotations

from tests.pages import CheckingClient
from tests.web.conftest import Loaded


def test_smoke(client: CheckingClient, loaded: Loaded, sign, site, database, now) -> None:
    for path in ["/", f"/petitions/{loaded.open}", f"/petitions/{loaded.past}", "/cases/yusup-kasymakhunov", "/privacy","/about","/my-signature", f"/embed/{loaded.open}", "/healthz","/readyz","/api/v1/petitions",f"/api/v1/petitions/{loaded.open}","/api/v1/openapi.json","/robots.txt","/sitemap.xml","/nix"]:
        for lang in ["", "?lang=ru"]:
            r = client.get(path+lang)
            print(r.status_code, path, len(r.data), dict(r.headers) if not lang and path=="/" else "")
    r = sign()
    print(r.status_code, r.headers)
    r = client.get(r.headers["Location"])
    print(r.status_code)
    r = sign(name="", email="x")
    print(r.status_code)
    assert 0
