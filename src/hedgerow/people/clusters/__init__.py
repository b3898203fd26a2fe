"""clusters owns who is who: people as the connected components of the evidence in force."""

from hedgerow.people.clusters.components import components
from hedgerow.people.clusters.known import Clusters, clusters, suppose
from hedgerow.people.clusters.settle import Graph, Settled, settle

__all__ = ["Clusters", "Graph", "Settled", "clusters", "components", "settle", "suppose"]
