"""The pages and the cookie: headers that hold when a page is attacked, and nothing of the demo beside a real site."""

from __future__ import annotations

import gzip
import json
from http.cookies import SimpleCookie

import pytest

from client_sim.http_request import Answer
from tests.support.nodes import Node
from tests.web.asking import EMAIL, ask, check_problem, make_invited, nonce_for

FRAMABLE = ["/join/any-room", "/room/any-room", "/media/any-room"]
PAGES = ["/", "/admin", *FRAMABLE]
FILES = ["/pages/room/room.js", "/pages/style/base.css"]


def policy_of(answer: Answer) -> dict[str, str]:
    directives = (directive.strip().partition(" ") for directive in answer.headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in directives}


@pytest.mark.parametrize("path", [*PAGES, *FILES])
async def test_every_page_says_how_it_may_be_used(node, path):
    answer = await ask(node, "GET", path)
    assert answer.status == 200
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == ("no-store" if path in PAGES else "no-cache")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_runs_only_our_own_scripts_and_talks_only_to_us(node, path):
    policy = policy_of(await ask(node, "GET", path))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert policy["connect-src"] == f"'self' ws://localhost:{node.port}"
    assert "unsafe" not in json.dumps(policy)


@pytest.mark.parametrize("path", FRAMABLE)
async def test_nobody_frames_our_pages_but_whom_the_operator_names(site_node, path):
    framed = policy_of(await ask(site_node, "GET", path))["frame-ancestors"]
    assert framed == "https://app.example.com https://other.example.com"


@pytest.mark.parametrize("path", FRAMABLE)
async def test_only_the_demos_own_front_page_frames_where_nobody_is_named(node, path):
    assert policy_of(await ask(node, "GET", path))["frame-ancestors"] == "'self'"


@pytest.mark.parametrize("path", ["/", "/admin"])
async def test_the_front_page_and_the_admins_page_are_framed_by_nobody(node, site_node, path):
    for each in (node, site_node):
        assert policy_of(await ask(each, "GET", path))["frame-ancestors"] == "'none'"


