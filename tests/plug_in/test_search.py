"""The search finds something sensible for everyday words, in English and in German."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from deepdream_plugin.atlas import GROUPS, THINGS, choosables
from deepdream_plugin.search import Search, folded, forms
from deepdream_plugin.words import english, read_words

from deepdream_core.models.labels import find_class, labels

PLUG_IN = Path(__file__).resolve().parents[2] / "plug-ins" / "deepdream"
GERMAN = read_words(PLUG_IN / "words" / "de.txt")

ENGLISH_WORDS = """
horse=Horse skull=Skull flowers=Daisy|flower cats=cat forest=Woodland sky=cloud|Balloon ship=ship
boat=Gondola|Canoe train=train banana=Banana spiral=Spiral mandala=Rings|Mirror
psychedelic=Rainbow|Swirling web=web toaster=Toaster shoe=shoe piano=piano dogs=dog
birds=bird|Robin fish=Fish eyes=eye faces=face snake=snake spider=Spider butterflies=butterfly
wolves=wolf mice=Hamster lion=Lion tiger=Tiger bear=bear elephant=Elephant monkey=monkey cow=Ox
rabbit=rabbit frog=frog turtle=turtle shark=shark whale=whale owl=Owl eagle=eagle parrot=Parrot
swan=swan dragon=Dragon dinosaur=Dinosaur unicorn=Horse octopus=Octopus jellyfish=Jellyfish
crab=crab ant=Ant beetle=beetle tree=Tree leaves=leaves|Leaf rose=Rose garden=Garden|Park
mountain=Mountain river=Lakeside|river sea=sea beach=Lakeside|Sandbar fire=Fire
water=Fountain|water snow=Snow clouds=cloud stars=Star night=night castle=Castle church=Church
house=house city=City bridge=bridge tower=tower window=window door=door|Portal car=car
bicycle=bicycle|Tandem plane=plane|Carpenter clock=Clock guitar=guitar violin=Violin book=book
chair=chair lamp=lamp bottle=bottle glass=glass hat=hat dress=Gown|skirt mask=Mask crown=Throne
jewels=jewel gold=gold feathers=Feather fur=fur hair=Hair scales=scale wood=Wood stone=stone
crystal=Crystal lace=Lace apple=apple strawberry=Strawberry lemon=Lemon bread=bread|loaf
cake=Chocolate|Trifle coffee=Coffee mushroom=Mushroom robot=Robot pirate=Pirate
knight=Shield|plate teddy=Teddy
"""
GERMAN_WORDS = """
Pferd=Pferd Schädel=Schädel Blumen=Blume|Gänseblümchen Katzen=Katze Wald=Wald Himmel=Ballon|Wolke
Schiff=schiff Boot=boot|Gondel Zug=zug|Elektrolok Banane=Banane Spirale=Spiral Mandala=Ringe
psychedelisch=Regenbogen|Wirbelnde Netz=netz Toaster=Toaster Schuh=schuh Klavier=Klavier
Hunde=Hund|Chihuahua Vögel=Vogel|Küken Fische=fisch Augen=Auge Gesichter=gesicht Schlange=schlange
Spinne=Spinne Schmetterlinge=Schmetterling|falter Wölfe=wolf Mäuse=maus|Hamster Löwe=Löwe
Tiger=Tiger Bär=bär Elefant=Elefant Affe=affe Kuh=Ochse Hase=Hase Frosch=frosch
Schildkröte=schildkröte Hai=hai Wal=Wal Eule=Eule|Bartkauz Adler=adler Papagei=Papagei
Schwan=Schwan Drache=Drache Dinosaurier=Saurier|Triceratops Einhorn=Pferd Krake=Krake
Qualle=Qualle Krabbe=krabbe Ameise=Ameise Käfer=käfer Baum=Baum Blätter=Palm|blätter Rosen=Rose
Garten=Garten|Park Berge=Berg Fluss=fluss|Seeufer Meer=Meer|fisch Strand=Küste|Sandbank
Feuer=Feuer Wasser=Wasser Schnee=Berge|Ski|schnee Wolken=Wolke Sterne=Stern
Nacht=Sternenlicht|nacht Burg=Burg Kirche=Kirche Haus=Haus|Scheune Stadt=Glastürme|stadt
Brücke=brücke Turm=turm Fenster=Fenster Tür=tür|Portal Auto=Kombi|auto|Taxi|wagen
Fahrrad=rad|Tandem Flugzeug=flugzeug Uhr=uhr Gitarre=gitarre Geige=Geige
Bücher=Buch|Bücher|Bibliothek Stuhl=stuhl Lampe=lampe Flasche=flasche Glas=glas Hut=hut|mütze
Kleid=kleid|rock Maske=Maske Krone=Thron Schmuck=kette|Halskette Gold=gold Federn=Feder Fell=fell
Haare=Haar|Perücke|locken Schuppen=Schuppe Holz=Holz Stein=Stein Kristall=Kristall Apfel=Apfel
Erdbeeren=Erdbeere Zitrone=Zitrone Brot=Baguette|Brezel Kuchen=Trifle|Schokolade
Kaffee=Kaffee|Tasse Pilze=Pilz Roboter=Roboter Pirat=Pirat Ritter=Schild|panzer|Ritter
Totenkopf=Pirat|Schädel
"""


def _found(language: str, words: list[str]) -> dict[str, list[str]]:
    """Return the titles of what each word finds, best first, in this language."""
    code = (
        "import json, sys\n"
        "from deepdream_plugin.atlas import choosables, search_of\n"
        "items = choosables('efficientnet_lite0')\n"
        "search = search_of(items)\n"
        "print(json.dumps({w: [items[p].title for p in search.find(w).places]\n"
        "    for w in json.loads(sys.argv[1])}))"
    )
    path = f"{PLUG_IN}:{PLUG_IN.parent}:{PLUG_IN.parents[1]}"
    env = {"PYTHONPATH": path, "LANGUAGE": language}
    command = [sys.executable, "-c", code, json.dumps(words)]
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return json.loads(told.stdout)


@pytest.mark.parametrize(("language", "words"), [("en", ENGLISH_WORDS), ("de", GERMAN_WORDS)])
def test_everyday_words_find_something_sensible_first(language: str, words: str) -> None:
    """One of the first three pictures has one of the expected words in its title."""
    wanted = dict(pair.split("=") for pair in words.split())
    assert len(wanted) >= 80
    found = _found(language, list(wanted))

    def first(word: str) -> list[str]:
        return [title.lower() for title in found[word][:3]]

    missed = {
        word: first(word)
        for word, parts in wanted.items()
        if not any(p in t for p in parts.lower().split("|") for t in first(word))
    }
    assert not missed


def test_each_of_the_1000_classes_is_found_by_its_name_in_both_languages() -> None:
    for language, names in (("en", english().classes), ("de", GERMAN.classes)):
        found = _found(language, names)
        items = len(set().union(*(found[name][:3] for name in names)))
        assert all(found.values())
        assert items > 900


def test_classes_are_named_by_labels_that_every_network_knows() -> None:
    assert tuple(english().classes) == labels()
    assert len(set(GERMAN.classes)) == len(labels())
    assert [find_class(label) for label in labels()] == list(range(len(labels())))


def test_words_and_groups_are_about_classes_that_exist() -> None:
    for words in (english(), GERMAN):
        assert set(words.words) <= set(range(len(labels())))
    groups = english().groups
    assert set(groups) <= set(range(len(labels()))) and set(groups.values()) < set(GROUPS)
    assert {groups.get(number, THINGS) for number in range(398)} == {"animals"}


def test_every_picture_has_a_group_and_every_class_is_offered_once() -> None:
    for model in ("efficientnet_lite0", "efficientnet_lite2", "googlenet"):
        items = choosables(model)
        assert {item.group for item in items} <= set(GROUPS)
        classes = [item.objective for item in items if item.objective.startswith("class:")]
        assert sorted(classes) == sorted(f"class:{label}" for label in labels())


def test_what_is_called_so_comes_before_what_belongs_to_it() -> None:
    items = [
        ("Zebra", "horse", ""),
        ("Sea horse", "", ""),
        ("Horse", "", ""),
        ("Foal", "", "a horse"),
    ]
    assert Search(items).find("horses").places == (2, 1, 0, 3)


def test_what_nobody_knows_finds_what_comes_nearest() -> None:
    pictures = [("Xylophone", "", ""), ("Apfel", "", ""), ("Circle", "", ""), ("Bicycle", "", "")]
    search = Search(pictures, [("grand", "xylophone")])
    assert search.find("apfelbaum").instead == "Apfel"
    assert search.find("xylofon").instead == "Xylophone"
    assert search.find("bycicle").instead == "Bicycle"
    assert search.find("grand").places == (0,)
    assert search.find("qqqq").places == () == search.find("  ").places


def test_several_words_find_what_fits_most_of_them() -> None:
    search = Search([("Palm leaves", "tree", ""), ("Palm", "", ""), ("Oak", "tree", "")])
    assert search.find("the palm tree").places == (0,)
    assert search.find("palm house").places == (1, 0)


def test_plurals_and_umlauts_are_the_same_word() -> None:
    assert forms("berries") & forms("berry") and forms("wolves") & forms("wolf")
    assert forms(folded("Wälder")) & forms(folded("Wald"))
    assert "bu" not in forms("bus")
