"""A kept page under load, against what the same server and nginx make of the same bytes.

    .venv/bin/python benchmarks/reading.py [SIGNATURES …]      # 1000 and 1000000 unless said

The web process has one core to itself, wrk (Debian: `apt install wrk`) another one; nginx is
measured where it is installed. All servers are up at once and asked in turn, five times each.
"""

import argparse
import http.client
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from site_made import PETITION, large_site

from petitions import create_app
from petitions.config import Settings
from petitions.domain import tallies
from petitions.extensions import begin_snapshot, db

HERE = Path(__file__).resolve().parent
PAGE = f"/petitions/{PETITION}"
_TICKS = os.sysconf("SC_CLK_TCK")
_NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  default_type text/html;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}; {headers} }}
}}
"""


@dataclass
class Measured:
    rate: float
    p50: float
    p99: float
    errors: int
    cpu: float
    """Microseconds of the server's processes for each request."""
    memory: float


@dataclass
class Server:
    name: str
    address: str
    process: subprocess.Popen[bytes]

    def processes(self) -> list[int]:
        """Those that answer: the children, where there are any."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in children] or [pid]

    def ticks(self) -> int:
        stats = [
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            for pid in self.processes()
        ]
        return sum(int(stat[11]) + int(stat[12]) for stat in stats)

    def memory(self) -> float:
        text = Path(f"/proc/{self.processes()[-1]}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", text)
        return int(found[1]) / 1024 if found else 0.0


def make_site(data: Path, signatures: int) -> None:
    """Make a site with so many signatures, added up as its worker has them after a minute."""
    environ = {"PETITIONS_DATA_DIR": str(data)}
    large_site(environ, signatures)
    app = create_app(Settings.from_environ(environ))
    with app.app_context():
        begin_snapshot()
        tallies.count_anew()
        db.session.commit()
        db.engine.dispose()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(address: str) -> bytes:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request("GET", parts.path, headers={"Accept-Encoding": "br"})
        return connection.getresponse().read()
    finally:
        connection.close()


@contextmanager
def served(name: str, path: str, command: list[str], port: int, **environ: str) -> Iterator[Server]:
    pinned = ["taskset", "-c", "0", *command]
    process = subprocess.Popen(pinned, env=os.environ | environ, cwd=HERE)
    server = Server(name, f"http://127.0.0.1:{port}{path}", process)
    try:
        for _ in range(600):
            try:
                fetch(server.address)
                break
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def measure(server: Server, seconds: int, connections: int) -> Measured:
    began = server.ticks()
    last = str((os.cpu_count() or 2) - 1)
    wrk = ["taskset", "-c", last, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    told = subprocess.run(
        [*wrk, "-H", "Accept-Encoding: br", server.address],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    requests = int(re.search(r"(\d+) requests in", told)[1])
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    broken = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told
    )
    return Measured(
        rate=float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]),
        p50=_milliseconds(told, "50%"),
        p99=_milliseconds(told, "99%"),
        errors=(int(bad[1]) if bad else 0) + sum(map(int, broken.groups() if broken else ())),
        cpu=(server.ticks() - began) / _TICKS / max(requests, 1) * 1e6,
        memory=server.memory(),
    )


def _milliseconds(told: str, which: str) -> float:
    number, unit = re.search(rf"{which}\s+([\d.]+)(us|ms|s)", told).groups()
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def all_servers(folder: Path, data: Path, stack: ExitStack) -> list[Server]:
    port = free_port()
    petitions = [sys.executable, "-m", "petitions", "serve", "--port", str(port)]
    data_dir = {"PETITIONS_DATA_DIR": str(data), "PYTHONPATH": str(HERE.parent)}
    page = stack.enter_context(served("a petition's page, kept", PAGE, petitions, port, **data_dir))
    body = fetch(page.address)
    file = folder / "page.br"
    file.write_bytes(body)
    file.chmod(0o644)
    folder.chmod(0o755)
    print(f"The page: {len(body):,} bytes as sent.")
    servers = [page]
    for kind, name in (
        ("wsgi", "the same bytes, bare WSGI, 16 threads"),
        ("wsgi-one", "the same bytes, bare WSGI, one thread"),
        ("flask", "empty Flask route, same server"),
        ("flask-wsgi", "empty Flask route, granian's WSGI, 16 threads"),
    ):
        port = free_port()
        command = [sys.executable, str(HERE / "references.py"), kind, str(port), str(file)]
        servers.append(stack.enter_context(served(name, "/", command, port)))
    if shutil.which("nginx"):
        from references import HEADERS

        port = free_port()
        headers = " ".join(
            f'add_header {key} "{value}";'
            for key, value in HEADERS
            if key not in {"ETag", "Content-Type"}
        )
        config = folder / "nginx.conf"
        config.write_text(_NGINX.format(folder=folder, port=port, headers=headers))
        nginx = ["nginx", "-c", str(config)]
        servers.append(stack.enter_context(served("nginx, static file", "/page.br", nginx, port)))
    return servers


def show(results: dict[str, list[Measured]]) -> None:
    print(
        "| what | requests/s | of the page | p50 ms | p99 ms | errors | CPU µs each | memory MB |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    first = statistics.median(one.rate for one in next(iter(results.values())))
    for name, runs in results.items():
        middle = {
            key: statistics.median(getattr(one, key) for one in runs)
            for key in ("rate", "p50", "p99", "cpu", "memory")
        }
        errors = sum(one.errors for one in runs)
        print(
            f"| {name} | {middle['rate']:,.0f} | {middle['rate'] / first:.2f} | {middle['p50']:.1f}"
            f" | {middle['p99']:.1f} | {errors} | {middle['cpu']:.0f} | {middle['memory']:.0f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("signatures", nargs="*", type=int, default=[1_000, 1_000_000])
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    asked = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: apt install wrk")
    for number in asked.signatures:
        with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
            folder = Path(made)
            print(f"\n{number:,} signatures", flush=True)
            make_site(folder / "data", number)
            servers = all_servers(folder, folder / "data", stack)
            results: dict[str, list[Measured]] = defaultdict(list)
            for _ in range(asked.rounds):
                for server in servers:
                    results[server.name].append(measure(server, asked.seconds, asked.connections))
            show(results)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
