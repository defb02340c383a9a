"""Methods and limitations for a paper, of what a run did and nothing else: every number is a cell of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from analysis.compare.coded_scores import CORRECTED
from analysis.compare.groups import LANGUAGE_NAMES, UNKNOWN
from analysis.compare.permutation import LEAST_GROUPS
from analysis.measure.options import READS
from analysis.show.concordance import escaped
from analysis.study.cells import Cells, join
from analysis.study.limitations import limits
from analysis.study.methods_codes import robustness
from analysis.study.paper_tables import own_tables
from analysis.study.references import with_names
from analysis.study.study import Study

#: What an instrument is, with what to cite.
_WHAT = {
    "vader": "VADER, in NLTK's engine [@hutto2014], for English",
    "labmt": "labMT [@dodds2011; @dodds2015], the mean rating of the words, by native speakers in both languages",
    "nrcvad": "the valence of NRC-VAD [@mohammad2018], its Chinese side by translation",
    "zh_rules": "rules of our own over labMT's Chinese words (negation, degree, rhetorical questions, platform emoji)",
    "emoji": "the Emoji Sentiment Ranking [@kraljnovak2015], made of European tweets, as a channel of its own",
}
_LIKES = (
    "Likes are so uneven that intervals of likes-weighted shares are too short: in simulations they covered .91 where "
    ".95 was promised."
)
_LAUGHTER = {
    "apart": "Laughter (data/laughter.csv) was left out of the tone and counted beside it.",
    "score": "Laughter was scored with the words.",
}
_HASHTAGS = {
    "read": "The words of hashtags were read by instruments and codebook.",
    "skip": "The words of hashtags were not read.",
}
_SOON = "q < 0.05"


class Section(NamedTuple):
    """A heading and its sentences, which name their numbers between braces."""

    heading: str
    sentences: list[str]


class Paragraphs(str):
    """Sections as plain text; a notebook shows them as HTML, in which no name of the corpus's works."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        blocks = [block.partition("\n") for block in self.split("\n\n")]
        text = "".join(f"<p><b>{escaped(head)}.</b> {escaped(rest)}</p>" for head, _, rest in blocks)
        return f'<div class="tex2jax_ignore mathjax_ignore">{text}</div>'


def paragraphs(study: Study, tables: Mapping[str, pd.DataFrame]) -> Paragraphs:
    """Write methods and limitations of what a notebook has made so far, its tables by the names of their files."""
    cells = Cells({**own_tables(study), **tables})
    sections = [*methods(cells, study), limitations(cells, study)]
    texts = [f"{name}\n{cells.fill(with_names(' '.join(told)))}" for name, told in sections]
    return Paragraphs("\n\n".join(texts))


# Methods --------------------------------------------------------------------------------------------------------------


def methods(cells: Cells, study: Study) -> Iterator[Section]:
    """Yield the sections of the methods that the tables carry."""
    yield Section("Corpus", list(_corpus(cells)))
    if _made(cells, _TONED):
        yield Section("Tone", list(_tone(cells, study)))
    if cells.has("03-keyness"):
        yield Section("Vocabulary", list(_vocabulary(cells)))
    if cells.has("04-prevalence"):
        yield Section("Concepts", list(_concepts(cells)))
    if _made(cells, (*_TONED, "03-")):
        yield Section("Comparison", list(_comparison(cells)))
    if cells.has("02-across"):
        yield Section("Across languages", list(_across(cells)))
    if cells.has("05-agreement") or cells.has("05-choices"):
        yield Section("Robustness", list(robustness(cells)))
    if cells.has("06-claims"):
        yield Section("Claims", list(_claims(cells)))
    yield Section("Software", [_software(cells)])


#: The notebooks that measure tone, overall, around a concept or for a claim.
_TONED = ("02-", "04-", "06-")


def _made(cells: Cells, notebooks: tuple[str, ...]) -> bool:
    return any(name.startswith(notebooks) for name in cells.tables)


