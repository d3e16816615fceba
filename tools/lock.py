"""Resolve the packages of pyproject.toml into requirements/*.txt, with hashes and without any index address.

Versions that still fit stay as they are; `make lock UPGRADE=1` takes the newest of each.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILE = ["pip", "compile", "pyproject.toml", "--quiet", "--universal", "--python-version", "3.11"]
COMPILE += [
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-annotate",
    "--no-header",
]
# base first: dev holds to its versions. postgres is a group of its own, fetched only where none is installed.
LOCKS = {
    "base.txt": [],
    "dev.txt": ["--extra", "dev", "--constraint", "requirements/base.txt"],
    "postgres.txt": ["--group", "postgres"],
}


def main() -> None:
    upgrade = ["--upgrade"] if os.environ.get("UPGRADE") else []
    with tempfile.TemporaryDirectory() as folder:
        uv = shutil.which("uv") or install_uv(Path(folder))
        for name, options in LOCKS.items():
            command = [uv, *COMPILE, *options, *upgrade, "--output-file", f"requirements/{name}"]
            if name == "postgres.txt":
                command.remove("pyproject.toml")
            if subprocess.call(command, cwd=ROOT, stdout=subprocess.DEVNULL):
                sys.exit(f"requirements/{name} could not be resolved.")
            print(f"requirements/{name}")


def install_uv(folder: Path) -> str:
    """Put uv into a throw-away environment and return its path."""
    venv.create(folder, with_pip=True)
    if subprocess.call([folder / "bin" / "python", "-m", "pip", "install", "--quiet", "uv"]):
        sys.exit("uv, which resolves the packages, could not be installed.")
    return str(folder / "bin" / "uv")


if __name__ == "__main__":
    main()
