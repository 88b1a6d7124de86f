"""The judge that learns: held-out figures, when there is none, that it agrees with scikit-learn, and that text keeps it."""

import csv
import json
import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from cx_metrics.judges.company_model import (
    Model,
    better,
    from_text,
    held_out_auc,
    is_held_out,
    judged,
    mood,
    to_text,
    train,
)
from cx_metrics.judges.features import auc, features

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"
GOOD = ["hyvä", "nopea", "ystävällinen", "erinomainen", "kiitos"]
BAD = ["huono", "hidas", "töykeä", "rikki", "pettymys"]
EITHER = ["palvelu", "tilaus", "kauppa", "tuote", "toimitus", "sohva", "lasku", "viikko"]
Comments = tuple[list[str], list[bool], list[str]]


def comments(count: int, language: str = "fi", noise: float = 0.1, seed: int = 1) -> Comments:
    """Made-up comments: two words of the comment's kind (or of the other, by noise) among words of either kind."""
    dice = random.Random(seed)
    good = [dice.random() < 0.6 for _ in range(count)]
    texts = [
        " ".join([*dice.sample(EITHER, 3), *dice.sample(GOOD if is_good != (dice.random() < noise) else BAD, 2)])
        for is_good in good
    ]
    return texts, good, [language] * count


@pytest.fixture(scope="module")
def given() -> Comments:
    return comments(1000)


@pytest.fixture(scope="module")
def model(given: Comments) -> Model:
    trained = train(*given)
    assert trained is not None
    return trained


def test_features_are_words_and_pairs_without_accents() -> None:
    assert features("Ótimo produto!! 😀") == ["otimo", "produto", "!!", "😀", "otimo produto", "produto !!", "!! 😀"]
    assert features("@shop https://example.com <link> ja 12") == ["ja"]
    assert features("很好") == ["很", "好", "很 好"]
    assert features("") == []


def test_auc_by_hand_and_by_scikit_learn() -> None:
    value, low, high = auc([True, True, False, False], [3.0, 1.0, 2.0, 1.0])  # type: ignore[misc]
    assert value == pytest.approx((1 + 1 + 0 + 0.5) / 4)
    # DeLong by hand: shares of bad ones below each good one 1, 0.25; of good ones above each bad one 0.5, 0.75
    half = 1.959964 * math.sqrt(0.28125 / 2 + 0.03125 / 2)
    assert (low, high) == (pytest.approx(max(0.0, value - half)), 1.0)
    dice = np.random.default_rng(3)
    good, moods = dice.random(300) < 0.4, dice.normal(size=300).round(1)
    assert auc(good, moods)[0] == pytest.approx(roc_auc_score(good, moods))  # type: ignore[index, arg-type]
    assert auc([True], [1.0]) is None


def test_figures_are_those_of_comments_that_it_never_saw(given: Comments, model: Model) -> None:
    texts, good, languages = given
    held = [number for number, text in enumerate(texts) if is_held_out(text)]
    moods = mood(model, [texts[number] for number in held])
    truth = [good[number] for number in held]
    figure = model.held_out["fi"]
    assert (figure.good, figure.bad) == (sum(truth), len(held) - sum(truth))
    assert model.trained_on == {"fi": len(texts) - len(held)}
    assert figure.auc == pytest.approx(roc_auc_score(truth, moods), abs=1e-4)
    assert figure.macro_f1 == pytest.approx(f1_score(truth, [value > 0 for value in moods], average="macro"), abs=1e-4)
    assert figure.low < figure.auc < figure.high
    assert model.judged_languages == ("fi",)
    turned = [is_good != is_held_out(text) for text, is_good in zip(texts, good, strict=True)]
    assert train(texts, turned, languages).weights == model.weights  # type: ignore[union-attr]


def test_it_is_as_sure_as_it_may_be(given: Comments, model: Model) -> None:
    """One comment in ten reads like the other kind, so on average the mood is 0.9 - 0.1 from the middle."""
    unseen = [text for text in given[0] if is_held_out(text)]
    assert np.abs(mood(model, unseen)).mean() == pytest.approx(0.8, abs=0.1)
    upper, lower, unknown = mood(model, ["hyvä nopea palvelu", "huono hidas palvelu", "zzz"])
    assert lower < -0.6 < 0.6 < upper
    assert unknown == 0


