"""Paragraphs for a paper, written from the run's own numbers."""

from __future__ import annotations

from importlib.metadata import version

import pandas as pd

from analysis.compare.clusters import FEW_FOR_INTERVAL, FEW_FOR_P, effective_clusters
from analysis.compare.groups import LANGUAGE_NAMES, STRAY, Group
from analysis.compare.shares import OF_INTEREST_RATIO
from analysis.compare.statistics import OF_INTEREST
from analysis.show.concordance import escaped
from analysis.show.style import effective_size
from analysis.study.study import Study

_NOMINAL = 0.05
_WHAT = {
    "vader": "VADER (NLTK {nltk}'s engine, Hutto & Gilbert 2014; English)",
    "labmt": "labMT (Dodds et al. 2011, 2015; native ratings in English and Chinese)",
    "nrcvad": "NRC-VAD valence (Mohammad 2018; Chinese by translation)",
    "zh_rules": "the project's Chinese rules over labMT-zh (negation, degree, rhetorical questions, platform emoji)",
    "emoji": "the Emoji Sentiment Ranking (Kralj Novak et al. 2015; European tweets), as a channel of its own",
}


_LIKES = (
    "Likes are so uneven that intervals of likes-weighted shares are too short: they covered .91 of planted ones where "
    ".95 is promised."
)


_LAUGHTER = {
    "apart": "Laughter (data/laughter.csv) was left out of the tone and counted beside it.",
    "score": "Laughter was scored with the words.",
}


