"""A mailer in a process of its own, told by its arguments where in a sending to kill itself: `before` or `after` a step, or
`never`. Settings come from the environment."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from server.actions.services import Services
from server.background.due import DueRunner
from server.background.mail_sending import MailSending
from server.background.mailer import Mailer
from server.background.tasks import BackgroundTasks
from server.mail.site_mail import load_site_mail
from server.settings import load_settings
from server.store.store import Store
from server.trust.link_secrets import LinkSecrets
from server.trust.site_tokens import SiteTokens
from server.trust.tokens import Tokens


def _dies(moment: str) -> None:
    print(f"dies {moment}", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


def _wrapped(step: Callable[..., Any], when: str) -> Callable[..., Any]:
    async def run(*args: Any) -> Any:
        if when == "before":
            _dies(f"before {step.__name__}")
        answer = step(*args)
        answer = await answer if isinstance(answer, Awaitable) else answer
        if when == "after":
            _dies(f"after {step.__name__}")
        return answer

    def run_now(*args: Any) -> Any:
        if when == "before":
            _dies(f"before {step.__name__}")
        answer = step(*args)
        if when == "after":
            _dies(f"after {step.__name__}")
        return answer

    return run if asyncio.iscoroutinefunction(step) else run_now


def sending_that_dies(when: str, step: str) -> type[MailSending]:
    if when == "never":
        return MailSending
    return type("Dying", (MailSending,), {step: _wrapped(getattr(MailSending, step), when)})


async def main(when: str, step: str) -> None:
    settings = load_settings(os.environ)
    store = Store(settings)
    services = Services(
        settings=settings, store=store, tokens=Tokens(settings.session_keys, session_ttl_s=settings.session_token_ttl_s),
        site_tokens=SiteTokens(settings), links=LinkSecrets(settings.link_keys, settings.public_url),
        mail=load_site_mail(settings),
    )
    tasks = BackgroundTasks()
    tasks.start("mailer", Mailer(services, services.sends_mail(), sending_that_dies(when, step)).step)
    tasks.start("due", DueRunner(services).step)
    print("works", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
