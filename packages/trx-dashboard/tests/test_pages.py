"""The pages on a real API, without a browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import trx_dashboard
from trx_core.models import TaskRequest
from trx_dashboard.api import Api, Token
from trx_dashboard.faults import Fault
from trx_dashboard.views.fields import FIELDS

from .conftest import Stack

APP = Path(trx_dashboard.__file__).with_name("app.py")
TIMEOUT = 30.0
STALE = Token("admin", "admin", "a.stale.token")


@pytest.fixture(autouse=True)
def started_for_the_stack(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "argv", ["app.py", stack.url])
    yield
    st.cache_resource.clear()


def opened(page: str, token: Token | None) -> AppTest:
    """A tab on a page, of someone who is logged in."""

    def script(name: str) -> None:
        from importlib import import_module

        from trx_dashboard import session
        from trx_dashboard.views import login

        if session.token() is None:
            login.page()
        else:
            import_module(f"trx_dashboard.views.{name}").page()

    tab = AppTest.from_function(script, args=(page,), default_timeout=TIMEOUT)
    if token is not None:
        tab.session_state["token"] = token
    return tab.run()


def texts(elements: Any) -> list[str]:
    return [element.value for element in elements]


def press(tab: AppTest, label: str) -> None:
    next(button for button in tab.button if button.label == label).click().run()


def test_the_form_has_every_field_of_a_request() -> None:
    assert set(FIELDS) == set(TaskRequest.model_fields)


def test_a_wrong_password_is_told_and_the_right_one_opens_the_pages(stack: Stack) -> None:
    tab = AppTest.from_file(str(APP), default_timeout=TIMEOUT).run()
    assert texts(tab.title) == ["TaskRouterX"]
    tab.text_input[0].set_value("admin")
    tab.text_input[1].set_value("wrong")
    press(tab, "Log in")
    assert texts(tab.error) == ["The name or the password is wrong."]
    tab.text_input[1].set_value(stack.password)
    press(tab, "Log in")
    assert texts(tab.title) == ["Live"]
    press(tab, "Log out")
    assert texts(tab.title) == ["TaskRouterX"]
    assert not tab.exception


def test_a_task_with_every_field_is_accepted_as_filled_in(api: Api, token: Token) -> None:
    tab = opened("task", token)
    wanted: dict[str, Any] = {
        "type": "report",
        "region": "eu-west",
        "resource_type": "cpu",
        "priority": 9,
        "cost": 2.5,
        "slots": 2,
        "deadline_seconds": 600.0,
        "expected_duration": 1.5,
        "region_required": True,
    }
    for name, value in wanted.items():
        tab.session_state[f"task-{name}"] = value
    tab.text_area[0].set_value('{"customer": "acme"}')
    press(tab, "Submit")
    assert not tab.exception
    task = api.task(token, tab.session_state["task-result"])
    assert isinstance(task, dict)
    stored = {name: task[name] for name in wanted if name != "deadline_seconds"}
    assert stored == {name: value for name, value in wanted.items() if name != "deadline_seconds"}
    assert task["deadline"] is not None
    assert task["metadata"] == {"customer": "acme"}


def test_what_is_wrong_with_a_task_stands_at_its_fields(token: Token) -> None:
    tab = opened("task", token)
    tab.number_input[0].set_value(-1.0)
    press(tab, "Submit")
    shown = texts(tab.markdown)
    assert any("Field required" in text for text in shown)
    assert any("greater than or equal to 0" in text for text in shown)
    assert texts(tab.error) == ["Nothing was submitted: see the fields above."]
    tab.text_area[0].set_value("{")
    press(tab, "Submit")
    assert any("This is not JSON" in text for text in texts(tab.markdown))


def test_what_is_wrong_with_a_batch_stands_at_its_lines(api: Api, token: Token) -> None:
    tab = opened("batch", token)
    text = '{"type": "bad"}\n\n{"type": "bad", "priority": 11}\n{"cost": "x", "colour": 1}'
    tab.text_area[0].set_value(text).run()
    press(tab, "Submit 3 tasks")
    table = tab.dataframe[-1].value
    assert set(zip(table["Line"], table["Field"], strict=True)) == {
        (3, "priority"),
        (4, "type"),
        (4, "cost"),
        (4, "colour"),
    }
    assert texts(tab.error) == ["These lines are not right. Nothing was submitted."]
    assert api.tasks(token, 1, {"type": "bad"}) == []


def test_a_batch_is_accepted_once(token: Token) -> None:
    tab = opened("batch", token)
    tab.text_area[0].set_value("type,priority\nweb,1\nweb,2\n").run()
    press(tab, "Submit 2 tasks")
    assert texts(tab.success) == ["Accepted 2 tasks. The live view shows what becomes of them."]
    assert tab.text_area[0].value == ""
    assert "Submit 2 tasks" not in [button.label for button in tab.button]


def test_the_live_view_lists_the_tasks_that_pass_the_filters(api: Api, token: Token) -> None:
    names = api.submit_batch(token, [{"type": "live-a"}, {"type": "live-b"}])
    assert isinstance(names, list)
    tab = opened("live", token)
    assert {"Queued", "Completed", "Throughput", "Queue depth", "Waiting time"} <= {
        metric.label for metric in tab.metric
    }
    pools, tasks = (frame.value for frame in tab.dataframe)
    assert "eu-west-cpu" in set(pools["Pool"])
    assert set(names) <= set(tasks["Task"])
    tab.text_input(key="live-type").set_value("live-b").run()
    assert list(tab.dataframe[1].value["Task"]) == names[1:]
    tab.text_input(key="live-type").set_value("no-such-type").run()
    assert texts(tab.info) == ["No task passes these filters."]
    tab.text_input(key="live-type").set_value("not a type").run()
    assert len(tab.error) == 1
    assert not tab.exception


def test_traffic_is_started_and_what_is_wrong_with_it_stands_at_its_fields(
    api: Api, token: Token
) -> None:
    tab = opened("simulate", token)
    assert tab.selectbox[0].value == "steady"
    tab.text_input(key="simulate-steady-rate").set_value("fast")
    press(tab, "Start")
    assert any("valid number" in text for text in texts(tab.markdown))
    assert texts(tab.error) == ["The traffic cannot be simulated."]
    tab.text_input(key="simulate-steady-rate").set_value("500")
    tab.text_input(key="simulate-steady-count").set_value("50")
    tab.text_input(key="simulate-steady-mix").set_value('{"simulated": {}}')
    press(tab, "Start")
    assert not tab.error and not tab.exception
    found = api.simulations(token, 1)
    assert not isinstance(found, Fault)
    assert found[0]["params"] == {"rate": 500, "count": 50, "mix": {"simulated": {}}}


@pytest.mark.parametrize("page", ["live", "task", "batch", "simulate"])
def test_an_expired_login_asks_for_a_new_one(stack: Stack, page: str, token: Token) -> None:
    tab = opened(page, token)
    if page == "batch":
        tab.text_area[0].set_value("type\nweb").run()
    elif page == "task":
        tab.text_input[0].set_value("web")
    tab.session_state["token"] = STALE
    buttons = {"task": "Submit", "batch": "Submit 1 task", "simulate": "Start"}
    press(tab, buttons[page]) if page != "live" else tab.run()
    assert texts(tab.info) == ["Your login has expired. Log in again."]
    tab.text_input[0].set_value("admin")
    tab.text_input[1].set_value(stack.password)
    press(tab, "Log in")
    assert not tab.info
    assert tab.session_state["token"].secret != STALE.secret
    if page == "task":
        assert tab.text_input[0].value == "web"
    elif page == "batch":
        assert tab.text_area[0].value == "type\nweb"


def test_without_the_api_each_page_says_so(monkeypatch: pytest.MonkeyPatch, token: Token) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "http://127.0.0.1:9"])
    sentence = "The service does not answer at http://127.0.0.1:9."
    assert texts(opened("live", token).warning) == [
        f"{sentence} This page tries again every 2 seconds."
    ]
    form = opened("task", token)
    press(form, "Submit")
    assert texts(form.error) == [sentence]
