"""The warehouse by itself: snapshots and what names the live one, versions, upgrades, and errors in one sentence."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from cx_metrics.model import customers, interactions, metadata
from cx_metrics.warehouse import Publication, Warehouse, WarehouseError
from tests.conftest import Embedded


def folder_of(url: str) -> Path:
    return Path(sa.make_url(url).database or "")


def snapshots(folder: Path) -> list[int]:
    return sorted(int(path.stem[-6:]) for path in folder.glob("warehouse-*.duckdb"))


def add_customer(publication: Publication, key: str) -> None:
    publication.target.execute(sa.insert(customers).values(customer_id=key, load_id=1))


def keys(warehouse: Warehouse) -> list[str]:
    return sorted(warehouse.read(sa.select(customers.c.customer_id))["customer_id"])


@pytest.fixture
def embedded_url(embedded: Embedded) -> str:
    return embedded.new_url()


def test_a_new_warehouse_has_every_table_and_no_row(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    for table in metadata.sorted_tables:
        found = warehouse.read(sa.select(table))
        assert (list(found.columns), len(found)) == ([column.name for column in table.columns], 0)


def test_a_publication_is_seen_when_it_is_complete(warehouse_url: str) -> None:
    writer, reader = Warehouse(warehouse_url), Warehouse(warehouse_url)
    before = reader.version()
    with writer.publishing() as publication:
        add_customer(publication, "c1")
        assert keys(reader) == keys(Warehouse(warehouse_url)) == []
        assert reader.version() == before
    assert keys(reader) == keys(writer) == ["c1"]


def test_a_publication_that_fails_never_was(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    before = warehouse.version()
    with pytest.raises(RuntimeError, match="no more"), warehouse.publishing() as publication:
        add_customer(publication, "c1")
        raise RuntimeError("no more")
    assert (keys(warehouse), warehouse.version()) == ([], before)
    with warehouse.publishing() as publication:
        add_customer(publication, "c2")
    assert keys(warehouse) == ["c2"]


def test_snapshots_are_numbered_and_two_are_kept(embedded_url: str) -> None:
    warehouse, folder = Warehouse(embedded_url), folder_of(embedded_url)
    assert warehouse.version() == "warehouse-000001.duckdb"
    for number in range(2, 6):
        with warehouse.publishing() as publication:
            add_customer(publication, f"c{number}")
        assert (folder / "CURRENT").read_text() == f"warehouse-00000{number}.duckdb"
        assert snapshots(folder) == [number - 1, number]
    assert keys(warehouse) == ["c2", "c3", "c4", "c5"]


def test_what_killed_imports_left_is_swept_up(embedded_url: str) -> None:
    warehouse, folder = Warehouse(embedded_url), folder_of(embedded_url)
    for name in ("warehouse-000002.duckdb", "warehouse-000002.duckdb.wal", "warehouse-000009.duckdb", "CURRENT.new"):
        (folder / name).write_bytes(b"half written")
    with warehouse.publishing() as publication:
        add_customer(publication, "c1")
    assert sorted(path.name for path in folder.iterdir()) == [
        "CURRENT", "warehouse-000001.duckdb", "warehouse-000002.duckdb", "writer.lock",
    ]  # fmt: skip
    assert keys(Warehouse(embedded_url)) == ["c1"]


def test_a_creation_that_was_killed_begins_anew(embedded_url: str) -> None:
    folder = folder_of(embedded_url)
    folder.mkdir(parents=True)
    (folder / "warehouse-000001.duckdb").write_bytes(b"half written")
    assert keys(Warehouse(embedded_url)) == []


def test_snapshots_are_not_thrown_away_when_nothing_names_the_live_one(embedded_url: str) -> None:
    warehouse, folder = Warehouse(embedded_url), folder_of(embedded_url)
    with warehouse.publishing() as publication:
        add_customer(publication, "c1")
    (folder / "CURRENT").unlink()
    with pytest.raises(WarehouseError) as error:
        Warehouse(embedded_url)
    assert str(error.value) == f"{folder} has snapshots but no CURRENT; write the newest one's name into it"
    (folder / "CURRENT").write_text("warehouse-000002.duckdb\n")
    assert keys(Warehouse(embedded_url)) == ["c1"]


def test_missing_tables_and_columns_are_added(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    with warehouse.publishing() as publication:
        add_customer(publication, "c1")
        publication.target.execute(sa.DDL("ALTER TABLE customers DROP COLUMN birth_year"))
        publication.target.execute(sa.DDL("ALTER TABLE customers DROP COLUMN signed_up_at"))
        publication.target.execute(sa.DDL("DROP TABLE interactions"))
    newer = Warehouse(warehouse_url)
    row = newer.read(sa.select(customers)).iloc[0]
    assert (row["customer_id"], row["birth_year"] is None or row["birth_year"] != row["birth_year"]) == ("c1", True)
    assert newer.read(sa.select(interactions)).empty
    version = newer.version()
    assert Warehouse(warehouse_url).version() == version  # once is enough


def broken(folder: Path) -> dict[str, str]:
    """URL -> how the sentence about it begins."""
    (folder / "file").write_text("no folder")
    for name, current in (("junk", "warehouse-000001.duckdb"), ("lost", "warehouse-000007.duckdb"), ("empty", "")):
        (folder / name).mkdir()
        (folder / name / "CURRENT").write_text(current)
    (folder / "junk" / "warehouse-000001.duckdb").write_bytes(b"junk" * 5000)
    cannot = "the warehouse {} cannot be opened: "
    urls = {f"duckdb:///{folder}/{name}": cannot for name in ("file", "file/inside", "junk", "lost", "empty")}
    return {url: start.format(url) for url, start in urls.items()} | {
        "postgresql://u:secret@127.0.0.1:1/x": "the warehouse postgresql://u:***@127.0.0.1:1/x cannot be opened: ",
        "oracle+nothing://u@h/x": "the warehouse oracle+nothing://u@h/x cannot be opened: ",
        "duckdb:///": "the warehouse duckdb:/// names no folder; write one behind the slashes",
        "postgresql://u:secret@h:port/x": "the warehouse's URL cannot be read; README.md shows what it looks like",
        "no URL": "the warehouse's URL cannot be read; README.md shows what it looks like",
    }


def test_errors_are_one_sentence_without_the_password(tmp_path: Path) -> None:
    for url, beginning in broken(tmp_path).items():
        with pytest.raises(WarehouseError) as error:
            Warehouse(url)
        assert str(error.value).startswith(beginning), url
        assert "\n" not in str(error.value)
        assert "secret" not in str(error.value)
