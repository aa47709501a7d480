"""Names are parsed once, and what is wrong with one is said in words."""

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.names import check_name


@pytest.mark.parametrize("name", ["ab", "my-training", "torch_2.8", "0x", "a" * 63])
def test_a_name_within_the_rule_is_returned_unchanged(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "a name is needed"),
        ("a", "too short"),
        ("a" * 64, "63 at most"),
        ("My-Env", "'my-env' would do"),
        ("-ab", "begin and end"),
        ("ab-", "begin and end"),
        (".ab", "begin and end"),
        ("a b", "' '"),
        ("../etc", "'/'"),
        ("ab\n", r"'\n'"),
        ("größe", "'ö'"),
    ],
)
def test_a_name_outside_the_rule_is_refused_with_the_reason(name: str, words: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        check_name(name)
    assert caught.value.code == "bad-name"
    assert caught.value.errors[0].field == "name"
    assert words in caught.value.detail
