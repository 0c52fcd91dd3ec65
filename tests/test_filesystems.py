"""Inputs and datasets in a store that speaks S3: a server started here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow.fs as pafs
import pyarrow.parquet as pq
import pytest
from moto.server import ThreadedMotoServer

from casextract.build.build import build
from casextract.build.options import BuildOptions
from casextract.build.remote import address_of, find, upload
from casextract.dataset.publish import PACKAGE_FILE, PublishError
from casextract.dataset.read import Dataset
from casextract.errors import WriteError
from casextract.load import InputError

TEXT = "某区建成社区食堂{}家,每天为{}名老人供餐。"


@pytest.fixture(scope="module")
def store() -> Iterator[pafs.S3FileSystem]:
    """A server with keys in the environment, as the address takes them."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("TEST_END_POINT", f"{host}:{port}")
        yield pafs.S3FileSystem(
            endpoint_override=f"{host}:{port}", scheme="http", region="us-east-1", allow_bucket_creation=True
        )
    server.stop()


@pytest.fixture
def bucket(store: pafs.S3FileSystem, request: pytest.FixtureRequest) -> str:
    name = "b" + str(abs(hash(request.node.name)))
    store.create_dir(name)
    return name


def address(path: str) -> str:
    return f"s3://{path}?endpoint_override={os.environ['TEST_END_POINT']}&scheme=http&region=us-east-1"


def put(store: pafs.S3FileSystem, path: str, data: bytes) -> None:
    with store.open_output_stream(path) as stream:
        stream.write(data)


def fill(store: pafs.S3FileSystem, root: str, folder: Path, count: int = 5) -> None:
    for n in range(count):
        data = TEXT.format(30 + n, 400 + n).encode()
        put(store, f"{root}/{n % 2}/{n:02}.txt", data)
        (folder / str(n % 2)).mkdir(parents=True, exist_ok=True)
        (folder / str(n % 2) / f"{n:02}.txt").write_bytes(data)


def test_files_of_a_store_give_the_dataset_that_files_of_a_folder_give(
    store: pafs.S3FileSystem, bucket: str, tmp_path: Path
) -> None:
    fill(store, f"{bucket}/raw", tmp_path / "raw")
    local = build([tmp_path / "raw"], tmp_path / "a", BuildOptions(jobs=1))
    remote = build([address(f"{bucket}/raw")], tmp_path / "b", BuildOptions(jobs=1))
    assert remote.documents == 5
    assert remote.digest == local.digest


def test_worker_processes_read_from_the_store(store: pafs.S3FileSystem, bucket: str, tmp_path: Path) -> None:
    fill(store, f"{bucket}/raw", tmp_path / "raw")
    one = build([address(f"{bucket}/raw")], tmp_path / "a", BuildOptions(jobs=1))
    two = build([address(f"{bucket}/raw")], tmp_path / "b", BuildOptions(jobs=2))
    assert (two.documents, two.failed) == (5, 0)
    assert two.digest == one.digest


def test_a_dataset_goes_to_the_store_and_can_be_read_there(
    store: pafs.S3FileSystem, bucket: str, tmp_path: Path
) -> None:
    fill(store, f"{bucket}/raw", tmp_path / "raw")
    local = build([tmp_path / "raw"], tmp_path / "out", BuildOptions(jobs=1))
    summary = build([address(f"{bucket}/raw")], address(f"{bucket}/sets/one"), BuildOptions(jobs=1))
    assert summary.digest == local.digest
    assert summary.out == address(f"{bucket}/sets/one")
    for path in (tmp_path / "out").iterdir():
        with store.open_input_file(f"{bucket}/sets/one/{path.name}") as stream:
            assert stream.read() == path.read_bytes()
    table = pq.read_table(f"{bucket}/sets/one/documents.parquet", filesystem=store)
    assert table["source_path"].to_pylist() == ["0/00.txt", "0/02.txt", "0/04.txt", "1/01.txt", "1/03.txt"]
    again = build([address(f"{bucket}/raw")], address(f"{bucket}/sets/one"), BuildOptions(jobs=1))
    assert again.digest == local.digest


