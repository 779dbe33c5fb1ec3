"""The documents as a node serves them: for everybody, complete, and readable on a machine without a network."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from server.wire import asyncapi
from tests.web.asking import ask


@pytest.mark.parametrize("path", ["/v1/openapi.json", "/v1/asyncapi.json", "/v1/docs"])
async def test_documents_are_for_everybody(node, path):
    answer = await ask(node, "GET", path)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"


async def test_the_sockets_document_is_the_one_that_the_messages_make(node):
    assert json.loads((await ask(node, "GET", "/v1/asyncapi.json")).body) == json.loads(json.dumps(asyncapi.make_document()))


async def test_the_page_brings_all_its_scripts_and_nothing_else_may_run(node):
    answer = await ask(node, "GET", "/v1/docs")
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    scripts = re.findall(r"<script>(.*?)</script>", answer.body.decode(), re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert policy["script-src"].split() == [f"'sha256-{digest}'" for digest in digests]
    assert (policy["default-src"], policy["connect-src"], policy["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    outside = re.sub(r"<(script|style)>.*?</\1>", "", answer.body.decode(), flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", outside)
