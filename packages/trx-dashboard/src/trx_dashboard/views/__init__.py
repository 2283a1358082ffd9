"""The pages, a module for each. (Streamlit takes a folder named ``pages`` for scripts to run.)"""