def test_a_single_object_and_a_folder_here_go_together(store: pafs.S3FileSystem, bucket: str, tmp_path: Path) -> None:
    put(store, f"{bucket}/x/same.txt", TEXT.format(7, 80).encode())
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "same.txt").write_text(TEXT.format(9, 90), encoding="utf-8")
    build([tmp_path / "raw", address(f"{bucket}/x/same.txt")], tmp_path / "out", BuildOptions(jobs=1))
    paths = Dataset.open(tmp_path / "out").documents.arrow(["source_path"])["source_path"].to_pylist()
    assert paths == sorted([f"{bucket}/x/same.txt", "same.txt"])


def test_an_object_that_is_gone_is_a_row_and_costs_no_other(
    store: pafs.S3FileSystem, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, f"{bucket}/raw", tmp_path / "raw")
    found = find([address(f"{bucket}/raw")])
    store.delete_file(f"{bucket}/raw/0/02.txt")
    monkeypatch.setattr("casextract.build.plan.find", lambda inputs, follow_links=False: found)
    summary = build([address(f"{bucket}/raw")], tmp_path / "out", BuildOptions(jobs=1))
    assert (summary.documents, summary.failed) == (4, 1)
    [problem] = Dataset.open(tmp_path / "out").problems.arrow().to_pylist()
    assert (problem["source_path"], problem["code"]) == ("0/02.txt", "unreadable")


@pytest.mark.usefixtures("store")
def test_an_address_where_nothing_is_is_wrong_usage(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder; check the address"):
        build([address(f"{bucket}/nothing")], tmp_path / "out")
    with pytest.raises(InputError, match="no such file or folder; check the address"):
        build([address("no-such-bucket-anywhere/raw")], tmp_path / "out")


def test_a_store_that_does_not_answer_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(111, "Connection refused")

    import fsspec

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "info", refuse)
    with pytest.raises(InputError, match=r"cannot be listed \(.*refused.*\); check the address and the access keys"):
        find(["memory://silent"])


def test_a_folder_of_something_else_is_left_alone(store: pafs.S3FileSystem, bucket: str, tmp_path: Path) -> None:
    put(store, f"{bucket}/other/cases.parquet", b"not ours")
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.txt").write_text(TEXT.format(3, 50), encoding="utf-8")
    with pytest.raises(PublishError, match=f"holds tables but no {PACKAGE_FILE}"):
        build([raw], address(f"{bucket}/other"))
    with store.open_input_file(f"{bucket}/other/cases.parquet") as stream:
        assert stream.read() == b"not ours"


@pytest.mark.usefixtures("store")
def test_a_store_that_refuses_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "dataset").mkdir()
    (tmp_path / "dataset" / PACKAGE_FILE).write_text("{}", encoding="utf-8")
    with pytest.raises(WriteError, match=r"cannot be written .*; check the address and the access keys"):
        upload(tmp_path / "dataset", address("no-such-bucket-anywhere/set"))


def test_a_scheme_nobody_knows_is_wrong_usage() -> None:
    with pytest.raises(InputError, match="nothing here can read nosuch://"):
        find(["nosuch://place/folder"])


def test_a_store_that_only_fsspec_knows() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe("/raw/a.txt", TEXT.format(5, 60).encode())
    memory.pipe("/raw/.hidden/b.txt", b"")
    [found] = find(["memory://raw"])
    assert found.source_path == "a.txt"
    assert found.path.stat().st_size == len(found.path.read_bytes()) > 0


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("s3://bucket/x", "s3://bucket/x"),
        ("S3://bucket/x", "s3://bucket/x"),
        (Path("s3://bucket/x"), "s3://bucket/x"),
        ("gs://b/c?x=1", "gs://b/c?x=1"),
        ("data/raw", None),
        ("C:/data/raw", None),
        ("/data/raw", None),
        ("a:b", None),
    ],
)
def test_what_is_an_address(given: str | Path, address: str | None) -> None:
    assert address_of(given) == address


def test_a_folder_whose_name_looks_like_an_address_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s3:/raw").mkdir(parents=True)
    assert address_of(Path("s3:/raw")) is None
