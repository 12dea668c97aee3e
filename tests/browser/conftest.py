"""The demonstration office for tests of this folder, and patience: on a busy machine a page takes its time."""

from playwright.sync_api import expect

from tests.support.web import app, engine, filled_office

__all__ = ["app", "engine", "filled_office"]

expect.set_options(timeout=20_000)
