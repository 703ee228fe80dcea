"""The code blocks of the README run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import stand

README = Path(__file__).parent.parent / "README.md"
CLONE = README.parent.parent.parent


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text("utf8"), re.DOTALL | re.MULTILINE)


PYTHON, SHELL = _blocks("python"), _blocks("sh")
PRINTS = {
    "ten lines": "^Ada Lovelace [0-9a-f-]{36} ",
    "asyncio": "^USER_NOT_FOUND 404 ",
    "two steps": "^20",
    "FastAPI": "^$",
    "cookie": "^$",
    "ASGI": "^$",
    "WSGI": "^$",
    "gRPC": "^$",
    "fake": "^$",
}


@pytest.mark.parametrize(("program", "prints"), list(zip(PYTHON, PRINTS.values())), ids=PRINTS)
def test_an_example_runs(organization: stand.Organization, program: str, prints: str) -> None:
    assert len(PYTHON) == len(PRINTS)
    environment = {
        **os.environ,
        "AUTHFLOW_ADDRESS": stand.grpc_address(),
        "AUTHFLOW_API_KEY": organization.api_key,
    }
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.search(prints, ran.stdout)


def test_the_commands_of_the_beginning_run(organization: stand.Organization, tmp_path: Path) -> None:
    setting = SHELL[1].replace("127.0.0.1:50051", stand.grpc_address()).replace("af_…", organization.api_key)
    (tmp_path / "first.py").write_text(PYTHON[0], "utf8")
    script = "\n".join(["set -e", SHELL[0].replace("CLONE", str(CLONE)), setting, ".venv/bin/python first.py"])
    # What is installed for these tests is not for that environment.
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command = ["sh", "-c", script]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert re.search(PRINTS["ten lines"], ran.stdout, re.MULTILINE)


def test_the_first_example_has_ten_lines() -> None:
    assert PYTHON[0].count("\n") <= 10
