"""The dashboard of TaskRouterX: Streamlit pages on top of the API."""
