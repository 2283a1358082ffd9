"""Which addresses a worker may connect to."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

__all__ = ["Address", "AddressPolicy"]

Address = IPv4Address | IPv6Address

PRIVATE: Final = tuple(
    map(
        ip_network,
        (
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8"),
            *("::1/128", "fc00::/7"),
        ),
    )
)
"""RFC 1918, 6598 (shared), 4193 (unique local), and loopback: what ``allow_private: true`` adds."""

METADATA: Final = tuple(
    map(
        ip_network,
        (
            *("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "168.63.129.16/32"),
            *("100.100.100.200/32", "192.0.0.192/32"),
        ),
    )
)
"""Link-local, and where clouds serve the machine's own credentials: only for who names them."""

EMBEDDING: Final = tuple(
    map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96"))
)
"""Whose last 32 bits are an IPv4 address: NAT64 (RFC 6052, and for local use RFC 8215), translated
(RFC 2765) and compatible (RFC 4291, deprecated)."""

LOCAL: Final = tuple(map(IPv6Network, ("fec0::/10", "100::/64", "64:ff9b:1::/48")))
"""Never global, whatever the standard library says of them: site-local (RFC 3879), discarded
(RFC 6666) and for local translation (RFC 8215)."""


class AddressPolicy:
    """Public addresses, and those that are allowed besides.

    An IPv6 address that stands for an IPv4 address (mapped, compatible, translated, 6to4,
    Teredo, NAT64) is judged as that.

    Args:
        allow_private: ``True``: private and loopback addresses too; or networks in CIDR notation,
            whatever is in them.

    Raises:
        ValueError: a network is none.
    """

    def __init__(self, allow_private: bool | Sequence[str] = False) -> None:
        named = () if isinstance(allow_private, bool) else allow_private
        self._named = tuple(map(ip_network, named))
        self._private = PRIVATE if allow_private is True else ()

    def refusal(self, address: Address) -> str | None:
        """Why ``address`` may not be connected to; ``None``: it may."""
        real = _meant(address)
        if any(one in net for net in self._named for one in (address, real)):
            return None
        if any(real in net for net in METADATA):
            return "link-local, or a metadata service"
        if real.is_multicast or real.is_unspecified:
            return "no address of one machine"
        if any(address in net for net in LOCAL):
            return "private"
        if real.is_global or any(real in net for net in self._private):
            return None
        return "loopback" if real.is_loopback else "private"

    def literal_refusal(self, host: str) -> str | None:
        """Why a host that is written as an address is refused; ``None`` for a name, too."""
        try:
            address = ip_address(host)
        except ValueError:
            return None
        return self.refusal(address)


def _meant(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if int(address) > 1 and any(address in net for net in EMBEDDING):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)
