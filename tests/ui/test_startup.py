"""The start of the server: it does not wait for what the first page needs, and the first page does."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from benchmarks import served
from lossviz.ui import startup
from tests.waiting import PATIENCE_S

# Each takes from a tenth of a second to more than one.
HEAVY = ("matplotlib", "numba", "pandas", "pyarrow", "scipy", "sklearn", "sympy", "torch._dynamo", "umap")


def imported(program: str, *names: str) -> list[str]:
    """Those of the modules that a new process has imported after a program."""
    code = f"import sys\n{program}\nprint(*[name for name in {names!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=served.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_server_needs_no_torch_to_begin() -> None:
    assert imported("import app", "streamlit", "torch", *HEAVY) == ["streamlit"]


def test_the_first_page_imports_no_package_that_it_does_not_use() -> None:
    page = (
        "from streamlit.testing.v1 import AppTest\n"
        "from lossviz.ui.page_files import SCRIPT\n"
        "assert not AppTest.from_file(SCRIPT, default_timeout=600).run().exception"
    )
    assert imported(page, "torch", *HEAVY, "lossviz.figures.screen") == ["torch"]


def test_the_server_goes_on_and_pages_wait_until_the_imports_have_ended() -> None:
    go, ends = threading.Event(), []

    def load() -> None:
        assert go.wait(PATIENCE_S)
        ends.append("imports")

    def page() -> None:
        startup.wait()
        ends.append("page")

    async def serve() -> None:
        async with startup.lifespan(load)(None):
            visit = asyncio.create_task(asyncio.to_thread(page))
            await asyncio.sleep(0)
            assert ends == []
            go.set()
            await visit

    try:
        # In a thread of its own: a browser of another test may have a loop in this one.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: asyncio.run(serve())).result()
        assert ends == ["imports", "page"]
        assert gc.isenabled()
    finally:
        gc.unfreeze()
