"""Room 6, what they click: `/metrics`, which Prometheus asks for.

Whoever may see the operator's page may see it: by the token of that page, which Prometheus sends as
``Authorization: Bearer``, or at this machine where there is no token.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from recommender.jobs.gauges import Gauge, read_gauges
from recommender.jobs.services import Services
from recommender.web.clients import client_network
from recommender.web.forms import services_of
from recommender.web.status import desk_of, is_operator

PREFIX: Final = "recommender_"


def metrics(request: Request) -> Response:
    """Answer with what Prometheus reads."""
    services = services_of(request)
    if (refusal := _refusal(request, services)) is not None:
        return refusal
    registry = CollectorRegistry()
    registry.register(_Gauges(read_gauges(services)))
    counted = b"" if services.metrics is None else generate_latest(services.metrics.registry)
    return Response(counted + generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _refusal(request: Request, services: Services) -> Response | None:
    if is_operator(request):
        return None
    refused = PlainTextResponse(
        "web.status_token as `Authorization: Bearer …` opens this, or without one a request from "
        "this machine\n",
        HTTPStatus.FORBIDDEN,
    )
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if services.status_token is None or scheme.lower() != "bearer":
        return refused
    tries, network, now = desk_of(request).wrong_tokens, client_network(request), services.clock()
    if seconds := tries.seconds_to_wait(network, now):
        return PlainTextResponse(
            "too many wrong tokens\n",
            HTTPStatus.TOO_MANY_REQUESTS,
            headers={"Retry-After": str(seconds)},
        )
    if hmac.compare_digest(token.strip().encode(), services.status_token.encode()):
        return None
    tries.note(network, now)
    return refused


class _Gauges(Collector):
    def __init__(self, gauges: list[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each as Prometheus has it."""
        for gauge in self._gauges:
            labels = [gauge.label] if gauge.label else []
            family = GaugeMetricFamily(PREFIX + gauge.name, gauge.words, labels=labels)
            for value, number in gauge.values.items():
                family.add_metric([value] if labels else [], number)
            yield family