async def test_a_file_that_a_browser_has_is_not_sent_again(node):
    first = await ask(node, "GET", FILES[0])
    again = await ask(node, "GET", FILES[0], headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    stale = await ask(node, "GET", FILES[0], headers={"If-None-Match": 'W/"older"'})
    assert stale.status == 200


async def test_a_page_on_https_talks_to_its_websocket_on_wss(site_node):
    assert policy_of(await ask(site_node, "GET", "/"))["connect-src"] == "'self' wss://rooms.example.com"


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_holds_a_script_of_its_own_or_a_handler(node, path):
    page = (await ask(node, "GET", path)).body.decode().lower()
    assert "<script>" not in page
    assert " onclick=" not in page
    assert "javascript:" not in page
    assert "style=" not in page


@pytest.mark.parametrize(
    "room_id",
    ["any-room", "%3Cscript%3Ealert(1)", "..", "%00", "%FF", "a" * 2_000, "{{7*7}}", "%0d%0aSet-Cookie:%20x=1"],
)
async def test_the_join_page_is_the_same_whatever_stands_in_its_address(node, room_id):
    plain = await ask(node, "GET", "/join/any-room")
    answer = await ask(node, "GET", f"/join/{room_id}")
    assert "set-cookie" not in answer.headers
    if answer.status == 200:
        assert answer.body == plain.body
    else:
        check_problem(answer, 404, "path_unknown")


@pytest.mark.parametrize(
    "name",
    [
        "..%2fpages_api.py", "%2e%2e/app.py", "../links_api.py", "..", "page.html", "room", "room/", "room//room.js",
        "room/../room/room.js", "nothing.js", "%00", "room/ROOM.JS", "room/room.js%00", "room%2f..%2f..%2fpages_api.py",
        "a" * 3_000,
    ],
)
async def test_no_file_but_the_pages_own_is_given_out(node, name):
    answer = await ask(node, "GET", f"/pages/{name}")
    assert answer.status == 404
    assert b"import" not in answer.body


async def test_a_browser_gets_its_files_packed(node):
    plain = await ask(node, "GET", "/pages/client/greenroom-client.js")
    packed = await ask(node, "GET", "/pages/client/greenroom-client.js", headers={"Accept-Encoding": "gzip, br"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain.body


async def test_the_library_may_be_imported_by_a_page_of_the_room_product_and_our_pages_scripts_may_not(node):
    for name in ("greenroom-client.js", "greenroom-replica.js", "greenroom-link.js", "greenroom-client-testing.js"):
        answer = await ask(node, "GET", f"/pages/client/{name}")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-type"].startswith("text/javascript")
    for name in ("room/room.js", "style/base.css"):
        assert "access-control-allow-origin" not in (await ask(node, "GET", f"/pages/{name}")).headers


async def test_the_types_are_served_as_text(node):
    answer = await ask(node, "GET", "/pages/client/greenroom-client.d.ts")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert b"export class RoomClient" in answer.body


async def test_a_foreign_host_header_changes_no_link_and_no_header(node):
    invited = await make_invited(node)
    assert invited.link.url.startswith(f"http://localhost:{node.port}/join/")
    answer = await ask(node, "GET", "/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    assert "evil" not in repr(answer)


# ── The cookie ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def cookie_at(node: Node, **headers: str) -> tuple[str, SimpleCookie]:
    invited = await make_invited(node)
    body = {"secret": invited.link.secret, "nonce": await nonce_for(node, invited), "email": EMAIL}
    answer = await ask(node, "POST", invited.path("claim"), body, headers=headers)
    assert answer.status == 200
    return answer.headers["set-cookie"], SimpleCookie(answer.headers["set-cookie"])


async def test_on_https_the_cookie_is_bound_to_this_very_host(site_node):
    raw, cookie = await cookie_at(site_node)
    morsel = cookie["__Host-greenroom_device"]
    assert morsel["secure"]
    assert morsel["httponly"]
    assert morsel["path"] == "/"
    assert morsel["samesite"].lower() in ("lax", "strict")
    assert "domain" not in raw.lower()
    assert len(morsel.value) >= 43


async def test_on_plain_http_the_cookie_has_no_prefix_that_a_browser_would_refuse(node):
    _, cookie = await cookie_at(node)
    morsel = cookie["greenroom_device"]
    assert not morsel["secure"]
    assert morsel["httponly"]
    assert morsel["samesite"].lower() in ("lax", "strict")


@pytest.mark.parametrize("planted", ["", "x", "a" * 42, "a" * 44, "a" * 43 + ";", '"', "a b", "é" * 43])
async def test_a_cookie_that_we_did_not_make_is_not_kept(node, planted):
    _, cookie = await cookie_at(node, Cookie=f"greenroom_device={planted}")
    assert cookie["greenroom_device"].value != planted
    assert len(cookie["greenroom_device"].value) == 43


async def test_a_browser_without_a_key_is_recognised_by_its_cookie_alone(node):
    invited = await make_invited(node)
    first = await ask(node, "POST", invited.path("claim"), await _body(node, invited))
    cookie = first.headers["set-cookie"].partition(";")[0]
    again = {name: value for name, value in (await _body(node, invited)).items() if name != "email"}
    answer = await ask(node, "POST", invited.path("claim"), again, headers={"Cookie": cookie})
    assert answer.status == 200
    assert json.loads(answer.body)["participant_id"] == json.loads(first.body)["participant_id"]
    planted = {"Cookie": "greenroom_device=" + "a" * 43}
    stranger = await ask(node, "POST", invited.path("claim"), await _body(node, invited), headers=planted)
    check_problem(stranger, 409, "invite_used")


async def _body(node, invited) -> dict[str, str]:
    return {"secret": invited.link.secret, "nonce": await nonce_for(node, invited), "email": EMAIL}


# ── The demo ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "body"), [("/v1/demo/sign-in", {"user_id": "u", "name": "U", "email": EMAIL}), ("/v1/demo/rooms", {"title": "T"})]
)
async def test_beside_a_real_site_there_is_no_demo(node, site_node, path, body):
    assert (await ask(node, "POST", path, body)).status in (200, 201)
    check_problem(await ask(site_node, "POST", path, body), 404, "path_unknown")


async def test_a_page_knows_its_site_by_what_stands_in_it(node):
    page = (await ask(node, "GET", "/join/any-room")).body.decode()
    assert 'data-site-name="Greenroom"' in page
    assert 'data-demo="1"' in page
    assert '<link rel="stylesheet" href="/brand/look.css">' in page
