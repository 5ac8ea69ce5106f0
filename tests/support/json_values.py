"""Any JSON document, for property tests of what reads bodies."""

from hypothesis import strategies as st

from traces.model import Json


def json_values(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Json]:
    """Documents with these keys, whose texts are often one of them, too: so they come near to real ones."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | keys
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5), max_leaves=30
    )
