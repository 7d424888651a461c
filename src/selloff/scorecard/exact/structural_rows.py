"""Published numbers of structural shock models: they need the structural library, which attribution does not have yet."""

from __future__ import annotations

from importlib.util import find_spec

from selloff.scorecard.exact.check import not_run
from selloff.scorecard.tier import Row, ScoreContext

LIBRARY = "selloff.attribution.structural"


def _missing() -> str:
    return f"needs {LIBRARY}" if find_spec(LIBRARY) is None else f"{LIBRARY} is there, but not connected to this row"


def taper(context: ScoreContext) -> Row:
    """Matheson and Stavrev 2014 (IMF WP/14/167): the rise of the 10-year yield after the taper talk of 2013."""
    name = "Matheson–Stavrev, taper 2013: monetary 48 of 65 bp to 25 June, then news 59 of 63 bp"
    return not_run("matheson_stavrev_2013", name, None, _missing())


def common_shocks(context: ScoreContext) -> Row:
    """Cieslak and Pang 2021, Common shocks in stocks and bonds, JFE 142(2), on par yields from 1983."""
    name = "Cieslak–Pang: stock variance shares .10 / .05 / .37 / .31"
    return not_run("cieslak_pang_2021", name, None, _missing())


def bitcoin(context: ScoreContext) -> Row:
    """Adams, Ibert and Liao: what moved Bitcoin in 2022."""
    name = "Adams et al.: tightening explains over two thirds of Bitcoin's fall in 2022"
    return not_run("adams_bitcoin_2022", name, None, _missing())
