"""Jobs that end, fail, stop, go on and change."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from pipeline_jobs import Job, sentence, wait_for


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def _chain(job: Job, middle: str = 'echo middle > "$0"') -> dict[str, str]:
    """Three stages, each made of the one before."""
    return {
        "first": job.stage("first", 'mkdir "$0"; echo one > "$0"/file'),
        "middle": job.stage("middle", middle) + " {first}",
        "last.txt": job.stage("last", 'cp "$1" "$0"') + " {middle}",
    }


def test_stages_are_made_once(job: Job) -> None:
    job.write(_chain(job))
    done = job.run()
    assert done.returncode == 0, done.stderr
    assert job.logged() == ["first", "middle", "last"]
    assert (job.work / "last.txt").read_text() == "middle\n"
    assert sorted(path.name for path in job.work.iterdir()) == ["first", "last.txt", "lock", "middle", "stages"]
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["stage", "first", "middle", "last.txt", "all"]
    again = job.run()
    assert (again.returncode, job.logged()) == (0, [])
    assert again.stdout == done.stdout  # what each took is remembered


def test_results_are_known_where_work_has_moved_to(job: Job) -> None:
    job.write(_chain(job))
    assert job.run().returncode == 0
    job.logged()
    job.work.rename(job.folder / "elsewhere")
    done = job.run("--work", job.folder / "elsewhere")
    assert (done.returncode, job.logged()) == (0, [])


def test_a_failure_is_told_and_gone_on_from(job: Job) -> None:
    job.write(_chain(job, 'echo half > "$0"; echo broken as can be >&2; exit 7'))
    done = job.run()
    assert done.returncode == 7
    assert "\nbroken as can be\n" in done.stderr
    assert sentence(done).startswith(f"stage middle ended with 7, what it left is {job.work}/partial/middle; ")
    assert not (job.work / "middle").exists()
    assert job.logged() == ["first", "middle"]
    job.write(_chain(job, 'test -e "$0" || echo mended > "$0"'))
    assert job.run().returncode == 0
    assert job.logged() == ["middle", "last"]
    assert (job.work / "last.txt").read_text() == "mended\n"  # and not the half that was there
    assert not (job.work / "partial").exists()


def test_a_stage_goes_on_from_what_it_left_where_the_recipe_says_so(job: Job) -> None:
    script = 'echo x >> "$0"; test $(wc -l < "$0") -ge 2'
    stages = {"kept": job.stage("kept", script)}
    job.write(stages, more='goes_on = ["kept"]')
    assert job.run().returncode == 1
    assert job.run().returncode == 0
    assert (job.work / "kept").read_text().split() == ["x", "x"]
    assert job.run("--again", "kept").returncode == 1  # begins anew
    job.write(stages, more='goes_on = ["unkept"]')
    done = job.run()
    assert done.returncode == 2
    assert "goes_on.unkept: there is no such stage" in done.stderr


def test_a_code_can_be_accepted(job: Job) -> None:
    job.write({"a": job.stage("a", 'echo whole > "$0"; exit 3')}, "[accept]\na = [3]")
    done = job.run()
    assert done.returncode == 0
    assert done.stdout.splitlines()[1].split()[:2] == ["a", "3"]
    job.write({"a": job.stage("a", "exit 3")}, "[accept]\na = [3]")
    done = job.run("--again", "a")
    assert (done.returncode, sentence(done)) == (
        1,
        f"stage a ended with 3 and wrote nothing to {job.work}/partial/a; mend its command.",
    )


def test_a_command_that_a_signal_ended_has_failed(job: Job) -> None:
    job.write({"a": job.stage("a", 'echo x > "$0"; kill -SEGV $$')})
    done = job.run()
    assert done.returncode == 128 + signal.SIGSEGV
    assert "stage a ended with 139" in sentence(done)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_reach_all_processes_of_a_stage(job: Job, number: signal.Signals) -> None:
    job.write(_chain(job, 'echo $$ > "$0".new; mv "$0".new "$0".pid; sleep 60; true'))
    with job.start() as process:
        wait_for(job.work / "partial" / "middle.pid")
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert f"pipelines: interrupted by {number.name} before stage middle was made; " in said
    with pytest.raises(ProcessLookupError):
        os.killpg(int((job.work / "partial" / "middle.pid").read_text()), 0)
    job.logged()
    job.write(_chain(job))
    assert job.run().returncode == 0
    assert job.logged() == ["middle", "last"]


def test_a_second_signal_does_not_wait(job: Job) -> None:
    job.write({"a": job.stage("a", 'trap "" TERM; touch "$0"; while :; do sleep 0.1; done')})
    with job.start() as process:
        wait_for(job.work / "partial" / "a")
        process.send_signal(signal.SIGTERM)
        with pytest.raises(TimeoutError):
            _wait(process.pid, 0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 128 + signal.SIGTERM
        process.communicate()


def _wait(process: int, seconds: float) -> None:
    """Raise TimeoutError where a process runs on; it is not reaped."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        time.sleep(0.02)
    raise TimeoutError