def test_it_scores_as_scikit_learn_does(given: Comments, model: Model) -> None:
    from sklearn.feature_extraction.text import TfidfTransformer

    names = list(model.weights)
    counts = np.array([[features(text).count(name) for name in names] for text in given[0][:20]])
    transformer = TfidfTransformer(sublinear_tf=True)
    transformer.idf_ = np.array([idf for idf, _ in model.weights.values()])
    logits = (
        transformer.transform(counts).toarray() @ [weight for _, weight in model.weights.values()] + model.intercept
    )
    assert mood(model, given[0][:20]) == pytest.approx((2 / (1 + np.exp(-logits)) - 1).tolist())


def test_words_that_it_never_met_take_from_its_sureness(model: Model) -> None:
    sure, share = judged(model, "hyvä nopea palvelu")
    less, smaller = judged(model, "hyvä nopea palvelu " + "zzz yyy xxx " * 3)
    assert 0.2 * sure < less < sure and share > 0.99 and 0.1 < smaller < 0.6
    assert judged(model, "zzz") == (0.0, 0.0)


def test_comments_that_read_alike_are_held_out_together() -> None:
    assert all(is_held_out(text) == is_held_out(f"  {text.upper()}.") for text in comments(50)[0])


@pytest.mark.parametrize("few", [comments(150), comments(0), (["hyvä palvelu"] * 400, [True] * 400, ["fi"] * 400)])
def test_too_few_comments_make_no_judge(few: Comments) -> None:
    assert train(*few) is None


def test_comments_that_do_not_tell_make_a_judge_that_judges_nothing() -> None:
    trained = train(*comments(800, noise=0.5))
    assert trained is not None
    assert trained.judged_languages == ()
    assert trained.held_out["fi"].low < 0.7


def test_each_language_stands_for_itself() -> None:
    more = comments(60, "et", seed=2)
    both = tuple([*first, *second] for first, second in zip(comments(800), more, strict=True))
    trained = train(*both)  # type: ignore[arg-type]
    assert trained is not None
    assert trained.judged_languages == ("fi",)
    assert trained.trained_on["et"] < 60


def test_english_stays_with_the_lexicon_where_that_is_better() -> None:
    dice = random.Random(5)
    good = [dice.random() < 0.5 for _ in range(600)]
    kinds = {True: ["awesome", "great", "excellent"], False: ["terrible", "awful", "useless"]}
    texts = [f"{dice.choice(EITHER)} {dice.choice(kinds[is_good])}" for is_good in good]
    trained = train(texts, good, ["en"] * 600)
    assert trained is not None
    assert trained.held_out["en"].fallback_auc == 1.0
    assert trained.judged_languages == ()  # 1.0 too: no better


def test_text_keeps_a_judge(model: Model) -> None:
    kept = to_text(model)
    assert from_text(kept) == model
    assert json.loads(kept)["judged_languages"] == ["fi"]
    assert len(kept.encode()) < 2_000_000
    for broken in ("", "{}", "[]", '{"format": 2}', kept.replace('"weights"', '"wights"')):
        with pytest.raises(ValueError, match="train it anew"):
            from_text(broken)


def test_only_a_better_judge_replaces_the_one_in_use(given: Comments, model: Model) -> None:
    texts, good, _ = given
    worse = replace(model, weights={name: (idf, -weight) for name, (idf, weight) in model.weights.items()})
    assert better(model, None, texts, good)
    assert better(model, worse, texts, good)
    assert not better(worse, model, texts, good)
    assert not better(model, model, texts, good)
    assert held_out_auc(lambda some: mood(model, some), texts, good) == pytest.approx(
        model.held_out["fi"].auc, abs=1e-4
    )


@pytest.mark.skipif(not REAL.is_dir(), reason=f"the public data sets are not in {REAL}")
def test_reviews_in_portuguese_are_told_apart() -> None:
    with (REAL / "olist" / "olist_order_reviews_dataset.csv").open(encoding="utf-8") as file:
        rows = [
            row for row in csv.DictReader(file) if row["review_comment_message"].strip() and row["review_score"] != "3"
        ]
    texts = [row["review_comment_message"] for row in rows]
    trained = train(texts, [row["review_score"] in "45" for row in rows], ["pt"] * len(rows))
    assert trained is not None
    assert trained.judged_languages == ("pt",)
    assert trained.held_out["pt"].low > 0.93
    assert trained.held_out["pt"].macro_f1 > 0.88
