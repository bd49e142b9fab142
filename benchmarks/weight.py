"""What a first visit to each public page weighs, in a real Chromium: bytes uncompressed, requests.

The case's own pictures are left out, and said. Each page is opened in a fresh window, in each
language; the table has English, and the heaviest language beside it. The rule is 50,000 bytes and
five requests; a row that leaves less than 3,000 bytes to spare ends the command with an error.

Usage: python benchmarks/weight.py [SIGNATURES]   (default 3000)
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Response  # noqa: E402 - after the path to the tests

from petitions.i18n import interface_languages  # noqa: E402 - after the path to the tests
from tests.servers.browser import open_browser  # noqa: E402 - after the path to the tests
from tests.servers.site import LiveSite  # noqa: E402 - after the path to the tests

FIRST, SECOND = "yusup-kasymakhunov", "mirsobir-khamidkariev"
PAGES = (
    "/",
    f"/cases/{FIRST}",
    f"/cases/{SECOND}",
    f"/petitions/{FIRST}",
    f"/petitions/{SECOND}",
    f"/embed/{SECOND}",
    f"/petitions/{FIRST}/share",
    f"/petitions/{FIRST}/letters",
    f"/petitions/{FIRST}/letters/uz-interior-minister",
    f"/petitions/{FIRST}/letters/uz-interior-minister/sent",
    f"/petitions/{SECOND}/check-your-email",
    f"/petitions/{SECOND}/thank-you",
    "/my-signature",
    "/privacy",
    "/accessibility",
    "/about",
)
KINDS = ("document", "stylesheet", "script", "image")
MOST_BYTES, MOST_REQUESTS = 47_000, 5


def visit(browser: Browser, address: str) -> tuple[Counter[str], int, int]:
    """Return bytes by kind, the number of requests, and how many pictures were left out."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    page = context.new_page()
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    page.goto(address, wait_until="networkidle")
    kept = [each for each in answers if "/pictures/" not in urlsplit(each.url).path]
    weight: Counter[str] = Counter()
    for answer in kept:
        kind = answer.request.resource_type
        weight[kind if kind in KINDS else "image"] += len(answer.body())
    # Chromium asks for the icon out of sight of the tools when it has no window.
    icon = page.get_attribute("link[rel=icon]", "href")
    requests = len(kept)
    if icon and not any(each.url.endswith(icon) for each in kept):
        weight["image"] += len(
            page.request.get(icon if "//" in icon else origin(address) + icon).body()
        )
        requests += 1
    context.close()
    return weight, requests, len(answers) - len(kept)


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def main() -> int:
    signatures = sys.argv[1] if len(sys.argv) > 1 else "3000"
    too_much = []
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        environ = {"PETITIONS_DATA_DIR": f"{folder}/data"}
        with LiveSite(environ, directory=Path(folder), demo=True) as site:
            site.run("sample-signatures", FIRST, signatures)
            print("| page | HTML | CSS | JS | icon, code | all | requests | heaviest language |")
            print("|---|--:|--:|--:|--:|--:|--:|--:|")
            for path in PAGES:
                measured = {
                    tag: visit(browser, f"{site.url}{path}?lang={tag}")
                    for tag in interface_languages()
                }
                weight, requests, _ = measured["en"]
                heaviest = max(measured, key=lambda tag: measured[tag][0].total())
                most = measured[heaviest][0].total()
                columns = [*(f"{weight[kind]:,}" for kind in KINDS), f"{weight.total():,}"]
                print(
                    f"| `{path}` | {' | '.join(columns)} | {requests} | {heaviest} {most:,} |",
                    flush=True,
                )
                if most > MOST_BYTES or max(each[1] for each in measured.values()) > MOST_REQUESTS:
                    too_much.append(path)
    if too_much:
        print(
            f"more than {MOST_BYTES:,} bytes or {MOST_REQUESTS} requests: {too_much}",
            file=sys.stderr,
        )
    return bool(too_much)


if __name__ == "__main__":
    sys.exit(main())
