"""`python -m client_sim story` plays the main job; `python -m client_sim audience` plays whole rooms of people."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys

from client_sim.audience import Plan, play_audience
from client_sim.figures import wants_json
from client_sim.nodes import NotStarted
from client_sim.story import tell_story


def main() -> int:
    arguments = _parser().parse_args()
    urls = tuple(url for url in (arguments.url, arguments.url2) if url)
    as_json = arguments.json or wants_json()
    try:
        if arguments.what == "story":
            return asyncio.run(tell_story(urls, arguments.api_key, as_json=as_json))
        plan = Plan(rooms=arguments.rooms, people=arguments.people, seconds=arguments.seconds, seed=arguments.seed)
        return asyncio.run(play_audience(urls, arguments.api_key, plan, as_json=as_json))
    except NotStarted as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m client_sim", description=__doc__)
    kinds = parser.add_subparsers(dest="what", required=True)
    story = kinds.add_parser("story", help="the main job, step by step; without --url on servers of its own")
    audience = kinds.add_parser("audience", help="rooms full of people; without --url on two nodes of its own")
    for kind in (story, audience):
        kind.add_argument("--url", help="a node's address, such as http://127.0.0.1:8000")
        kind.add_argument("--url2", help="a second node's address")
        kind.add_argument("--api-key", default=os.environ.get("API_KEY"), help="also from API_KEY or ADMIN_API_KEYS")
        kind.add_argument("--json", action="store_true", help="print figures as JSON lines, as JSON=1 does")
    audience.add_argument("--rooms", type=int, default=5)
    audience.add_argument("--people", type=int, default=200, help="in all rooms together")
    audience.add_argument("--seconds", type=int, default=20, help="how long they act")
    audience.add_argument("--seed", type=int, default=1, help="of every random choice")
    return parser


if __name__ == "__main__":
    sys.exit(main())
