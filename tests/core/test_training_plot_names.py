"""Names of plots: fit for a file, and each report's own."""

import pytest

from core.training.plot_names import check_apart, report_plot


def test_a_plain_name_is_its_own():
    assert report_plot("adults against the rest") == "adults-against-the-rest"


@pytest.mark.parametrize(("one", "other"), [
    ("adults >=65", "adults <65"), ("source A+", "source A-"), ("a-b", "a b"), ("Adults", "adults"), ("+", "-")])
def test_no_two_reports_share_a_plot(one, other):
    names = {report_plot(one).lower(), report_plot(other).lower()}
    assert len(names) == 2 and all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for name in names)


@pytest.mark.parametrize(("names", "reason"), [
    (["adults", "adults failures"], "'adults failures' would be called 'adults-failures' like one of the report"),
    (["adults parts", "adults"], "'adults' would be called 'adults-parts' like one of the report 'adults parts'"),
    (["shortcuts"], "'shortcuts' would be called 'shortcuts' like that of the shortcuts"),
])
def test_a_plot_that_would_be_called_like_another_is_an_error(names, reason):
    with pytest.raises(ValueError, match=reason):
        check_apart(names)
    check_apart(["adults", "children", "Shortcuts"])
