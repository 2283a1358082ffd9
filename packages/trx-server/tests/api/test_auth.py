"""Logging in, and who may do what."""

from __future__ import annotations

import time
from pathlib import Path

import jwt
import pytest

from trx_server.api import ensure_admin, stored_secret
from trx_server.db import upgrade
from trx_server.store import Role, find_user, open_pool

from .harness import API, PASSWORD, SECRET, Served, serve

POOL = {
    "region": "eu",
    "resource_type": "cpu",
    "cost_per_unit": 1,
    "capacity": 4,
    "worker": {"kind": "exponential", "params": {"mean": 2.0}},
}
CALLS = {
    "read": ("GET", "/tasks", None, 200),
    "pools": ("GET", "/workers", None, 200),
    "pool": ("GET", "/workers/cpu-eu", None, 200),
    "change a pool": ("PUT", "/workers/cpu-eu", POOL, 200),
    "log": ("GET", "/logs", None, 200),
    "stats": ("GET", "/system/stats", None, 200),
    "submit": ("POST", "/tasks", {"type": "t"}, 202),
    "batch": ("POST", "/tasks/batch", [{"type": "t"}], 202),
    "cancel": ("DELETE", "/tasks/018f0000-0000-7000-8000-000000000000", None, 404),
    "switch": ("POST", "/algorithms/switch", {"name": "greedy"}, 200),
}
READING = {"read", "pools", "log", "stats"}
SUBMITTING = READING | {"submit", "batch", "cancel"}
ALLOWED = {
    Role.ADMIN: set(CALLS),
    Role.OPERATOR: set(CALLS) - {"pool", "change a pool"},
    Role.SUBMITTER: SUBMITTING,
    Role.VIEWER: READING,
}


async def test_each_role_may_do_what_the_table_says(api: Served) -> None:
    for role, allowed in ALLOWED.items():
        for name, (method, path, body, good) in CALLS.items():
            response = await api.http.request(
                method, API + path, json=body, headers=api.as_role(role)
            )
            assert response.status_code == (good if name in allowed else 403), (role, name)


async def test_nothing_but_health_metrics_and_the_login_is_open(api: Served) -> None:
    api.http.headers.pop("Authorization")
    for method, path, body, _ in CALLS.values():
        response = await api.http.request(method, API + path, json=body)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.headers["content-type"] == "application/problem+json"
    assert (await api.get("/health")).status_code == 200
    assert (await api.get("/metrics")).status_code == 200
    assert await api.stored() == 0


async def test_logging_in(api: Served) -> None:
    form = {"username": "viewer", "password": PASSWORD, "grant_type": "password"}
    answer = (await api.http.post(API + "/auth/token", data=form)).json()
    assert answer["token_type"] == "bearer"
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    me = (await api.http.get(API + "/auth/me", headers=bearer)).json()
    assert (me["name"], me["role"]) == ("viewer", "viewer")
    assert "tasks:read" in me["permissions"]
    assert "tasks:submit" not in me["permissions"]


async def test_a_login_that_is_no_form_is_told_what_to_send(api: Served) -> None:
    login = {"username": "viewer", "password": PASSWORD}
    for media_type in ("application/json", "text/plain; charset=utf-8"):
        headers = {"Content-Type": media_type}
        response = await api.http.post(API + "/auth/token", json=login, headers=headers)
        told = response.json()
        assert (response.status_code, told["code"]) == (415, "TRX-C213")
        assert "Send the form fields `username` and `password`" in told["detail"]


WRONG_LOGINS = [
    ("viewer", "wrong"),
    ("viewer", PASSWORD + "\0"),
    ("viewer", "x" * 5000),
    ("nobody", PASSWORD),
    ("nul\0", PASSWORD),
]


async def test_a_wrong_login_says_the_same_whatever_is_wrong(api: Served) -> None:
    for name, password in WRONG_LOGINS:
        form = {"username": name, "password": password}
        response = await api.http.post(API + "/auth/token", data=form)
        assert response.status_code == 401
        assert response.json()["detail"] == "The name or the password is wrong."
        assert "www-authenticate" in response.headers


async def test_a_login_without_a_name_or_password(api: Served) -> None:
    for form in ({}, {"username": "viewer"}, {"password": "x"}):
        response = await api.http.post(API + "/auth/token", data=form)
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"


BAD_TOKENS: list[tuple[dict[str, object], str, str]] = [
    ({"exp": 1_000_000_000}, SECRET, "HS256"),
    ({}, "another secret of at least thirty-two bytes", "HS256"),
    ({}, SECRET + "x" * 64, "HS512"),
    ({"role": "god"}, SECRET, "HS256"),
    ({"role": None}, SECRET, "HS256"),
    ({"sub": None}, SECRET, "HS256"),
    ({"exp": None}, SECRET, "HS256"),
]


async def test_tokens_that_are_not_good(api: Served, subtests: pytest.Subtests) -> None:
    for changes, key, algorithm in BAD_TOKENS:
        with subtests.test(changes=changes, algorithm=algorithm):
            now = time.time()
            claims = {"sub": "x", "role": "admin", "iat": now, "exp": now + 60, **changes}
            kept = {name: value for name, value in claims.items() if value is not None}
            bearer = {"Authorization": f"Bearer {jwt.encode(kept, key, algorithm=algorithm)}"}
            response = await api.http.get(API + "/tasks", headers=bearer)
            assert response.status_code == 401


async def test_a_token_without_a_signature(api: Served) -> None:
    now = time.time()
    claims = {"sub": "x", "role": "admin", "iat": now, "exp": now + 60}
    token = jwt.encode(claims, "", algorithm="none")
    response = await api.http.get(API + "/tasks", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401


async def test_the_first_administrator_gets_a_password_once(
    database_url: str, redis_url: str
) -> None:
    await upgrade(database_url)
    async with open_pool(database_url, 1) as pool:
        password = await ensure_admin(pool)
        assert password
        assert await ensure_admin(pool) is None
        admin = await find_user(pool, "admin")
        assert admin
        assert admin.role is Role.ADMIN
        assert password not in admin.password_hash
    async with serve(database_url, redis_url) as api:
        form = {"username": "admin", "password": password}
        assert (await api.http.post(API + "/auth/token", data=form)).status_code == 200


def test_the_stored_secret_lasts_and_is_private(tmp_path: Path) -> None:
    secret = stored_secret(tmp_path)
    assert len(secret) >= 32
    assert stored_secret(tmp_path) == secret
    [file] = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