def _corpus(cells: Cells) -> Iterator[str]:
    rows = cells("imported", "exclusions", "value", "utterances", "index == 0", "utterance")
    collections = cells("collections", "collections", "different", "collection", form="collection")
    read = cells("read", "files", "sum", "read", form="row")
    rejected, copies = (cells(name, "files", "sum", name) for name in ("rejected", "duplicates"))
    names = cells("names", "collections", "names", "collection")
    yield f"The corpus holds {rows} in {collections} ({names})."
    if cells.has("sampled"):
        yield from _sampled(cells)
    yield f"Its files held {read} ({rejected} rejected, {copies} in it before)."
    steps = cells.tables["exclusions"]
    out = []
    for at in steps.index[1:]:
        here = f"index == {at}"
        number = cells(f"left_out_{at}", "exclusions", "value", "left_out", here)
        why = cells(f"why_{at}", "exclusions", "value", "why", here)
        out += [f"{number} ({why})"] if steps["left_out"][at] else []
    left = cells("compared", "exclusions", "value", "utterances", f"index == {steps.index[-1]}")
    if out:
        yield f"Left out of the comparison of tone and words: {join(out)}; compared: {left}."
    told = []
    for at in cells.tables["groups"].index:

        def cell(column: str, form: str = "", at: int = at) -> str:
            return cells(f"{column}_{at}", "groups", "value", column, f"index == {at}", form)

        first, last = (cells.tables["groups"][name][at] for name in ("first", "last"))
        dates = f", {cell('first')}" if first else ", undated"
        dates += f" to {cell('last')}" if first != last else ""
        unknown = cells.tables["groups"]["platforms"][at] == UNKNOWN
        told.append(
            f"{cell('group')} in {cell('language')}, {cell('utterances', 'utterance')} in "
            f"{cell('clusters', 'cluster')}, effectively {cell('effective_clusters')} "
            f"({'platform ' if unknown else ''}{cell('platforms')}{dates})"
        )
    if not told:
        yield "None of it is in somebody's own words in a language that is read."
        return
    yield f"In their own words are heard: {'; '.join(told)}."
    if cells.tables["groups"]["constructed"].sum():
        yield f"Constructed data, which nobody said: {cells('constructed', 'groups', 'sum', 'constructed')} of them."
    alone = ", one of which neither is known in a cluster of its own" if "alone" in cells.tables["groups"] else ""
    yield (
        f"Utterances are nested in clusters, a commenter's in the thread, a vlogger's in the account{alone}; the "
        "effective number of clusters is how many of one size they are worth [@kish1965]."
    )


def _sampled(cells: Cells) -> Iterator[str]:
    names = ("utterances", "of_utterances", "clusters", "of_clusters", "rate", "seed")
    told = {name: cells(f"sampled_{name}", "sampled", "value", name) for name in names}
    yield (
        f"It is a random sample of whole clusters of a larger corpus, each drawn with the probability {told['rate']} "
        f"whatever its size (seed {told['seed']}): {told['clusters']} of {told['of_clusters']} clusters, "
        f"{told['utterances']} of {told['of_utterances']} utterances; intervals are as wide as for so few clusters."
    )
    if cells.tables["sampled"]["whole"].any():
        yield f"Kept whole, at a rate of their own, are {cells('sampled_whole', 'sampled', 'value', 'whole')}."
    if (cells.tables["sampled"]["rows"] != cells.tables["sampled"]["utterances"]).any():
        now = f"it has {cells('sampled_rows', 'sampled', 'value', 'rows')} utterances now"
        yield f"Rows came in or went since it was drawn: {now} and is not that sample any more."


def _tone(cells: Cells, study: Study) -> Iterator[str]:
    options = study.parameters
    languages = {group.language for group in study.groups}
    used = [
        _WHAT.get(name)
        or f"{cells(f'instrument_{at}', 'instruments', 'value', 'name', f'index == {at}')}, which we supplied"
        for at, name in enumerate(study.scales)
        if name == "emoji" or name not in READS or languages & set(READS[name])
    ]
    if not used:
        spoken = join([LANGUAGE_NAMES[each] for each in sorted(languages)])
        yield f"Tone was not measured: no instrument that was asked for reads {spoken}."
        return
    yield f"Tone of words was measured by {'; '.join(used)}."
    # VADER, the rules and the emoji have no lens.
    rated = [called for name, called in (("labmt", "labMT"), ("nrcvad", "NRC-VAD")) if name in study.scales]
    if rated:
        lens = _parameter(cells, "lens")
        yield f"By {join(rated)}, words rated within {lens} points (of labMT's nine) of the middle do not count."
    yield (
        "Words listed with reasons in data/masks.csv (names, titles, topic words, function words) were not scored."
        if options.masked
        else "No word was left unscored for being a topic word (data/masks.csv)."
    )
    yield _LAUGHTER[options.laughter]
    yield _HASHTAGS[options.hashtags]
    yield "An utterance without a scored word has no score; it is not neutral."
    if cells.has("02-coverage"):
        read = "instrument != 'emoji' and n_a > 0"
        low, high = (cells(f"coverage_{how}", "02-coverage", how, "estimate", read, ".0%") for how in ("min", "max"))
        yield f"By instrument and group {low} to {high} of the utterances have a score."
    yield (
        "Negative, neutral and positive are the lower, middle and upper third of what an instrument says of texts of "
        "ordinary words [@speer2022]."
    )
    weighting = _parameter(cells, "weighting")
    beside = "; means under the other weightings stand beside them in the tables" if cells.has("02-contrasts") else ""
    yield f"Means are weighted by {weighting}{beside}."
    if options.weighting == "likes":
        yield _likes_known(cells)
        yield _LIKES
    if cells.has("02-shift"):
        yield "Which words make a difference of means is shown by word shifts [@gallagher2021]."


