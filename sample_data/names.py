"""Name pools by country and the plain-ASCII form that goes into an e-mail address."""

import unicodedata

ENGLISH = (
    "Aoife Brian Caoimhe Declan Emma Fiona George Hannah Isla Jack Kate Liam Megan Niamh Oliver Orla Patrick Quinn "
    "Rachel Sean Sophie Thomas Una William".split(),
    "Brennan Byrne Clarke Collins Doyle Dunne Fitzgerald Foley Gallagher Hughes Kavanagh Kelly Lynch Murphy Nolan "
    "O'Brien O'Connor Power Quinn Ryan Smith Sweeney Walsh Ward".split(),
)
GERMAN = (
    "Anja Björn Christoph Dörte Elke Frank Günther Heike Ingo Jürgen Jörg Käthe Lena Markus Nadine Oskar Petra "
    "Rüdiger Sabine Sören Tobias Ulrike Volker Wiebke".split(),
    "Bäcker Böhm Dreßler Fischer Frölich Grünwald Hoffmann Jäger König Köhler Krüger Lange Lüders Möller Müller "
    "Neumann Richter Schäfer Schröder Schulz Strauß Vogel Weiß Zöllner".split(),
)
DUTCH = (
    "Anouk Bram Daan Eline Femke Gijs Jasper Lieke Maarten Noor Pieter Sanne Sjoerd Tess Willem Ymke".split(),
    "Bakker Boer Dekker Dijkstra Hendriks Hoekstra Jansen Kuipers Mulder Peters Smit Visser "
    "Vermeer Vos Wolff Zijlstra".split(),
)
PORTUGUESE = (
    "Ana António Beatriz Conceição Duarte Fátima Gonçalo Inês João José Luísa Mário Marta Nuno Rui Sofia".split(),
    "Almeida Araújo Brandão Carvalho Conceição Falcão Gonçalves Guimarães Leitão Magalhães Nóbrega Pereira Queirós "
    "Simões Teixeira Vilhena".split(),
)
POLISH = (
    "Agnieszka Bartłomiej Błażej Dorota Grażyna Jakub Józef Kasia Łukasz Małgorzata Michał Paweł Stanisław "
    "Świętosława Wojciech Zofia".split(),
    "Dąbrowski Gołąb Jabłoński Kamińska Kowalczyk Krawczyk Król Lewandowska Łuczak Nowak Pawłowska Szczęsny "
    "Wiśniewski Wójcik Zając Żak".split(),
)
POOLS = {"DE": GERMAN, "AT": GERMAN, "IE": ENGLISH, "NL": DUTCH, "PT": PORTUGUESE, "PL": POLISH}

_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ø": "o", "'": None, " ": None})


def ascii_name(name: str) -> str:
    """`name` as it goes into an e-mail address: lower case, ASCII letters only."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    return plain.encode("ascii", "ignore").decode("ascii")
