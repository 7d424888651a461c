"""Structural shocks from prices: sign-, ranking- and narrative-restricted models, see docs/structural.md."""

from selloff.attribution.structural.cache import ModelCache
from selloff.attribution.structural.decomposition import Bounds, Decomposition, decompose
from selloff.attribution.structural.model import StructuralModel, structural_model
from selloff.attribution.structural.narrative import Narrative
from selloff.attribution.structural.restrictions import Ranking, Restrictions, Share
from selloff.attribution.structural.sampler import Infeasible
from selloff.attribution.structural.share_bond_shocks import CommonShocks, share_bond_shocks
from selloff.attribution.structural.system_window import SystemWindow
from selloff.attribution.structural.var_system import VarSystem, var_system
from selloff.attribution.structural.window import Unavailable, WindowDecomposition, decompose_window

__all__ = [
    "Bounds",
    "CommonShocks",
    "Decomposition",
    "Infeasible",
    "ModelCache",
    "Narrative",
    "Ranking",
    "Restrictions",
    "Share",
    "StructuralModel",
    "SystemWindow",
    "Unavailable",
    "VarSystem",
    "WindowDecomposition",
    "decompose",
    "decompose_window",
    "share_bond_shocks",
    "structural_model",
    "var_system",
]
