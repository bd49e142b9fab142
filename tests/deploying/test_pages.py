"""Commands of the pages on deploying, one after the other, as they stand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploying.sandbox import Sandbox, blocks_of, is_said_not_to_run
from tests.servers.postgres import PostgresServer, temporary_database
from tests.servers.run import UnavailableError
from tests.servers.site import ROOT
from tests.servers.valkey import valkey_url

PAGES = ROOT / "docs/deploying"
FIRST = PAGES / "one-machine.md"


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sandbox, list[str]]:
    """A machine on which the first page was followed, and what its commands said."""
    made = Sandbox(tmp_path_factory.mktemp("machine"))
    made.prepare()
    return made, run_page(made, FIRST)


@pytest.fixture
def sandbox(set_up: tuple[Sandbox, list[str]]) -> Iterator[Sandbox]:
    """That machine; its settings are put back after each test."""
    made = set_up[0]
    settings = made.root / "etc/petitions/petitions.env"
    before = settings.read_text()
    yield made
    settings.write_text(before)


def run_page(sandbox: Sandbox, page: Path) -> list[str]:
    said = []
    for block in blocks_of(page):
        if block.language == "sh":
            done = sandbox.run(block.text)
            assert done.returncode == 0, f"{page.name}:\n{block.text}\n{done.stdout}{done.stderr}"
            said.append(done.stdout + done.stderr)
    return said


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_every_block_is_run_or_says_that_it_is_not(page: Path) -> None:
    blocks = blocks_of(page)
    assert any(block.language == "sh" for block in blocks)
    silent = [b.text for b in blocks if b.language != "sh" and not is_said_not_to_run(b)]
    assert not silent, "\n".join(silent)


def test_one_machine(sandbox: Sandbox, set_up: tuple[Sandbox, list[str]]) -> None:
    said = set_up[1]
    password, checked = said[-3], said[-1]
    assert "migrated: empty" in password
    assert "good\tdatabase\tit answers" in checked
    assert "good\tmigrations" in checked
    assert "good\tkey ring" in checked
    settings = sandbox.root / "etc/petitions/petitions.env"
    assert settings.stat().st_mode & 0o777 == 0o640
    keys = [line for line in settings.read_text().splitlines() if "_KEY=" in line]
    assert len(keys) == 2
    assert all(len(line.partition("=")[2]) >= 43 for line in keys)
    assert (sandbox.root / "etc/systemd/system/petitions-web@.service").exists()


def test_behind_an_onion_service(sandbox: Sandbox) -> None:
    run_page(sandbox, PAGES / "onion.md")
    written = (sandbox.root / "etc/petitions/onion.env").read_text().splitlines()
    assert "PETITIONS_BASE_URL=http://petitionsexampleaddress.onion" in written
    assert "PETITIONS_SIGN_LIMIT=3000 per minute" in written


@pytest.fixture
def empty_database(postgres: PostgresServer) -> Iterator[str]:
    with temporary_database(postgres) as url:
        yield url


def test_postgresql_and_redis_and_several_machines(
    sandbox: Sandbox, postgres: PostgresServer, empty_database: str
) -> None:
    try:
        redis = valkey_url()
    except UnavailableError as reason:
        pytest.skip(str(reason))
    settings = sandbox.root / "etc/petitions/petitions.env"
    on_sqlite = settings.read_text()
    database = f"PETITIONS_DATABASE_URL={empty_database}\n"
    settings.write_text(f"{on_sqlite}\n{database}PETITIONS_RATELIMIT_STORAGE_URL={redis}\n")
    # The step that stands for another with the names of files, as the page says.
    restore = sandbox.root / "usr/local/bin/petitions-restore"
    with temporary_database(postgres) as moved_to:
        restore.write_text(
            "#!/bin/sh\nset -a; . $ROOT/etc/petitions/petitions.env; set +a\n"
            f"export PETITIONS_DATABASE_URL={moved_to} PETITIONS_DATA_DIR=$ROOT/var/lib/new\n"
            "exec $ROOT/opt/petitions/current/.venv/bin/petitions restore"
            ' "$1"/*.data.age "$1"/*.keys.age --identity "$2"\n'.replace("$ROOT", str(sandbox.root))
        )
        restore.chmod(0o755)
        said = run_page(sandbox, PAGES / "postgresql-redis.md")
    assert "good\tdatabase\tit answers" in said[0]
    assert "good\tlimits\tRedis answers" in said[0]
    assert "each as in the backup" in said[1]
    said = run_page(sandbox, PAGES / "several-machines.md")
    assert "good\tmigrations" in said[0]


def test_units_are_understood_and_hardened(tmp_path: Path) -> None:
    import subprocess

    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here")
    for unit in sorted((ROOT / "deploy/systemd").glob("*.service")):
        command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(unit)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{unit.name}: {done.stdout[-400:]}{done.stderr}"
        text = unit.read_text().replace("/opt/petitions/current/.venv/bin/petitions", "/bin/true")
        name = unit.name.replace("@", "@8000")
        (tmp_path / name).write_text(text.replace("User=petitions", "User=daemon"))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        ours = [line for line in done.stderr.splitlines() if "petitions" in line]
        assert ours == [], "\n".join(ours)
