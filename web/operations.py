"""For machines that watch the product: is it alive, can it serve, how fast. No personal data, no addresses."""

from __future__ import annotations

import time

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from engine.domain.errors import MotCuaError
from web.context import EXTENSION, engine

blueprint = Blueprint("operations", __name__)

_REGISTRY = "motcua.metrics"
_STARTED = "motcua.started"


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Pages can be served: the database is there and at the right version.

    `read_only`: pages are served, nothing can be written.
    A scheduler that stands still or a letter that cannot be printed is no reason to close the pages: the page of the
    administrator tells of those.
    """
    try:
        engine().check_database()
    except MotCuaError:
        return jsonify(status="not ready"), 503
    return jsonify(status="ok", read_only=bool(engine().uow.read_only)), 200


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus."""
    return Response(generate_latest(current_app.extensions[_REGISTRY]), content_type=CONTENT_TYPE_LATEST)


def measure(app: Flask) -> None:
    """Count requests and their time by endpoint (the name of the page, never its address)."""
    registry = app.extensions[_REGISTRY] = CollectorRegistry()
    answers = Counter("motcua_http_answers", "Answers by page and status", ["endpoint", "status"], registry=registry)
    rests = Gauge(
        "motcua_read_only", "1 while nothing can be written: reads go on, the heartbeat rests", registry=registry
    )
    rests.set_function(lambda: float(bool(app.extensions[EXTENSION].uow.read_only)))
    seconds = Histogram("motcua_http_seconds", "Seconds to answer by page", ["endpoint"], registry=registry)

    @app.before_request
    def start() -> None:
        request.environ[_STARTED] = time.perf_counter()

    @app.after_request
    def stop(answer: Response) -> Response:
        endpoint = request.endpoint or "none"
        answers.labels(endpoint, str(answer.status_code)).inc()
        started = request.environ.get(_STARTED)
        if isinstance(started, float):
            seconds.labels(endpoint).observe(time.perf_counter() - started)
        return answer