def _likes_known(cells: Cells) -> str:
    told = []
    for at in cells.tables["groups"].index:
        group, language, known, of = (
            cells(f"{name}_{at}", "groups", "value", name, f"index == {at}")
            for name in ("group", "language", "likes_known", "utterances")
        )
        told.append(f"{known} of {of} utterances of {group} in {language}")
    return f"Likes are known of {join(told)}; the others are left out of what likes weigh."


def _parameter(cells: Cells, name: str, form: str = "") -> str:
    return cells(f"parameter_{name}", "parameters", "value", "value", f"name == '{name}'", form)


def _vocabulary(cells: Cells) -> Iterator[str]:
    terms, found = cells("terms", "03-keyness", "count"), cells("key_words", "03-keyness", "count", "", _SOON)
    yield (
        "Vocabulary was compared within a language only, over all words that a pair of groups holds at least "
        f"{_parameter(cells, 'min_count', 'time')} (in all pairs together {terms}, of them with q < .05: {found})."
    )
    yield (
        "The effect is the log ratio of relative frequencies, half an occurrence added [@hardie2014]; log-odds with an "
        f"informative Dirichlet prior [@monroe2008] of {_parameter(cells, 'prior_share')} of the smaller side stand "
        "beside it."
    )
    if cells.has("03-collocations"):
        yield (
            f"Collocates of {cells('nodes', '03-collocations', 'names', 'node')} are words within "
            f"{_parameter(cells, 'window')} of them, by logDice [@rychly2008], whose differences between groups were "
            "tested as those of words."
        )


def _concepts(cells: Cells) -> Iterator[str]:
    concepts = cells("concepts", "data/concepts", "count")
    yield f"A bilingual codebook (data/concepts.csv) finds mentions of {concepts} concepts, whether affirmed or denied."
    second = "kind == 'recall' and concept == 'all concepts' and corpus.str.contains('second draw')"
    found = []
    for language in ("en", "zh"):
        here = f"language == '{language}' and {second}"
        right, n = (
            cells(f"recall_{name}_{language}", "data/concept_checks", "sum", name, here, ",.0f")
            for name in ("right", "n")
        )
        found.append(f"{right} of {n} in {LANGUAGE_NAMES[language]}")
    yield (
        f"On other talk of North Korea it found about half of the mentions that a reader found ({join(found)}; one "
        "reader, a language model), so that a prevalence is no share of those who speak of a concept."
    )
    first = cells.tables["04-prevalence"]["measure"].iloc[0]
    read = cells("concept_utterances", "04-prevalence", "sum", "n_a", f"measure == {first!r}", "utterance")
    yield f"It was held against {read}: those in English or Chinese, paraphrases and reference collections among them."
    if cells.has("04-contrasts"):
        n = cells("concept_contrasts", "04-contrasts", "count")
        q = cells("concept_found", "04-contrasts", "count", "", _SOON)
        yield f"Contrasts of prevalence: {n}, of them with q < .05: {q}."


#: The tables in which groups are compared.
_COMPARED = ("02-contrasts", "02-across", "03-keyness", "04-contrasts")


def _rule(cells: Cells, name: str) -> str:
    return cells(f"rule_{name}", "rules", "value", name, form=".6g")


