"""The API's documentation as a page that asks no other host for anything."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from trx_server.api.dependencies import PREFIX

__all__ = ["install_docs"]

HERE: Final = "docs/files"
"""Where the files are, relative to the page: right also behind a proxy that adds a prefix."""

OFFLINE: Final = {"validatorUrl": None}
"""Swagger UI would have documents of public hosts checked by its makers' site."""


def install_docs(app: FastAPI) -> None:
    """Make ``app`` serve Swagger UI, out of a package that ships its files."""
    files = StaticFiles(packages=[("fastapi_swagger", "resources")])
    app.mount(f"{PREFIX}/{HERE}", files)
    app.add_api_route(f"{PREFIX}/docs", _page, include_in_schema=False)


async def _page() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title="TaskRouterX",
        swagger_js_url=f"{HERE}/swagger-ui-bundle.js",
        swagger_css_url=f"{HERE}/swagger-ui.css",
        swagger_favicon_url=f"{HERE}/favicon-32x32.png",
        swagger_ui_parameters=OFFLINE,
    )
