"""Building one bundle as a whole process: seconds and peak memory, three runs.

Usage: python benchmarks/bundle.py [SIGNATURES]   (default 10,000)
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from site_made import PETITION, demonstration


def petitions(folder: str, *arguments: str) -> None:
    """Run the command in a demonstration's directory."""
    environ = os.environ | {"PETITIONS_DATA_DIR": folder}
    subprocess.run(
        [sys.executable, "-m", "petitions", *arguments],
        env=environ,
        check=True,
        stdout=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    number = sys.argv[1] if len(sys.argv) > 1 else "10000"
    with tempfile.TemporaryDirectory() as folder:
        demonstration(folder, int(number))
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            petitions(folder, "bundles", "build", PETITION, "--all", "--out", folder)
            times.append(time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{number} signatures: {statistics.median(times):.1f} s, largest process {peak} MB")
