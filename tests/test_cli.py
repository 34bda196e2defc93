"""The command line, as a reader types it."""

import errno
import traceback

import click
import pytest
from click.testing import CliRunner

from herbnb.book.chapters import chapter_names, chapter_parameters
from herbnb.cli import main


def herbnb(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def refused(error: BaseException, monkeypatch):
    """What becomes of a command that meets an error."""

    def meet():
        raise error

    monkeypatch.setitem(main.commands, "meet", click.Command("meet", callback=meet))
    return herbnb("meet")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space", "a.csv"), "at a.csv (No space left on device): make room, and "),
        (PermissionError(errno.EACCES, "Denied", "b"), "at b (Permission denied): look who may read and "),
        (
            OSError(errno.EMFILE, "Too many", "c.jpg"),
            "at c.jpg (Too many open files): allow more open files ",
        ),
        (OSError(errno.ENAMETOOLONG, "Too long", "d"), "at d (File name too long): choose a shorter name, "),
        (FileNotFoundError("e.parquet"), "(e.parquet): look whether it has been moved or deleted, and "),
        (
            OSError(errno.EIO, "Input/output error", "f"),
            "at f (Input/output error): mend that, and give the ",
        ),
        (MemoryError(), "herbnb has not enough memory: close other programs, or "),
        (MemoryError("3 TiB"), "herbnb has not enough memory (3 TiB): close other programs, or "),
    ],
    ids=lambda each: getattr(each, "filename", None) or type(each).__name__,
)
def test_what_the_system_refuses_is_one_sentence_and_a_traceback_if_asked_for(error, said, monkeypatch):
    result = refused(error, monkeypatch)
    assert result.exit_code == 1 and said in result.output
    assert result.output.startswith("Error: ") and result.output.count("\n") == 1
    assert result.output.endswith("(HERBNB_TRACEBACK=1 shows where.)\n")
    monkeypatch.setenv("HERBNB_TRACEBACK", "1")
    assert refused(error, monkeypatch).exception is error


@pytest.mark.parametrize("error", [ValueError("a defect"), OSError("a library's own"), KeyError("name")])
def test_a_defect_keeps_its_traceback(error, monkeypatch):
    result = refused(error, monkeypatch)
    assert result.exception is error and traceback.extract_tb(error.__traceback__)[-1].name == "meet"


def test_a_parameter_that_a_chapter_lacks_is_refused_by_name():
    result = herbnb("run", "silhouettes", "-p", "epoch", "2")
    assert result.exit_code != 0
    assert "'epoch'" in result.output and "silhouettes" in result.output
    assert "Traceback" not in result.output


def test_list_prints_every_parameter_with_type_default_help_and_range():
    lines = herbnb("list").output.splitlines()
    for chapter in chapter_names():
        assert chapter in lines
        for parameter in chapter_parameters(chapter).values():
            row = next(line for line in lines[lines.index(chapter) :] if line.split()[:1] == [parameter.name])
            assert parameter.type in row and repr(parameter.default) in row
            assert parameter.help and row.endswith(f"{parameter.help}; {parameter.range}")


@pytest.mark.parametrize("arguments", [("run",), ("run", "--all", "sampling")])
def test_run_wants_chapters_or_all(arguments):
    result = herbnb(*arguments)
    assert result.exit_code == 2 and "Name the chapters to run, or give --all" in result.output


def test_with_all_a_parameter_must_be_known_to_some_chapter():
    result = herbnb("run", "--all", "-p", "max_epoch", "1")
    assert result.exit_code == 1 and "did you mean 'max_epochs'" in result.output


@pytest.mark.parametrize(("profile", "seeds"), [("replicates", "1, 2, 3, 4"), ("pocket", "none")])
def test_a_replicate_that_the_profile_has_not_is_refused(profile, seeds):
    result = herbnb("run", "triplet", "--profile", profile, "--replicate", "7")
    assert result.exit_code == 2
    assert f"no replicate of seed 7: it has {seeds}" in result.output


def test_the_environment_names_the_profile_where_the_command_does_not(monkeypatch):
    monkeypatch.setenv("HERBNB_PROFILE", "absent")
    assert "absent.yml is missing" in herbnb("run", "silhouettes").output
    result = herbnb("run", "triplet", "--profile", "pocket", "--replicate", "7")
    assert "absent" not in result.output and "replicate" in result.output


def test_run_says_which_notebook_it_wrote(smoke_profile, tmp_path):
    result = herbnb(
        *("run", "sampling", "--profile", smoke_profile, "--to", tmp_path / "out"),
        *("-p", "results", tmp_path / "results"),
    )
    assert result.exit_code == 0, result.output
    assert str(tmp_path / "out" / "sampling.ipynb") in result.output
    assert (tmp_path / "results" / "specimens.parquet").exists()
    assert (tmp_path / "out" / "journals" / "sampling.jsonl").exists()


def test_a_chapter_without_its_input_names_the_one_to_run_first(smoke_profile, tmp_path):
    arguments = ("--profile", smoke_profile, "--to", tmp_path / "out", "-p", "results", tmp_path / "none")
    result = herbnb("run", "silhouettes", *arguments)
    assert result.exit_code == 1
    assert "specimens.parquet is missing: run chapter sampling first" in result.output
    assert not (tmp_path / "out" / "silhouettes.ipynb").exists()


def test_pocket_draws_a_herbarium(tmp_path):
    command = ("data", "pocket", "--to", tmp_path / "herbarium", "--sheets", 130, "--kew-sheets", 24)
    result = herbnb(*command)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "herbarium" / "train" / "metadata.json").exists()
    assert herbnb(*command).output.strip().endswith("is drawn already.")
