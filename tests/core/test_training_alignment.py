"""Groups' mean logits within a label: which pictures are alike, how far apart groups are, and that they meet."""

import numpy as np
import pytest
import torch

from core.training.alignment import KEPT, PRIOR, Alignment, Kinds, kinds_of
from core.training.config import Group, RowFilter
from core.training.labels import Label, LabelRow

CPU = torch.device("cpu")


def rows_of(*said):
    return [LabelRow(f"{number}.png", source, "train", f"p{number}", word,
                     Label.POSITIVE if word == "opacity" else Label.NEGATIVE)
            for number, (source, word) in enumerate(said)]


def groups(*sources, **changes):
    return [Group(name=source, rows=RowFilter(sources=(source,)), share=1.0, **changes) for source in sources]


def alignment(labels=(0, 0), kept=None):
    made = Alignment(Kinds(np.zeros(0, np.intp), np.array(labels, np.intp)), CPU)
    if kept is not None:
        made.go_on_from(torch.tensor(kept))
    return made


def test_pictures_of_one_word_and_group_are_of_one_kind():
    rows = rows_of(("a", "normal"), ("b", "normal"), ("a", "opacity"), ("a", "normal"), ("c", "normal"), ("d", "other"))
    found = kinds_of(rows, [*groups("a", "b"), *groups("c", aligns=False)])
    assert found.of_rows.tolist() == [0, 1, 2, 0, -1, -1]  # c is not aligned, d in no group
    assert found.labels[0] == found.labels[1] != found.labels[2]


def test_a_gap_is_to_the_mean_of_the_label_and_grows_with_the_pictures_seen():
    many = alignment(kept=[[300.0, 100.0], [100.0, 100.0]]).gaps()  # means 3 and 1 of a hundred each
    assert many.tolist() == pytest.approx([100 / (100 + PRIOR), -100 / (100 + PRIOR)])
    few = alignment(kept=[[3.0, 1.0], [1.0, 1.0]]).gaps()
    assert few.tolist() == pytest.approx([1 / (1 + PRIOR), -1 / (1 + PRIOR)])
    assert alignment(labels=(0, 1), kept=[[300.0, 100.0], [100.0, 100.0]]).gaps().abs().max() < 1e-9  # other labels
    assert alignment().gaps().tolist() == [0.0, 0.0]  # nothing seen yet


def test_each_picture_is_moved_against_the_gap_of_its_kind():
    made = alignment(kept=[[300.0, 100.0], [100.0, 100.0]])
    logits = torch.tensor([2.0, 2.0, 2.0, 2.0], requires_grad=True)
    made.loss(logits, torch.tensor([0, 1, -1, 0])).backward()
    gap = 100 / (100 + PRIOR)
    assert logits.grad.tolist() == pytest.approx([gap / 4, -gap / 4, 0.0, gap / 4])


def test_what_a_step_saw_counts_from_the_next_one_on():
    made = alignment(kept=[[300.0, 100.0], [100.0, 100.0]])
    before = made.gaps()
    made.loss(torch.tensor([7.0, 5.0]), torch.tensor([1, -1]))
    assert torch.equal(made.gaps(), before)
    made.next_step()
    assert made.state().tolist() == [pytest.approx([300 * KEPT, 100 * KEPT + 7]),
                                     pytest.approx([100 * KEPT, 100 * KEPT + 1])]


def test_two_groups_that_a_shortcut_tells_apart_end_with_one_mean():
    # the score is what is seen of the finding, and as much of the source as was learned: nothing else can be moved
    seen, source = torch.linspace(-1, 1, 64), torch.arange(64) % 2
    learned = torch.tensor(3.0, requires_grad=True)
    made = alignment()
    step = torch.optim.SGD([learned], 0.2)
    for _ in range(300):
        step.zero_grad()
        made.loss(seen + learned * source, source).backward()
        step.step()
        made.next_step()
    assert abs(learned.item()) < 0.1
