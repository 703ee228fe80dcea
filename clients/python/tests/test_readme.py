"""The examples of the README run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import stand

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README.read_text("utf8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(
    ("number", "prints"),
    [(0, "^Ada Lovelace [0-9a-f-]{36} "), (1, "^USER_NOT_FOUND NOT_FOUND "), (2, "^$"), (3, "^$")],
    ids=["ten lines", "asyncio", "ASGI", "gRPC"],
)
def test_an_example_runs(organization: stand.Organization, number: int, prints: str) -> None:
    environment = {
        **os.environ,
        "AUTHFLOW_ADDRESS": stand.grpc_address(),
        "AUTHFLOW_API_KEY": organization.api_key,
    }
    program = [sys.executable, "-c", BLOCKS[number]]
    ran = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.search(prints, ran.stdout)


def test_the_first_example_has_ten_lines() -> None:
    assert BLOCKS[0].count("\n") <= 10
