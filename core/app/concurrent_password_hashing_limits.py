"""Bounds what passwords cost a web process: so many hashes at once."""

import os
from dataclasses import replace

from core.adapters.password_work_queue import PasswordWorkQueue, QueuedPasswordHasher, Waiting
from core.app.services import Services
from core.app.settings.sections import WebSection


def with_password_queues(services: Services, waiting: Waiting) -> Services:
    """Return the same services for one web process, in which passwords wait for their turn."""
    usual, seconds = services.dependencies, services.dependencies.policy.password_wait_seconds
    hashes = PasswordWorkQueue(hashes_at_once_per_worker(services.settings.web), seconds, waiting)
    queued = replace(usual, hasher=QueuedPasswordHasher(usual.hasher, hashes))
    return replace(services, dependencies=queued)


def hashes_at_once_per_worker(web: WebSection) -> int:
    """The share of one worker in the hashes that are made at once."""
    return max(1, (web.hashes_at_once or os.cpu_count() or 1) // web.workers)
