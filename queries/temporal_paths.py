"""Time-respecting paths: by when can what one node knows have reached another, and by which ties?

A path takes ties one after another, each at a time at which it holds, never going back in time
(Kempe, Kleinberg and Kumar 2002; Holme and Saramäki 2012). A tie holds at times start <= t < end
(convention C1): one that ends at t and one that starts at t do not join. A hop lasts `hop` (C2): 0
by default, so that several fit into one instant; a positive one must end by the tie's end.
Information flows from source to target (C3); `directed=False` lets it flow both ways.

`start` and `end` bound the window [start, end); without a start it is the first time that the ties
name, 0 if they name none. Days count from and to dates; other times are numbers. Ties with
imprecise dates carry the four bounds of `ontology.dates`: "certain" counts each tie only where it
held whatever the dates were, "possible" wherever it may have held (C8).

In every function `ties` is a table by the rules of `spread_inputs` or a prepared `DatedNetwork`;
what breaks a rule raises ArgumentFault. A path says that information *could* have gone that way.
"""

from __future__ import annotations

from .contact_paths import contact_paths
from .dated_network import DatedNetwork, dated_network
from .temporal_arrivals import (
    arrival_bounds,
    earliest_arrival,
    group_earliest_arrival,
    latest_departure,
    pairwise_arrival,
    quickest_route,
)
from .temporal_reach import (
    ReachRatio,
    TemporalEfficiency,
    reach,
    reach_ratio,
    removal_loss,
    temporal_efficiency,
)

__all__ = [
    "DatedNetwork",
    "ReachRatio",
    "TemporalEfficiency",
    "arrival_bounds",
    "contact_paths",
    "dated_network",
    "earliest_arrival",
    "group_earliest_arrival",
    "latest_departure",
    "pairwise_arrival",
    "quickest_route",
    "reach",
    "reach_ratio",
    "removal_loss",
    "temporal_efficiency",
]