def test_a_killed_job_goes_on_when_its_stage_has_ended(job: Job) -> None:
    job.write(_chain(job, 'echo $$ > "$0"; exec sleep 60'))
    with job.start() as process:
        wait_for(job.work / "partial" / "middle")
        process.kill()
        process.wait(timeout=30)  # not for its pipes, which the stage has inherited
    left_behind = int((job.work / "partial" / "middle").read_text())
    assert not (job.work / "middle").exists()
    done = job.run()
    assert (done.returncode, job.logged()) == (2, ["first", "middle"])
    assert "another job, or a stage that one left behind, works there" in sentence(done)
    os.kill(left_behind, signal.SIGKILL)
    job.write(_chain(job))
    assert job.run().returncode == 0
    assert job.logged() == ["middle", "last"]


def test_a_changed_command_is_refused_until_it_is_asked_for(job: Job) -> None:
    job.write(_chain(job))
    assert job.run().returncode == 0
    job.logged()
    job.write(_chain(job, 'echo other > "$0"'))
    done = job.run()
    assert (done.returncode, job.logged()) == (2, [])
    assert sentence(done).startswith(f"{job.work}/middle was made by `sh -c ")
    assert "--again middle to remove it" in sentence(done)
    assert (job.work / "last.txt").read_text() == "middle\n"
    assert job.run("--again", "middle").returncode == 0
    assert job.logged() == ["middle", "last"]
    assert (job.work / "last.txt").read_text() == "other\n"


def test_what_was_made_from_a_result_that_is_gone_is_refused(job: Job) -> None:
    job.write(_chain(job))
    assert job.run().returncode == 0
    job.logged()
    (job.work / "middle").unlink()
    done = job.run()
    assert (done.returncode, job.logged()) == (2, [])
    assert sentence(done).startswith(f"{job.work}/last.txt was made from middle, which is there no more; ")
    assert job.run("--again", "last.txt").returncode == 0
    assert job.logged() == ["middle", "last"]


def test_a_result_of_unknown_origin_is_refused(job: Job) -> None:
    job.write(_chain(job))
    job.work.mkdir()
    (job.work / "middle").touch()
    done = job.run()
    assert (done.returncode, job.logged()) == (2, [])
    assert "does not say how it was made; move it away" in sentence(done)


def test_inputs(job: Job) -> None:
    job.write({"a": 'sh -c \'echo "$@" > "$0"\' {out} {records}'}, '[inputs]\nrecords = "some files"')
    assert sentence(job.run()) == "the recipe needs records; give some files: --set records=..."
    assert "nothing is at " in sentence(job.run("--set", f"records={job.folder}/none"))
    assert "write INPUT=VALUE" in sentence(job.run("--set", "records"))
    assert not job.work.exists()
    recipe = os.path.relpath(job.folder / "recipe.toml", Path(__file__).parents[2])
    assert job.run("--set", f"records={recipe}", "--set", "records=s3://bucket/*").returncode == 0
    assert (job.work / "a").read_text() == f"{job.folder / 'recipe.toml'} s3://bucket/*\n"
    done = job.run("--set", "records=s3://bucket/*")
    assert done.returncode == 2
    assert "s3://bucket/* {out}" not in sentence(done)
    assert "--again a" in sentence(done)


def test_a_dry_run_changes_nothing(job: Job) -> None:
    job.write(_chain(job))
    done = job.run("--dry-run")
    assert done.returncode == 0
    assert not job.work.exists()
    assert f"{job.work}/partial/middle {job.work}/first" in done.stdout
    assert job.run().returncode == 0
    assert job.run("--dry-run").stdout == "first: is there\nmiddle: is there\nlast.txt: is there\n"
    lines = job.run("--dry-run", "--again", "middle").stdout.splitlines()
    assert [line.endswith(": is there") for line in lines] == [True, False, False]
    assert (job.work / "middle").exists()


def test_what_cannot_be_run_is_refused_first(job: Job) -> None:
    job.write({"first": job.stage("first", 'touch "$0"'), "second": "no-such-program {first} {out}"})
    done = job.run()
    assert (done.returncode, job.logged()) == (2, [])
    assert sentence(done).startswith("stage second runs no-such-program, which is not installed")
    job.write(_chain(job))
    assert sentence(job.run("--again", "third")).startswith("--again third: there is no such stage")
    assert job.logged() == []


def test_work_that_cannot_be_written_is_refused(job: Job) -> None:
    job.write(_chain(job))
    job.work.touch()
    done = job.run()
    assert done.returncode == 2
    assert sentence(done).startswith(f"{job.work}: cannot be written (")
