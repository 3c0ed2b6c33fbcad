"""Many lines for a terminal are escaped as each of them is alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orgdiag.media.terminal import Line, Screen, Styled

PIECES = st.text(st.sampled_from("ab \n\t\x1b\x7f\x85\u202e\ud800\ufeffü支:#[]"), max_size=6)
LINES = st.lists(
    st.one_of(
        PIECES,
        st.lists(st.one_of(PIECES, st.builds(Styled, st.just("bold"), PIECES)), max_size=3).map(
            tuple
        ),
    ),
    max_size=4,
)


@given(LINES)
def test_lines_are_escaped_together_as_each_alone(lines: list[Line]) -> None:
    alone = [f"{Screen.written(''.join(line))}\n" for line in lines]
    assert Screen.of(lines) == "".join(alone)


@given(LINES)
def test_a_plain_screen_holds_as_many_lines_and_nothing_that_is_escaped(lines: list[Line]) -> None:
    shown = Screen.of(lines)
    assert shown.count("\n") == len(lines)
    assert shown.replace("\n", "").isprintable()
