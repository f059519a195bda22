"""The networks that the dialog shows first, and their pictures."""

from __future__ import annotations

from deepdream_plugin.networks import worth_having
from deepdream_plugin.texts import LOCALE_FOLDER, read_catalogue
from PIL import Image

from deepdream_core.models.catalogue import CATALOGUE
from deepdream_core.shared.recipe import PARAMETERS

_LETTERS = 52
"""As many fit into the list."""


def test_the_default_network_comes_first_and_all_of_them_exist() -> None:
    names = list(worth_having())
    assert names[0] == PARAMETERS["model"].default
    assert set(names) <= CATALOGUE.keys()
    assert len(names) < 10


def test_each_has_a_sentence_that_fits_in_english_and_german() -> None:
    german = read_catalogue(LOCALE_FOLDER / "de.po")
    for network in worth_having().values():
        for sentence in (network.sentence, german[network.sentence]):
            assert 0 < len(sentence) <= _LETTERS, sentence


def test_pictures_are_of_networks_from_pypi_and_differ() -> None:
    """The makers of the plug-in could get no others."""
    seen = []
    for network in worth_having().values():
        assert bool(network.picture) == (CATALOGUE[network.name].origin == "PyPI"), network.name
        if network.picture and network.box:
            left, top, width, height = network.box
            with Image.open(network.picture) as sheet:
                seen.append(sheet.crop((left, top, left + width, top + height)).tobytes())
                assert left + width <= sheet.width and top + height <= sheet.height
    assert len(set(seen)) == len(seen) == 3