def _comparison(cells: Cells) -> Iterator[str]:
    if _made(cells, _TONED):
        yield (
            "Intervals are 95 % intervals: of means by leaving out one cluster at a time, with t on Satterthwaite's "
            "degrees of freedom [@satterthwaite1946]; of shares Jeffreys intervals on effective counts [@brown2001], "
            "joined by MOVER [@zou2008] for their differences."
        )
    few = f"With fewer than {_rule(cells, 'few_for_interval')} effective clusters on a side no interval is given"
    if not any(cells.has(name) for name in _COMPARED):
        # Of a notebook that was not run nobody knows what it could have compared.
        nobody = any(name in cells.tables for name in _COMPARED)
        yield f"{few}. No two groups could be compared." if nobody else f"{few}."
        return
    # What masking changes in one group is told from its interval.
    tables = [table for name, table in cells.tables.items() if "p" in table and name != "02-masking"]
    tested = any(table["p"].notna().any() for table in tables)
    if tested:
        yield from _tests(cells)
    if cells.has("02-contrasts"):
        yield "Beside means stands Cliff's delta [@cliff1993]."
    nothing = "" if tested else ", which nothing here has"
    yield f"{few}, with fewer than {_rule(cells, 'few_for_p')} no p{nothing}."
    if _made(cells, _TONED):
        yield (
            f"The smallest effects of interest, stated beforehand, were {_rule(cells, 'sd')} standard deviations, a "
            f"delta of {_rule(cells, 'delta')} and {_rule(cells, 'points')} points, or a ratio of "
            f"{_rule(cells, 'ratio')} where both shares were under {_rule(cells, 'rare')} %."
        )
    if cells.has("02-contrasts"):
        n, p, q = (
            cells(f"tone_contrasts_{name}", "02-contrasts", "count", "", rows)
            for name, rows in (("all", ""), ("p", "p == p"), ("q", _SOON))
        )
        yield f"Contrasts of tone within a language: {n}, of them with a p: {p}, with q < .05: {q}."


def _tests(cells: Cells) -> Iterator[str]:
    across = ", across languages from the interval" if cells.has("02-across") else ""
    yield (
        f"p comes from {_parameter(cells, 'draws')} or more permutations of clusters (of sides within shared ones)"
        f"{across}; where p and interval disagreed about 0, the more cautious was kept."
    )
    groups = cells.tables["groups"]
    if groups.loc[groups["clusters"] >= 2 * LEAST_GROUPS, "language"].duplicated().any():
        yield (
            f"Of sides with {_rule(cells, 'clusters_grouped')} clusters or more each, random groups of as many were "
            "permuted [@wolter2007]."
        )
    yield "q is Benjamini and Hochberg's over each table [@benjamini1995]."


def _across(cells: Cells) -> Iterator[str]:
    yield (
        "Scores of two languages were never subtracted: each side was measured from a baseline of its own language, "
        "or labMT's Chinese words were put on its English scale through translated words; beside each result stands "
        "what the same comparison leaves between translations of the same lines [@lind2025]."
    )
    n = cells("views", "02-across", "count")
    given = cells("views_interval", "02-across", "count", "", "ci_low == ci_low")
    beyond = cells("views_exceed", "02-across", "count", "", "exceeds == 'yes'")
    yield f"Such views: {n}, of them with an interval: {given}, beyond the gap between translations: {beyond}."


def _claims(cells: Cells) -> Iterator[str]:
    claims = cells("claims", "06-claims", "count", "", "row == 'claim'")
    verdicts = cells.tables["06-claims"].query("row == 'claim'")["verdict"].unique()
    counted = [
        f"{cells(f'claims_{name}', '06-claims', 'count', '', query)} {name}"
        for name in sorted(verdicts)
        if (query := f"row == 'claim' and verdict == '{name}'")
    ]
    yield (
        f"{claims} claims with their direction and smallest effect were stated beforehand (data/claims.csv) and judged "
        f"by a fixed rule, p adjusted after Holm [@holm1979]: {join(counted)}."
    )
    if (cells.tables["06-claims"]["row"] != "claim").any():
        yield "Each was held against other defensible analyses, too [@simonsohn2020]."
        by_codes = f"row != 'claim' and instrument == '{CORRECTED}'"
        if len(cells.tables["06-claims"].query(by_codes)):
            about = cells("claims_by_codes", "06-claims", "different", "id", by_codes, "claim")
            given = cells("claims_corrected", "06-claims", "different", "id", f"{by_codes} and ci_low == ci_low", ",")
            yield (
                f"For {about} these hold what human codes correct beside what is automated [@egami2023], with an "
                f"interval for {given}; the headlines are uncorrected."
            )


def _software(cells: Cells) -> str:
    told = [
        f"{name} {cells(f'version_{name}', 'software', 'value', 'version', f'name == {name!r}')}"
        for name in cells.tables["software"]["name"]
        if name != "corpus"
    ]
    corpus = cells("content", "software", "value", "version", "name == 'corpus'")
    return f"All was computed with {join(told)}; the content of the corpus has the hash {corpus}."


# Limitations ----------------------------------------------------------------------------------------------------------


def limitations(cells: Cells, study: Study) -> Section:
    """Return what the run cannot show."""
    return Section("Limitations", list(limits(cells, study)))
