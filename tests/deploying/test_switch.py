"""nginx as in deploy/, before real processes; and a restart in which no visitor is refused."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import ssl
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from pathlib import Path

import pytest

from tests.servers.databases import DEMONSTRATION, copy_demonstration_keys, copy_sqlite
from tests.servers.databases import sqlite_template as template
from tests.servers.run import free_port
from tests.servers.site import ROOT, LiveSite
from tests.servers.smtp import SmtpServer, self_signed
from tests.settings import environ_for

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
PETITION = "mirsobir-khamidkariev"
pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx here")


def upstream(first: int, behind: int) -> str:
    one, other = f"{first} max_fails=0", f"{behind} max_fails=0 backup"
    return f"server 127.0.0.1:{one};\nserver 127.0.0.1:{other};\n"


class Nginx:
    """nginx with the configuration of deploy/, on a port and with a certificate of ours."""

    def __init__(self, directory: Path, one: int, other: int) -> None:
        self.directory = directory
        self.port = free_port()
        self.upstream = directory / "petitions-upstream"
        self.upstream.write_text(upstream(one, other))
        self.configuration = directory / "nginx.conf"
        self.configuration.write_text(self._configuration())

    def _configuration(self) -> str:
        self_signed(self.directory)
        text = (ROOT / "deploy/nginx/petitions.conf").read_text()
        text = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
        text = re.sub(r"    listen \[::\]:443.*\n", "", text)
        for old, new in {
            "listen 443 ssl http2": f"listen 127.0.0.1:{self.port} ssl http2",
            "petitions.example.org": "localhost",
            "/etc/ssl/petitions/fullchain.pem": f"{self.directory}/smtp-certificate.pem",
            "/etc/ssl/petitions/privkey.pem": f"{self.directory}/smtp-key.pem",
            "/etc/nginx/petitions-upstream": str(self.upstream),
            "/var/cache/nginx/petitions": f"{self.directory}/cache",
            "/var/log/nginx/": f"{self.directory}/",
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        temporary = "".join(
            f"{name}_temp_path {self.directory}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;\n" if os.geteuid() == 0 else ""
        return (
            f"{user}daemon off;\nworker_processes 1;\npid {self.directory}/pid;\n"
            f"error_log {self.directory}/start.log;\nevents {{}}\nhttp {{\n{temporary}{text}}}\n"
        )

    def command(self, *arguments: str) -> list[str]:
        return [
            str(NGINX),
            "-c",
            str(self.configuration),
            "-e",
            str(self.directory / "e"),
            *arguments,
        ]

    @contextmanager
    def running(self) -> Iterator[None]:
        subprocess.run(self.command("-t", "-q"), check=True)
        with subprocess.Popen(self.command()) as process:
            try:
                while not self._listens():
                    assert process.poll() is None
                yield
            finally:
                process.send_signal(signal.SIGQUIT)

    def _listens(self) -> bool:
        with suppress(OSError):
            self.ask("GET", "/healthz")
            return True
        time.sleep(0.05)
        return False

    def ask(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, Message, str]:
        trusted = ssl.create_default_context(cafile=self.directory / "smtp-certificate.pem")
        connection = http.client.HTTPSConnection(
            "localhost", self.port, context=trusted, timeout=30
        )
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()


class Site:
    """Web processes on two ports over one database, started and stopped as systemd would."""

    def __init__(self, directory: Path, smtp: SmtpServer) -> None:
        url = copy_sqlite(template(DEMONSTRATION), directory)
        data = directory / "data"
        data.mkdir()
        copy_demonstration_keys(url, data)
        environ = environ_for(
            data, url, PETITIONS_SMTP_URL=smtp.url, PETITIONS_TRUSTED_PROXIES="1",
            PETITIONS_SIGN_LIMIT="100000 per minute", PETITIONS_SHARED_CACHE_SECONDS="1",
            PETITIONS_METRICS_TOKEN="a token of the tests, made up of 43 letters.",
        )  # fmt: skip
        self.one = LiveSite(environ, directory=directory / "one", worker=False)
        self.other = LiveSite(environ, directory=directory / "other", worker=False)
        self.one.environ["PETITIONS_BASE_URL"] = "https://localhost"
        self.other.environ["PETITIONS_BASE_URL"] = "https://localhost"


@pytest.fixture
def site(tmp_path: Path, smtp_server: SmtpServer) -> Site:
    return Site(tmp_path, smtp_server)


@pytest.fixture
def nginx(tmp_path: Path, site: Site) -> Nginx:
    directory = tmp_path / "nginx"
    directory.mkdir()
    return Nginx(directory, site.one.port, site.other.port)


@pytest.fixture
def systemctl(tmp_path: Path, site: Site) -> Path:
    """A systemctl that starts and stops our processes; what it starts lives as long as the test."""
    script = tmp_path / "systemctl"
    script.write_text(
        "#!/bin/sh\n"
        "port=${2##*@}; pid=$DIRECTORY/$port.pid\n"
        "case $1 in\n"
        'start) setsid "$PYTHON" -m petitions serve --port "$port" >"$DIRECTORY/$port.log" 2>&1 &\n'
        "       echo $! >$pid ;;\n"
        "stop) kill -TERM $(cat $pid)\n"
        "      while kill -0 $(cat $pid) 2>/dev/null; do sleep 0.1; done ;;\n"
        "esac\n"
    )
    script.chmod(0o755)
    return script


class Visitor(threading.Thread):
    """Reads and signs all the while, on a connection of its own each time."""

    def __init__(self, nginx: Nginx, name: str) -> None:
        super().__init__(name=name)
        self._nginx = nginx
        self._over = threading.Event()
        self.refused: list[str] = []
        self.signed: list[str] = []
        self.read = 0

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self._visit()
            except (OSError, http.client.HTTPException) as error:
                self.refused.append(repr(error))

    def _visit(self) -> None:
        path = f"/petitions/{PETITION}"
        status, _, html = self._nginx.ask("GET", path)
        self.read += 1
        stamp = re.search(r'name="stamp" value="([^"]+)"', html)
        if status != 200 or stamp is None:
            self.refused.append(f"reading: {status}")
            return
        address = f"{self.name}-{len(self.signed)}@example.org"
        form = {
            "name": "Ann Other", "initials": "A. O.", "email": address, "country": "FR",
            "appearance": "counted", "consent": "yes", "stamp": stamp[1],
        }  # fmt: skip
        status, _, _ = self._nginx.ask("POST", f"{path}/sign", urllib.parse.urlencode(form))
        if status != 303:
            self.refused.append(f"signing: {status}")
            return
        self.signed.append(address)

    def end(self) -> None:
        self._over.set()
        self.join()


def test_restart_refuses_nobody_and_loses_no_signature(
    site: Site, nginx: Nginx, systemctl: Path, tmp_path: Path
) -> None:
    """deploy/switch, while three people read and sign without a pause."""
    import sqlite3
    import sys

    environ = site.one.environ | {
        "UPSTREAM": str(nginx.upstream), "SYSTEMCTL": str(systemctl), "DIRECTORY": str(tmp_path),
        "PYTHON": sys.executable, "RELOAD_NGINX": " ".join(nginx.command("-s", "reload")),
        "DRAIN": "3", "ONE": str(site.one.port), "OTHER": str(site.other.port),
    }  # fmt: skip
    control = [str(systemctl), "start", f"petitions-web@{site.one.port}"]
    subprocess.run(control, env=environ, cwd=ROOT, check=True)
    visitors = [Visitor(nginx, f"v{number}") for number in range(3)]
    now = site.one.port
    try:
        site.one.wait_until_ready()
        with nginx.running():
            for one in visitors:
                one.start()
            try:
                switch = [str(ROOT / "deploy/switch")]
                done = subprocess.run(
                    switch, env=environ, cwd=ROOT, capture_output=True, text=True, check=False
                )
                assert done.returncode == 0, done.stderr
                now = site.other.port
                assert done.stdout == f"serving on port {now}\n"
                assert nginx.upstream.read_text() == upstream(now, site.one.port)
            finally:
                for one in visitors:
                    one.end()
    finally:
        subprocess.run([*control[:1], "stop", f"petitions-web@{now}"], env=environ, check=True)
    assert [one.refused for one in visitors] == [[]] * 3
    signed = [address for one in visitors for address in one.signed]
    assert len(signed) > 10
    with sqlite3.connect(tmp_path / "petitions.db") as connection:
        [stored] = connection.execute("SELECT count(*) FROM signature").fetchone()
    connection.close()
    assert stored == len(signed)


def test_new_version_that_does_not_become_ready_changes_nothing(
    site: Site, nginx: Nginx, tmp_path: Path
) -> None:
    broken = tmp_path / "systemctl"
    broken.write_text('#!/bin/sh\necho "$@" >>"$DIRECTORY/asked"\n')
    broken.chmod(0o755)
    quick = tmp_path / "bin"
    quick.mkdir()
    (quick / "sleep").write_text("#!/bin/sh\n")
    (quick / "sleep").chmod(0o755)
    environ = dict(os.environ) | {
        "UPSTREAM": str(nginx.upstream), "SYSTEMCTL": str(broken), "DIRECTORY": str(tmp_path),
        "TRIES": "2", "RELOAD_NGINX": "false", "ONE": str(site.one.port),
        "OTHER": str(site.other.port), "PATH": f"{quick}:{os.environ['PATH']}",
    }  # fmt: skip
    before = nginx.upstream.read_text()
    done = subprocess.run(
        [str(ROOT / "deploy/switch")], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "goes on as before" in done.stderr
    assert nginx.upstream.read_text() == before
    other = f"petitions-web@{site.other.port}"
    assert (tmp_path / "asked").read_text() == f"start {other}\nstop {other}\n"


def test_nginx_passes_on_guards_metrics_and_logs_no_link(site: Site, nginx: Nginx) -> None:
    with nginx.running():
        assert nginx.ask("GET", "/healthz")[0] == 502  # before anything runs: nginx answers
        site.one.directory.mkdir()
        site.one.launch("serve")
        site.one.wait_until_ready()
        try:
            assert nginx.ask("GET", "/healthz")[0] == 200
            token = {"Authorization": "Bearer a token of the tests, made up of 43 letters."}
            assert nginx.ask("GET", "/metrics", **token)[0] == 404
            status, headers, _ = nginx.ask("GET", f"/petitions/{PETITION}")
            assert status == 200
            assert headers["Cache-Control"].startswith("public")
            assert headers["Strict-Transport-Security"]
            nginx.ask("GET", "/confirm/the-token-of-somebody")
            large = "x" * 70_000
            assert nginx.ask("POST", f"/petitions/{PETITION}/sign", large)[0] == 413
        finally:
            site.one.stop()
    log = (nginx.directory / "petitions.log").read_text()
    assert f"GET /petitions/{PETITION} 200" in log
    assert "the-token" not in log
    assert "127.0.0.1" not in log
