"""The script that Streamlit runs for every browser tab: who may see which page."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

from trx_dashboard import session
from trx_dashboard.views import batch, live, login, simulate, task

__all__ = ["main"]

ICON: Final = Path(__file__).with_name("icon.svg")
"""A file of our own: browsers would fetch the icon of an icon font from another host."""

PAGES: Final = (
    (live.page, "Live", ":material/monitoring:", "live"),
    (task.page, "Submit a task", ":material/add_task:", "task"),
    (batch.page, "Submit a batch", ":material/playlist_add:", "batch"),
    (simulate.page, "Simulate traffic", ":material/play_circle:", "simulate"),
)


def main() -> None:
    """Show the page of the URL, to those who are logged in."""
    st.set_page_config(page_title="TaskRouterX", page_icon=str(ICON), layout="wide")
    token = session.token()
    pages = [
        st.Page(page, title=title, icon=icon, url_path=path, default=page is live.page)
        for page, title, icon, path in PAGES
    ]
    page = st.navigation(pages, position="sidebar" if token else "hidden")
    if token is None:
        login.page()
        return
    with st.sidebar:
        st.caption(f"**{token.user}** · {token.role}")
        st.button("Log out", icon=":material/logout:", on_click=session.log_out)
    page.run()


if __name__ == "__main__":
    main()
