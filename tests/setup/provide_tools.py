"""Provides what the tests want and pip cannot bring: a browser and a few command-line tools.

Done at once where everything is there already. It never fails the run: what cannot be had is named
in one line, and the tests that need it are skipped with the reason. Nothing outside the working
tree is touched unless this runs as root on a Debian machine (then apt-get is used).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEST_TOOLS = ROOT / ".test-tools"
UNPACKED_BROWSER = TEST_TOOLS / "chromium"
NPM_BROWSER = "@sparticuz/chromium"
NU_CHECKER = TEST_TOOLS / "nu" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
NPM_NU_CHECKER = "vnu-jar@26.9.27"

# Program looked for -> Debian's package that brings it.
DEBIAN_PACKAGES = {
    "chromium": "chromium",
    "java": "default-jre-headless",
    "curl": "curl",
    "minisign": "minisign",
    "pdftoppm": "poppler-utils",
    "qpdf": "qpdf",
    "ssconvert": "gnumeric",
}

# The npm package keeps the browser compressed with brotli, which Python cannot read.
UNPACK_WITH_NODE = """
const { createBrotliDecompress } = require('zlib');
const { createReadStream, createWriteStream } = require('fs');
const { pipeline } = require('stream/promises');
const [from, to, ...names] = process.argv.slice(1);
(async () => {
  for (const name of names)
    await pipeline(createReadStream(`${from}/${name}.br`), createBrotliDecompress(),
                   createWriteStream(`${to}/${name}`));
})().catch((error) => { console.error(error); process.exit(1); });
"""

FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{directory}/fonts</dir><cachedir>{directory}/fonts-cache</cachedir></fontconfig>
"""


def browser_path() -> Path | None:
    """The Chromium that tests drive: the machine's own, else the one unpacked here."""
    for name in ("chromium", "chromium-browser"):
        if found := shutil.which(name):
            return Path(found)
    unpacked = UNPACKED_BROWSER / "chromium"
    return unpacked if unpacked.exists() else None


def main() -> int:
    missing = [tool for tool in [*DEBIAN_PACKAGES, "vnu.jar"] if not is_there(tool)]
    if not missing:
        return 0
    provide_by_apt([tool for tool in missing if tool in DEBIAN_PACKAGES])
    if browser_path() is None:
        provide_browser_by_npm()
    if not is_there("vnu.jar"):
        provide_nu_checker_by_npm()
    for tool in missing:
        if not is_there(tool):
            say(f"{tool} cannot be had here; the tests that need it are skipped")
    return 0


def is_there(tool: str) -> bool:
    if tool == "vnu.jar":
        return NU_CHECKER.exists()
    return browser_path() is not None if tool == "chromium" else shutil.which(tool) is not None


def provide_by_apt(tools: list[str]) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    say(f"installing {', '.join(tools)} with apt-get")
    run(["apt-get", "update", "-qq"])
    # One at a time: a package that this Debian lacks must not keep back the others.
    for tool in tools:
        package = DEBIAN_PACKAGES[tool]
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package])


def provide_browser_by_npm() -> None:
    """Unpacks npm's browser into .test-tools; moved into place at the end, so never half there."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        return
    say(f"fetching a browser with npm ({NPM_BROWSER})")
    fresh = TEST_TOOLS / "chromium.new"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(UNPACKED_BROWSER, ignore_errors=True)
    fresh.mkdir(parents=True)
    if not install_by_npm(NPM_BROWSER, TEST_TOOLS):
        return
    packed = TEST_TOOLS / "node_modules" / NPM_BROWSER / "bin"
    names = sorted(path.stem for path in packed.glob("*.br"))
    if not run(["node", "-e", UNPACK_WITH_NODE, str(packed), str(fresh), *names]):
        return
    for archive in fresh.glob("*.tar"):
        with tarfile.open(archive) as content:
            content.extractall(fresh, filter="data")
        archive.unlink()
    (fresh / "chromium").chmod(0o755)
    (fresh / "fonts.conf").write_text(FONTS_CONF.format(directory=UNPACKED_BROWSER))
    fresh.rename(UNPACKED_BROWSER)
    shutil.rmtree(TEST_TOOLS / "node_modules", ignore_errors=True)


def provide_nu_checker_by_npm() -> None:
    """The checker of HTML that the W3C runs; it needs Java."""
    if shutil.which("npm") is None:
        return
    say(f"fetching the Nu checker with npm ({NPM_NU_CHECKER})")
    folder = TEST_TOOLS / "nu"
    folder.mkdir(parents=True, exist_ok=True)
    install_by_npm(NPM_NU_CHECKER, folder)


def install_by_npm(package: str, folder: Path) -> bool:
    options = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    return run(["npm", "install", *options, "--prefix", str(folder), package])


def run(command: list[str]) -> bool:
    """Runs quietly, says what went wrong, and goes on."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=600,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"{command[0]} did not work: {error}")
        return False
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        say(f"{' '.join(command[:2])} did not work: {lines[-1]}")
        return False
    return True


def say(text: str) -> None:
    print(f"test tools: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
