"""What any order of events has brought to light once, each told by itself."""

from __future__ import annotations

from client_sim.device import Device
from server.actions.devices import ask_for_device, decide_device
from server.actions.sanctions import remove
from server.domain.roles import Role
from tests.support.lifetimes import keys_without_end
from tests.support.rooms import ROOM, open_site, visitor_with


async def test_a_tab_that_comes_without_an_event_leaves_no_key_that_lives_for_ever(store_url):
    """Somebody removed looks at the page that says so, after everybody else has gone."""
    async with open_site(store_url) as site:
        await site.create_room()
        await site.arrive("vic")
        await remove(site.services, site.by(None), site.ids["vic"])
        await site.close_tab("vic")
        before = await site.seq()
        await site.open_tab("vic", "2")
        assert await site.seq() == before
        assert await keys_without_end(site.store) == []


async def test_a_yes_to_a_device_that_has_claimed_meanwhile_puts_no_other_device_out(store_url):
    async with open_site(store_url) as site:
        await site.create_room(link_devices=2)
        await site.arrive("boss", Role.MANAGER)
        invited = await site.invite("vera", by="boss")
        first, second = Device(), Device()
        await site.claim(invited["secret"], "vera", first)
        nonce = site.services.tokens.mint_nonce(ROOM, invited["invitation_id"], site.services.now_ms())
        asked = await ask_for_device(site.services, ROOM, invited["secret"], visitor_with(second, nonce, "vera"), "phone")
        await site.claim(invited["secret"], "vera", second)
        await decide_device(site.services, site.by("boss"), invited["invitation_id"], asked["request_id"], allow=True)
        invitation = (await site.contents()).invitations[invited["invitation_id"]]
        assert set(invitation.devices) == {first.thumbprint, second.thumbprint}
        assert invitation.moved_devices == {}
