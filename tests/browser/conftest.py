"""One Chromium for all tests here; without it they skip, or fail where it is required."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = os.environ.get("SELLOFF_CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright."""
    required = os.environ.get("SELLOFF_REQUIRE_BROWSER") == "1"
    if shutil.which(CHROMIUM) is None:
        reason = f"no Chromium at {CHROMIUM}: apt-get install chromium, or name one in SELLOFF_CHROMIUM"
        if required:
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
