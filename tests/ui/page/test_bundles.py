"""The bundles are complete, and can be put into a page."""

import base64
import zlib

import pytest

from ui.page import bundles
from ui.page.bundles import Bundle

SCRIPTS = sorted(bundles.STATIC.glob("*.js"))


def test_no_bundle_is_missing_or_left_over() -> None:
    assert {file.name for file in SCRIPTS} == {bundle.value for bundle in Bundle} | {bundles.LIBRARY}


@pytest.mark.parametrize("bundle", Bundle)
def test_only_a_page_with_charts_holds_the_chart_library(bundle: Bundle) -> None:
    assert (bundle.library is None) == (bundle in (Bundle.LIST, Bundle.DIFF, Bundle.EXAM))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_a_bundle_can_be_put_into_a_script_element(script: object) -> None:
    text = bundles.read(getattr(script, "name", "")).lower()

    assert "</script" not in text
    assert "<!--" not in text
    assert "\r" not in text  # a browser reads it as a newline, which changes the hash


def test_a_compressed_script_is_the_same_again() -> None:
    packed = bundles.compress("draw('é', '\N{BEETLE}');" * 99)

    assert zlib.decompress(base64.b64decode(packed)).decode() == "draw('é', '\N{BEETLE}');" * 99
    assert len(packed) < 200


@pytest.mark.parametrize(
    ("script", "packages"),
    [(bundles.LIBRARY, ("echarts", "zrender", "tslib")), ("session.js", ("diff", "fflate")), ("trace.js", ("fflate",))],
)
def test_a_bundle_begins_with_the_licences_of_the_packages_in_it(script: str, packages: tuple[str, ...]) -> None:
    head = bundles.read(script).partition("*/")[0]
    whole = bundles.read("LICENSES.txt")

    for package in packages:
        assert f"\n{package} " in head
        assert f"{package} " in whole
    assert "Copyright" in head
