"""What shape recorded ties have: the questions on holes, core, centre, return and kinds of tie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ..graph.snapshot import Snapshot
from .answer import Measured
from .recorded_network import SEED, named, recorded_network, shuffle_record
from .spread_ties import DRAW

__all__ = ["centralised", "confirmed", "core", "kinds_coincide", "kinds_together", "unconnected"]


def unconnected(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Who ties partners that are not tied to one another?"""
    from .structural_holes import structural_holes

    network = recorded_network(snapshot, parameters)
    found = structural_holes(
        network.flows, nodes=network.nodes, directed=False, version=parameters["version"]
    )
    rows = named(snapshot, found.filter(pl.col("degree") > 1))
    shown = rows.select("name", "degree", "effective_size", "efficiency", "constraint", id="node")
    order = ["effective_size", "constraint", "name", "id"]
    return network.measured(shown.sort(order, descending=[True, False, False, False]))


def core(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Is there a core that works with everyone, and a periphery?"""
    from .cores import core_periphery

    network = recorded_network(snapshot, parameters)
    found = core_periphery(
        network.flows,
        nodes=network.nodes,
        directed=False,
        replicates=0 if DRAW in parameters else parameters["replicates"],
        seed=SEED,
    )
    if found.fit is None:
        raise network.refused("No division into a core and a periphery fits at all.")
    rows = named(snapshot, found.members).select(
        "name",
        pl.when("core").then(pl.lit("core")).otherwise(pl.lit("periphery")).alias("part"),
        pl.lit(found.fit).alias("fit"),
        pl.lit(found.null_mean, pl.Float64).alias("null_mean"),
        pl.lit(found.p_ge, pl.Float64).alias("p"),
        id="node",
    )
    test = shuffle_record(
        "ties, with degrees kept", found.fit, found.p_ge, found, alternative="greater"
    )
    return network.measured(rows.sort("part", "name", "id"), test)


CENTRES = ("in-degree", "out-degree", "betweenness")


def centralised(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """How far do the recorded ties inside each system run over one body?"""
    from .network_figures import centralisation, whole_network
    from .static_network import static_network

    network = recorded_network(snapshot, {**parameters, "level": "provider"})
    homes, flows = network.placed, network.flows
    told = []
    nodes = network.nodes
    for system in sorted(set(homes.values())):
        members = [body for body in nodes if homes.get(body) == system]
        known = pl.Series(members).implode()
        ties = flows.filter(pl.col("source").is_in(known) & pl.col("target").is_in(known))
        if len(members) < 3 or ties.is_empty():
            continue
        inside = static_network(ties, members)
        figures = whole_network(inside)
        centres = [centralisation(inside, by) for by in CENTRES]  # type: ignore[arg-type]
        told.append((system, len(members), ties.height, ties.height / len(members), *centres,
                     figures.density))  # fmt: skip
    if not told:
        raise network.refused("No system has three bodies with ties among them.")
    columns = ("in_degree", "out_degree", "betweenness", "density")
    schema = {"node": pl.String, "bodies": pl.Int64, "ties": pl.Int64, "mean_degree": pl.Float64}
    rows = pl.DataFrame(told, schema=schema | dict.fromkeys(columns, pl.Float64), orient="row")
    shown = named(snapshot, rows).select(
        pl.col("name").alias("system"), "bodies", "ties", "mean_degree", *columns, id="node"
    )
    return network.measured(shown.sort("system", "id"))


def confirmed(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Is a tie that runs one way recorded the other way, too?"""
    from .reciprocity import reciprocity

    network = recorded_network(snapshot, parameters, least=1)
    told = network.ties.select("source", "target").unique()
    found = reciprocity(told, nodes=network.nodes)
    back = told.select(source="target", target="source", returned=pl.lit(True))
    kinds = network.ties.group_by("source", "target").agg(pl.col("kind").unique().sort())
    rows = kinds.join(back, on=["source", "target"], how="left")
    for side in ("source", "target"):
        rows = named(snapshot, rows, side).rename({"name": f"{side}_name"})
    words = pl.col("kind").list.eval(pl.element().str.replace_all("_", " ").str.to_lowercase())
    shown = rows.select(
        pl.col("source_name").alias("from"),
        pl.col("target_name").alias("to"),
        words.list.join("; ").alias("kinds"),
        pl.when(pl.col("returned")).then(pl.lit("both sides")).otherwise(pl.lit("one side"))
        .alias("recorded"),
        from_id="source",
        to_id="target",
    )  # fmt: skip
    counts = {
        "pairs_both_ways": found.mutual,
        "pairs_one_way": found.asymmetric,
    }
    measured = network.measured(shown.sort("from", "to", "from_id", "to_id"))
    ratios = (
        f"Of the ties {_share(found.edgewise)} are returned (edgewise); of the tied pairs "
        f"{_share(found.dyadic_non_null)} are tied both ways (dyadic, tied pairs only)."
    )
    return Measured(
        measured.rows, {**measured.counts, **counts}, [*measured.caveats, ratios], measured.tests
    )


def _share(value: float | None) -> str:
    return "no known share" if value is None else f"{value:.1%}"


def kinds_coincide(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Where do kinds of tie coincide: planning, sharing staff, sharing information?"""
    from .multiplexity import multiplexity

    network = recorded_network(snapshot, parameters)
    found = multiplexity(_by_kind(network.ties), nodes=network.nodes, directed=False)
    rows = found.pairs.select(
        _words("kind_a").alias("one_kind"),
        _words("kind_b").alias("other_kind"),
        "both",
        "either",
        "jaccard",
        "correlation",
    )
    many = int(found.by_number.filter(pl.col("kinds") >= 2)["pairs"].sum())
    measured = network.measured(rows.sort("one_kind", "other_kind"))
    counts = {"pairs_of_two_kinds_or_more": many}
    return Measured(measured.rows, {**measured.counts, **counts}, measured.caveats)


def kinds_together(snapshot: Snapshot, parameters: Mapping[str, Any]) -> Measured:
    """Does one kind of tie go with another, beyond being in one system?"""
    from .qap import mrqap, qap_correlation

    network = recorded_network(snapshot, parameters)
    kinds, replicates = _by_kind(network.ties), parameters["replicates"]
    first, second = parameters["outcome"], parameters["with_kind"]
    missing = [kind for kind in (first, second) if kind not in kinds]
    if missing:
        raise network.refused(f"No tie {missing[0]} joins two of those recorded.")
    alone = qap_correlation(
        kinds[first], kinds[second], nodes=network.nodes, directed=False,
        replicates=replicates, seed=SEED,
    )  # fmt: skip
    predictors = {second.lower(): kinds[second]}
    near = _same_system(network.placed)
    if near.height and parameters["level"] == "provider":
        predictors["same system"] = near
    found = mrqap(
        kinds[first], predictors, nodes=network.nodes, directed=False, replicates=replicates,
        seed=SEED,
    )  # fmt: skip
    terms = found.terms.select(
        pl.col("term").str.replace_all("_", " "),
        "coefficient",
        "standardised",
        "t",
        pl.col("p_two_sided").alias("p"),
    )
    both = pl.DataFrame(
        {"term": ["correlation of the two kinds (QAP)"], "coefficient": [alone.r],
         "standardised": [alone.r], "t": [None], "p": [alone.p_ge]},
        schema=terms.schema,
    )  # fmt: skip
    test = shuffle_record("bodies (QAP)", alone.r, alone.p_ge, alone, alternative="greater")
    return network.measured(pl.concat([both, terms]), test)


def _words(column: str) -> pl.Expr:
    return pl.col(column).str.replace_all("_", " ").str.to_lowercase()


def _by_kind(ties: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The pairs of each kind of tie, whichever way round, by the name of the kind."""
    return {
        str(kind): rows.select(
            source=pl.min_horizontal("source", "target"),
            target=pl.max_horizontal("source", "target"),
        ).unique().sort("source", "target")
        for (kind,), rows in sorted(ties.partition_by("kind", as_dict=True).items())
    }  # fmt: skip


def _same_system(homes: Mapping[str, str]) -> pl.DataFrame:
    """The pairs of bodies that are in one system."""
    rows = pl.DataFrame({"source": list(homes), "system": list(homes.values())})
    pairs = rows.join(rows.rename({"source": "target"}), on="system")
    return pairs.filter(pl.col("source") < pl.col("target")).select("source", "target")
