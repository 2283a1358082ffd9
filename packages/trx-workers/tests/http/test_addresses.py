"""Which addresses a worker may connect to."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from trx_workers.http.addresses import AddressPolicy

PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
PUBLIC += ["::ffff:0:808:808", "2001:0:4136:e378:8000:63bf:f7f7:f7f7"]
PRIVATE = [
    *("127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1"),
    *("::1", "fd12::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
    *("2002:7f00:1::", "2002:a00:1::1", "::ffff:0:7f00:1", "::ffff:0:a00:1", "::7f00:1", "::a00:1"),
    *("2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:0:4136:e378:8000:63bf:f5ff:fffe"),
]
NEVER_BY_ACCIDENT = [
    *("169.254.169.254", "fe80::1", "fd00:ec2::254", "168.63.129.16", "100.100.100.200"),
    *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "192.0.0.192"),
    *("::a9fe:a9fe", "::ffff:0:a9fe:a9fe", "64:ff9b:1::a9fe:a9fe"),
    *("fec0::1", "100::1", "64:ff9b:1::a00:1", "64:ff9b:1:ffff::808:808"),
    *("2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:5601:5601"),
    *("0.0.0.0", "::", "224.0.0.1", "ff02::1", "::ffff:0.0.0.0"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert AddressPolicy().refusal(ip_address(address)) is None


@pytest.mark.parametrize("address", [*PRIVATE, *NEVER_BY_ACCIDENT, "240.0.0.1", "192.0.2.1"])
def test_all_others_are_refused_by_default(address: str) -> None:
    assert AddressPolicy().refusal(ip_address(address)) is not None


@pytest.mark.parametrize("address", [*PUBLIC, *PRIVATE])
def test_private_ones_can_be_allowed(address: str) -> None:
    assert AddressPolicy(True).refusal(ip_address(address)) is None


@pytest.mark.parametrize("address", [*NEVER_BY_ACCIDENT, "240.0.0.1", "192.0.2.1"])
def test_that_allows_no_metadata_service_and_no_group(address: str) -> None:
    assert AddressPolicy(True).refusal(ip_address(address)) is not None


def test_a_named_network_is_allowed_and_its_neighbour_is_not() -> None:
    policy = AddressPolicy(["10.1.0.0/16", "169.254.169.254/32", "fd00::/8"])
    allowed = ["10.1.2.3", "::ffff:10.1.2.3", "169.254.169.254", "fd12::1", "8.8.8.8"]
    refused = ["10.2.0.1", "127.0.0.1", "169.254.169.253", "::1"]
    assert [policy.refusal(ip_address(one)) for one in allowed] == [None] * len(allowed)
    assert None not in [policy.refusal(ip_address(one)) for one in refused]


def test_a_host_that_is_written_as_an_address_is_judged_at_once() -> None:
    assert AddressPolicy().literal_refusal("127.0.0.1") == "loopback"
    assert AddressPolicy().literal_refusal("::1") == "loopback"
    assert AddressPolicy().literal_refusal("8.8.8.8") is None
    assert AddressPolicy().literal_refusal("worker.example") is None
