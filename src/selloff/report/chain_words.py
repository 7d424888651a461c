"""Links of a chain in words: what each claims, the opposite where the cause is turned round, and what it did beyond."""

from __future__ import annotations

from dataclasses import dataclass

from selloff.attribution.chains import LinkEvidence, LinkResult
from selloff.report.numbers import MINUS, sigma_text


@dataclass(frozen=True)
class Verb:
    """A way to move. `said`: as link names have it; `plain`: after *to*; `up`: 1 if it gains, −1 if it loses."""

    said: str
    plain: str
    up: int


PAIRS = (
    (Verb("rises above", "rise above", 1), Verb("falls below", "fall below", -1)),
    (Verb("fall behind", "fall behind", -1), Verb("run ahead of", "run ahead of", 1)),
    (Verb("beats", "beat", 1), Verb("trails", "trail", -1)),
    (Verb("are sold", "be sold", -1), Verb("are bought", "be bought", 1)),
    (Verb("rises", "rise", 1), Verb("falls", "fall", -1)),
    (Verb("rise", "rise", 1), Verb("fall", "fall", -1)),
    (Verb("widen", "widen", 1), Verb("narrow", "narrow", -1)),
    (Verb("gain", "gain", 1), Verb("lose", "lose", -1)),
)
"""Verbs of links and their opposites; of two that fit the first is meant."""


@dataclass(frozen=True)
class Claim:
    """A link's name taken apart. `subject` moves as `verb` says; `rest` follows it."""

    subject: str
    verb: Verb
    opposite: Verb
    rest: str

    def turned(self) -> Claim:
        """What it claims in a relief."""
        return Claim(self.subject, self.opposite, self.verb, self.rest)

    def text(self) -> str:
        """`semiconductors fall`."""
        return _with_rest(f"{self.subject} {self.verb.said}", self.rest)

    def plain(self) -> str:
        """`fall`, `beat cap weight`: what it was predicted to do."""
        return _with_rest(self.verb.plain, self.rest)


def _with_rest(text: str, rest: str) -> str:
    return f"{text} {rest}" if rest else text.removesuffix(" of")


def claim(name: str) -> Claim | None:
    """A link's name as subject and verb; None if it holds no verb that is known here."""
    for pair in PAIRS:
        for verb, opposite in (pair, pair[::-1]):
            subject, found, rest = f"{name} ".partition(f" {verb.said} ")
            if found:
                return Claim(subject, verb, opposite, rest.strip())
    return None


def link_name(name: str, *, turned: bool) -> str:
    """What a link claims; the opposite where its cause is `turned` round by a relief."""
    if not turned:
        return name
    found = claim(name)
    return f"{name}, turned round" if found is None else found.turned().text()


def names_other_side(name: str, sign: str) -> bool:
    """Whether a link that predicts `sign` of its series names what moves the other way, as the yen does."""
    found = claim(name)
    return found is not None and found.verb.up != (1 if sign == "+" else -1)


def result_name(result: LinkResult) -> str:
    """What a tested link claims in this window."""
    return link_name(result.link.name, turned=result.sign != result.link.sign)


def beyond_words(item: LinkEvidence) -> str:
    """`semiconductors +0.5 σ (predicted to fall)`: a link's residual, signed as its subject moves.

    A link may name the other side of its series: the yuan falls when the dollar rises in yuan.
    """
    turned = item.sign != item.link.sign
    found = claim(item.link.name)
    if found is None:
        sign = {"-": MINUS, "+": "+"}[item.sign]
        return f"{link_name(item.link.name, turned=turned)}: {sigma_text(item.sigmas)} (predicted {sign})"
    side = -1 if names_other_side(item.link.name, item.link.sign) else 1
    said = found.turned() if turned else found
    return f"{found.subject} {sigma_text(side * item.sigmas)} (predicted to {said.plain()})"