class Paragraphs(str):
    """A paragraph whose first words, between two pairs of stars, are bold.

    A notebook shows it as HTML, not as Markdown: names of collections come from files, and of all that Markdown and
    its mathematics read nothing is to work in them.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        head, _, rest = self.removeprefix("**").partition("**") if self.startswith("**") else ("", "", self)
        bold = f"<b>{escaped(head)}</b>" if head else ""
        return f'<p class="tex2jax_ignore mathjax_ignore">{bold} {escaped(rest)}</p>'


def methods(study: Study, differences: pd.DataFrame, across: pd.DataFrame) -> Paragraphs:
    """Write the methods paragraph of the run.

    Parameters
    ----------
    study : Study
    differences : pandas.DataFrame
        Of `analysis.compare.tone.tone_differences`.
    across : pandas.DataFrame
        Of `analysis.compare.tone.tone_across_languages`.

    """
    options = study.parameters
    used = [_WHAT.get(name, f"{name} (supplied by the user)").format(nltk=version("nltk")) for name in study.scales]
    masked = "Words listed with reasons in data/masks.csv (names, titles, topic, function, negation) were not scored."
    sentences = [
        f"**Methods.** The corpus holds {_corpus(study)}.{_constructed(study)}",
        "Utterances are nested in clusters: a commenter's in the thread, a vlogger's in the account.",
        f"Tone was measured by {_join(used)}.",
        f"Words rated within {options.lens:g} of the middle of labMT's English scale (elsewhere alike) do not count.",
        masked if options.masked else "No word was masked.",
        _LAUGHTER[options.laughter],
        "An utterance without a scored unit has no score; it is not neutral.",
        (
            "Negative, neutral and positive are the lower, middle and upper third of an instrument's scores of texts "
            "of ordinary words (wordfreq)."
        ),
        f"Means are {options.weighting}-weighted; means under the other weightings stand beside them.",
        _LIKES if options.weighting == "likes" else "",
        (
            "Intervals are 95 % cluster-jackknife intervals with t on Satterthwaite degrees of freedom from the "
            "effective number of clusters G*, of shares Jeffreys intervals on effective counts, joined by MOVER; p "
            f"comes from {options.draws:,} or more permutations of clusters (of sides within shared clusters), across "
            "languages from the interval; where p and interval disagreed about 0 the more cautious was kept; q from "
            "Benjamini-Hochberg over each table."
        ),
        f"With G* under {FEW_FOR_INTERVAL:g} on a side no interval, under {FEW_FOR_P:g} no p is given.",
        (
            f"The smallest effects of interest, stated before looking, were {OF_INTEREST['sd']:g} sd, a delta of "
            f"{OF_INTEREST['delta']:g} and {OF_INTEREST['points']:g} points, or a ratio of {OF_INTEREST_RATIO:g} where "
            "both shares were under 10 %."
        ),
        (
            "Raw scores of two languages were never subtracted: each side was centred on a reference of its own "
            "language, or labMT's Chinese words were put on its English scale through translated words; beside each "
            "result stands what the same comparison leaves on aligned text of one content."
        ),
        _counted(differences, across),
    ]
    return Paragraphs(" ".join(filter(None, sentences)))


def limitations(study: Study, coverage: pd.DataFrame, across: pd.DataFrame) -> Paragraphs:
    """Write the limitations paragraph of the run.

    Parameters
    ----------
    study : Study
    coverage : pandas.DataFrame
        Of `analysis.compare.tone.tone_coverage`.
    across : pandas.DataFrame
        Of `analysis.compare.tone.tone_across_languages`.

    """
    groups = study.groups
    sentences = [
        (
            "**Limitations.** All of this measures the tone of words, not stance: no text was coded by people, mockery "
            "scores as warmth, and no claim about what anybody thinks of North Korea follows."
        ),
        _confounded(study.own_words),
    ]
    sizes = {_name(group): group.rows["cluster_id"].value_counts().to_numpy() for group in groups}
    effective = {name: effective_clusters(counts) for name, counts in sizes.items()}
    few = [f"{name} ({value:.1f})" for name, value in effective.items() if value < FEW_FOR_P]
    if few:
        sentences.append(f"Too few effective clusters for a p: {_join(few)}.")
    words = coverage[(coverage["instrument"] != "emoji") & (coverage["n_a"] > 0)]
    if len(words):
        low = words.loc[words["estimate"].idxmin()]
        language = LANGUAGE_NAMES[low["language"]]
        sentences.append(
            f"Coverage differs; it is lowest for {low['instrument']} on {low['label']} in {language} "
            f"({100 * low['estimate']:.0f} %), and what is not scored may differ from what is."
        )
    left = len(study.own_words) - sum(len(group.rows) for group in groups)
    if left:
        sentences.append(
            f"{left:,} utterances are not compared: they are in no language or in one that makes up under "
            f"{100 * STRAY:.0f} % of their group."
        )
    return Paragraphs(" ".join([*sentences, _across(across)]))


def _name(group: Group) -> str:
    return f"{group.label} in {LANGUAGE_NAMES[group.language]}"


def _corpus(study: Study) -> str:
    out = []
    for group in study.groups:
        sizes = group.rows["cluster_id"].value_counts()
        effective = effective_clusters(sizes.to_numpy())
        out.append(f"{len(group.rows):,} utterances of {_name(group)} in {effective_size(len(sizes), effective)}")
    return _join(out)


def _constructed(study: Study) -> str:
    rows = study.own_words
    count = int((rows["evidence"] == "constructed").sum())
    return f" Of these {len(rows):,} utterances {count:,} are constructed data: nobody said them." if count else ""


def _counted(table: pd.DataFrame, across: pd.DataFrame) -> str:
    found = (table["q"] < _NOMINAL).sum()
    return (
        f"Of {len(table):,} contrasts within a language {table['ci_low'].notna().sum():,} have an interval, "
        f"{table['p'].notna().sum():,} a p, and {found:,} have q < .05; of {len(across):,} views "
        f"across languages {across['ci_low'].notna().sum():,} have an interval."
    )


def _confounded(rows: pd.DataFrame) -> str:
    """Say which of platform, language and collection a group coincides with."""
    out = []
    for name in ("platform", "language", "collection"):
        spread, shared = rows.groupby("group")[name].nunique(), rows.groupby(name)["group"].nunique()
        if (spread == 1).all() and (shared == 1).all() and len(spread) > 1:
            out.append(name)
    if out:
        return f"Group and {_join(out)} coincide entirely: no difference can be put down to one of them."
    return "Group, language, platform and period overlap only in part (see the grid): a difference may be due to any."


def _across(table: pd.DataFrame) -> str:
    if table.empty:
        return "No comparison across languages was possible."
    given, beyond = table["ci_low"].notna().sum(), (table["exceeds"] == "yes").sum()
    signs = table["estimate"].gt(0).mean()
    return (
        f"Across languages, {given} of {len(table)} lawful views have an interval and {beyond} exceed what the same "
        f"comparison leaves on aligned text; {100 * max(signs, 1 - signs):.0f} % agree in sign, but they share their "
        "utterances, so that their agreement alone proves nothing."
    )


def _join(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else "nothing"
