"""What can be fetched over the network: which services, what they need, and how to have it.

Fetching writes the files that loaders read, and parses nothing into records; no build imports it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from ..ontology.errors import UnknownName, UsageError
from .fetch_files import Destination, Fetched
from .fetch_http import Client
from .fetch_service import Key, Service, Tell

__all__ = ["FETCHED", "fetch"]

FETCHED: dict[str, Service] = {
    row.name: row
    for row in (
        Service(
            "cqc",
            ".fetch_cqc",
            "cqc-api",
            "Care Quality Commission",
            "The CQC API",
            "providers and locations, former ones too, with ratings and successions",
            "https://www.cqc.org.uk/about-us/transparency/using-cqc-data",
            "https://api.service.cqc.org.uk/public/v1",
            "ICSGRAPH_CQC_URL",
            600,  # of one client, as the API's documentation says; more are answered with 429
            "local-authority",
            key=Key(
                "CQC_SUBSCRIPTION_KEY",
                "Ocp-Apim-Subscription-Key",
                "https://api-portal.service.cqc.org.uk/",
            ),
            parameters={"partnerCode": "CQC_PARTNER_CODE"},
            note="All of England is some 170,000 requests the first time, about five hours.",
        ),
        Service(
            "ods-fhir",
            ".fetch_ods_fhir",
            "ods-fhir",
            "NHS England",
            "The Organisation Data Terminology API",
            "NHS organisations with their roles, as FHIR R4 resources",
            "https://digital.nhs.uk/developer/api-catalogue/organisation-data-terminology",
            "https://api.service.nhs.uk/organisation-data-terminology-api/fhir",
            "ICSGRAPH_ODS_FHIR_URL",
            300,  # of 5,000 in 5 minutes; a page is large
            "role",
            accept="application/fhir+json",
            key=Key("ODS_API_KEY", "apikey", "https://onboarding.prod.api.platform.nhs.uk/"),
        ),
        Service(
            "ods-ord",
            ".fetch_ods",
            "ods-ord",
            "NHS England",
            "The ODS ORD API",
            "NHS organisations with roles, relationships and successions",
            "https://digital.nhs.uk/developer/api-catalogue/organisation-data-service-ord",
            "https://directory.spineservices.nhs.uk/ORD/2-0-0",
            "ICSGRAPH_ODS_ORD_URL",
            300,
            "role",
            note="NHS England has announced that it will be withdrawn in favour of ods-fhir.",
        ),
    )
}
"""Every service by name. A new one is one module with a function `fetch`, and one row here."""


def _quiet(step: str, done: int, of: int) -> None:
    """Tell nobody."""


def fetch(
    name: str,
    folder: Path,
    scope: Mapping[str, list[str]] | None = None,
    *,
    packed: bool = True,
    environment: Mapping[str, str] = os.environ,
    sleep: Callable[[float], None] = time.sleep,
    tell: Tell = _quiet,
) -> list[Fetched]:
    """Fetch what a service has into a folder, or what changed since the last time.

    `scope` fetches a part only: `{"local-authority": ["Oldham"]}`, `{"role": ["RO197"]}`. A run
    that was cut is gone on with. Files end in `.jsonl.gz`, in `.jsonl` if not `packed`.

    `UnknownName` for a name or option that there is none of, `MissingService` without the key that
    the service asks for, `ServiceFailed` where it refuses or gives no answer, `DataError` where the
    folder holds what no run has written.

    >>> fetch("cqc", Path("data"), environment={})
    Traceback (most recent call last):
        ...
    icsgraph.ontology.errors.MissingService: This needs a key in the environment variable \
CQC_SUBSCRIPTION_KEY, which is not here.
    Get one at https://api-portal.service.cqc.org.uk/
    """
    if name not in FETCHED:
        raise UnknownName("service to fetch from", name, FETCHED)
    service = FETCHED[name]
    asked = {option: sorted(set(values)) for option, values in (scope or {}).items() if values}
    if other := sorted(set(asked) - {service.narrowed_by}):
        raise UsageError(
            f"{name} is not fetched by {other[0]}.", f"It can be narrowed by {service.narrowed_by}."
        )
    destination = Destination(folder, asked, packed)
    with Client(service, environment, sleep, tell) as client, destination.alone(name):
        module = import_module(service.module, __package__)
        return list(module.fetch(client, destination, tell))
