"""What a student's notebook can reach while it is graded."""

from __future__ import annotations

import base64
import io
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT
from PIL import Image

from course import cache, key, sandbox
from course.grading.classes import results
from course.grading.execution import student
from course.grading.submissions import places
from course.problem import Problem
from course.sandbox import bubble, groups, limits, syscalls, tables

isolated = pytest.mark.skipif(bool(sandbox.problem()), reason=sandbox.problem() or "isolated")

PROBES = {
    "own folder": "print(sorted(os.listdir('.')))",
    "root": "print(sorted(os.listdir('/')))",
    "environment": "print(sorted(os.environ))",
    "first process": "print(open('/proc/1/environ').read())",
    "network": "import socket; socket.create_connection(('127.0.0.1', 1), 1)",
    "sources": "print(os.path.exists(SOURCE), os.path.exists(TESTS), os.path.exists(KEY), os.path.exists(RESULTS))",
    "course": "import course; print(course.__version__); open(course.__file__, 'a')",
    "user": "print(os.getuid())",
    "leaves": "open('model.onnx', 'wb').write(b'made here')",
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What each probe printed, in one notebook; and the files that came back."""
    folder = tmp_path_factory.mktemp("submission")
    (folder / "handed-in.csv").write_text("1,2")
    (folder / "sklearn").mkdir()
    (folder / "sklearn" / "__init__.py").write_text("raise SystemExit('shadowed')")
    names = {"SOURCE": ROOT / "source", "TESTS": ROOT / "tests", "KEY": key.path(), "RESULTS": results.folder()}
    start = "import os\n" + "\n".join(f"{name} = {str(path)!r}" for name, path in names.items())
    cells = [("start", start), *((name.replace(" ", "-"), code) for name, code in PROBES.items())]
    ran = student.run(cells, places.files_in(folder, ()), ("model.onnx",), seconds=60)
    assert not ran.note
    text = {}
    for cell, outputs in ran.outputs.items():
        text[cell.replace("-", " ")] = "".join(str(o.get("text", "")) + str(o.get("evalue", "")) for o in outputs)
    return text, ran.files


@isolated
def test_it_sees_its_own_folder_and_little_else(seen):
    text, _ = seen
    assert "handed-in.csv" in text["own folder"]
    assert "'submission'" in text["root"] and "'srv'" not in text["root"] and "'boot'" not in text["root"]
    assert text["sources"].strip() == "False False False False"
    assert text["user"].strip() == "65534"


@isolated
def test_its_environment_is_empty_and_it_has_no_network(seen):
    text, _ = seen
    assert "COURSE_KEY_FILE" not in text["environment"] + text["first process"]
    assert "refused" in text["network"] or "unreachable" in text["network"]


def test_what_was_rehearsed_is_not_in_the_cache_that_students_read():
    assert cache.own() != cache.shared() and cache.shared() not in cache.own().parents
    assert not list(cache.shared().glob("rehearsal-*"))


@isolated
def test_it_can_read_the_course_and_not_change_it(seen):
    assert "Read-only file system" in seen[0]["course"]


def test_its_files_come_back(seen):
    assert seen[1] == {"model.onnx": b"made here"}


def test_shadowing_a_library_does_not_stop_the_runner(seen):
    assert "shadowed" not in "".join(seen[0].values())


def test_a_figure_comes_back():
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    assert "image/png" in student.run([("figure", source)], {}, (), seconds=60).outputs["figure"][-1].data


def test_a_notebook_that_takes_too_long_keeps_what_it_saved():
    endless = "open('model.onnx', 'w').write('x')\nwhile True: pass"
    ran = student.run([("endless", endless)], {}, ("model.onnx",), seconds=3)
    assert "did not end within 3 s" in ran.note and ran.files == {"model.onnx": b"x"}


DAMAGED = ("{}", '{"outputs": {"a": [1]}, "note": ""}', '{"outputs": {"a": [{}]}, "note": ""}')


@pytest.mark.parametrize("content", DAMAGED)
def test_outputs_that_are_damaged_are_not_shown(content):
    outputs, note = student._outputs(json.loads(content))
    assert outputs == {} and "damaged" in note


def test_outputs_that_are_shown_are_inert():
    evil = "<script>alert(1)</script>"
    drawn = io.BytesIO()
    Image.new("L", (2, 2)).save(drawn, "png")
    png = base64.b64encode(drawn.getvalue()).decode()
    outputs = [
        {"output_type": "display_data", "data": {"text/html": evil, "text/plain": "t"}, "metadata": {"x": evil}},
        {
            "output_type": "execute_result",
            "data": {"application/javascript": evil},
            "metadata": {},
            "execution_count": 1,
        },
        {"output_type": "display_data", "data": {"image/png": f"{png}\n"}, "metadata": {"image/png": {"width": evil}}},
        {"output_type": "display_data", "data": {"text/html": "", "text/plain": ""}, "metadata": {}},  # an ended bar
        {"output_type": "stream", "name": evil, "text": "said"},
    ]
    shown, note = student._outputs({"outputs": {"a": outputs}, "note": ""})
    assert not note and "script" not in json.dumps(shown)
    assert [output.get("data", {}) for output in shown["a"]] == [{"text/plain": "t"}, {"image/png": png}, {}]
    outputs[2]["data"]["image/png"] = '"><script>alert(1)</script>'
    assert "script" not in json.dumps(student._outputs({"outputs": {"a": outputs}, "note": ""})[0])


def test_where_it_is_missing_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(bubble.shutil, "which", lambda name: None)
    sandbox.problem.cache_clear()
    try:
        assert "apt install bubblewrap" in sandbox.problem()
        with pytest.raises(Problem, match="only the open key"):
            sandbox.require(key.Key(b"x" * 32, "t"))
        sandbox.require(key.OPEN)
    finally:
        sandbox.problem.cache_clear()


# A program, and the guard that watches it


def program(source, folder, *, seconds=20.0, most_bytes=1000):
    return sandbox.program([sys.executable, "-I", "-c", source], folder, seconds=seconds, most_bytes=most_bytes)


def test_a_program_hands_out_one_message(tmp_path):
    (tmp_path / "given.txt").write_text("given")
    source = "import os; print(open(os.environ['COURSE_INPUT'] + '/given.txt').read(), os.listdir())"
    assert program(source, tmp_path) == b"given []\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("while True: pass", "did not end within 1 s"),
        ("import signal, time\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(60)", "did not end within 1 s"),
        ("print('x' * 2000)", "more than can be taken back"),
        ("while True: print('x' * 2000)", "more than can be taken back"),
    ],
)
def test_a_program_that_does_not_end_or_says_too_much_is_stopped(tmp_path, source, words):
    with pytest.raises(sandbox.Stopped, match=words):
        program(source, tmp_path, seconds=1)


def test_waiting_for_a_cpu_is_not_being_late_but_never_for_longer_than_the_limit(tmp_path, monkeypatch):
    waited = itertools.count()
    monkeypatch.setattr(tables, "delay_s", lambda pid: float(next(waited)))
    assert program("import time; time.sleep(4.2); print('given')", tmp_path, seconds=4) == b"given\n"
    with pytest.raises(sandbox.Stopped, match="did not end within 1 s"):
        program("while True: pass", tmp_path, seconds=1)


@pytest.mark.skipif(not os.path.exists("/proc/self/schedstat"), reason="the system does not say who waits for a CPU")
def test_two_on_one_cpu_wait_for_it():
    busy = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nfor _ in range(3 * 10**6): pass"
    both = [subprocess.Popen([sys.executable, "-I", "-c", busy]) for _ in range(2)]
    try:
        most = 0.0
        while any(one.poll() is None for one in both):
            most = max(most, *(sandbox.delay_s(one.pid) for one in both))
        assert most > 0
    finally:
        for one in both:
            one.kill()
            one.wait()


@isolated
def test_memory_is_guarded_whatever_holds_it(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_MEMORY", 200_000_000)
    for source in (
        "import time\nheld = bytearray(300_000_000)\ntime.sleep(20)",
        "import os, time\nchildren = [os.fork() for _ in range(2)]\nheld = bytearray(80_000_000)\ntime.sleep(20)",
    ):
        with pytest.raises(sandbox.Stopped, match=r"more than 0\.2 GB of memory"):
            program(source, tmp_path)


@isolated
def test_what_can_be_written_to_is_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "FOLDER_BYTES", 5_000_000)
    monkeypatch.setattr(limits, "TMP_BYTES", 5_000_000)
    monkeypatch.setattr(limits, "SHM_BYTES", 5_000_000)
    source = """
import os
for place in (".", "/tmp", "/dev/shm", "/", "/dev", "/home", "/proc", "/input"):
    try:
        with open(f"{place}/file", "wb") as file:
            for _ in range(20):
                file.write(bytes(1_000_000))
        print(place, "no limit")
    except OSError as error:
        print(place, error.strerror)
"""
    said = program(source, tmp_path).decode().splitlines()
    assert said[:3] == [f"{place} No space left on device" for place in (".", "/tmp", "/dev/shm")]
    assert not any("limit" in line or "space" in line for line in said[3:]) and len(said) == 8


def test_what_a_tree_of_processes_has_is_counted():
    source = "import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'])\n"
    process = subprocess.Popen([sys.executable, "-c", source + "print(flush=True)\ntime.sleep(30)"], stdout=-1)
    try:
        process.stdout.readline()
        tasks, resident = sandbox.size(process.pid)
        assert (tasks, resident > 5_000_000) == (2, True) or not Path("/proc/self/task").is_dir()
    finally:
        for pid in reversed(sandbox.tree(process.pid)):
            os.kill(pid, 9)
        process.wait()
        process.stdout.close()


# What the kernel is asked, and what it counts


def said(source, folder, **more):
    return program(source, folder, **more).decode().strip()


@isolated
@pytest.mark.skipif(not syscalls.program(), reason="no filter for this machine")
def test_locks_succeed_and_what_tells_of_others_is_denied(tmp_path):
    source = """
import ctypes, errno, fcntl, sqlite3, sys
file = open(sys.executable, "rb")
fcntl.flock(file, fcntl.LOCK_EX)
fcntl.lockf(file, fcntl.LOCK_SH)
base = sqlite3.connect("own.db")
base.execute("create table a (b)")
base.execute("insert into a values (1)")
base.commit()
print(sqlite3.connect("own.db").execute("select b from a").fetchone()[0])
libc = ctypes.CDLL(None, use_errno=True)
for made in (libc.inotify_init1(0), libc.memfd_create(b"x", 0), libc.msgget(0, 0o1600), libc.semget(0, 1, 0o1600)):
    print(made, ctypes.get_errno() == errno.ENOSYS)
"""
    assert said(source, tmp_path).splitlines() == ["1", *["-1 True"] * 4]


#: 300 MB each, in ways in which no process has them resident.
HIDDEN = {
    "shared": "import mmap\nheld = mmap.mmap(-1, 300_000_000)\nfor at in range(0, 300_000_000, 4096): held[at] = 1\n"
    "held.madvise(mmap.MADV_DONTNEED)",
    "sockets": "import resource, socket\nresource.setrlimit(resource.RLIMIT_NOFILE, (3000, 3000))\n"
    "held = [socket.socketpair() for _ in range(800)]",
}


@isolated
@pytest.mark.parametrize("counted", [True, False], ids=["by the kernel", "by the process tables"])
@pytest.mark.parametrize("kind", HIDDEN)
def test_memory_that_is_not_resident_is_counted(tmp_path, monkeypatch, kind, counted):
    if counted and (not groups.known() or kind == "sockets"):  # these are empty: the kernel has nothing to count
        pytest.skip("no control groups here" if not groups.known() else "empty sockets")
    if not counted:
        monkeypatch.setattr(groups, "known", lambda: None)
    else:
        monkeypatch.setattr(tables, "_shared", lambda family: 0)
    monkeypatch.setattr(limits, "MOST_MEMORY", 200_000_000)
    with pytest.raises(sandbox.Stopped, match=r"more than 0\.2 GB of memory"):
        program(f"{HIDDEN[kind]}\nimport time\ntime.sleep(20)", tmp_path)


@isolated
def test_what_a_module_holds_in_files_counts_as_its_memory():
    from course.contract.processes import calls

    source = b"def answer():\n    open('/tmp/held', 'wb').write(bytes(50_000_000))\n    return 1\n"
    with calls.serve(calls.Module("answer.py", source, {})) as shipped:
        before = shipped.resident_bytes
        shipped.call("answer")
        assert shipped.resident_bytes - before > 40_000_000


def test_version_2_of_control_groups_is_used_where_it_was_delegated(tmp_path, monkeypatch):
    """A folder stands in for the file system of the kernel: what is written where, and read from where."""
    monkeypatch.setattr(groups, "MOUNT", tmp_path)
    own = tmp_path / "scope"
    own.mkdir()
    (tmp_path / "cgroup.controllers").touch()
    assert groups._candidates("0::/scope\n") == [], "nothing was delegated"
    (own / "cgroup.controllers").write_text("cpu memory pids")
    (own / "cgroup.procs").write_text(f"{os.getpid()}\n1\n")
    assert groups._candidates("0::/scope\n") == [], "others are in it, who are not ours to move"
    (own / "cgroup.procs").write_text(f"{os.getpid()}\n")
    (kind,) = groups._candidates("0::/scope\n")
    assert kind == groups.Kind(2, (own,)) and (own / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert (own / groups.MAIN / "cgroup.procs").read_text() == str(os.getpid())
    (own / "cgroup.subtree_control").write_text("memory pids")
    assert groups._candidates(f"0::/scope/{groups.MAIN}\n") == [kind]
    monkeypatch.setattr(groups, "known", lambda: kind)
    group = groups.made(400, 8e9)
    assert (group.folders[0] / "memory.max").read_text() == "8000000000"
    assert (group.folders[0] / "pids.max").read_text() == "400" and not group.overrun()
    (group.folders[0] / "memory.events").write_text("low 0\noom 3\noom_kill 1\n")
    assert group.overrun() and str(group.folders[0] / "cgroup.procs") in group.enter()


@pytest.mark.skipif(os.name != "posix", reason="a shell keeps the folder")
def test_scratch_folders_go_with_their_process_however_it_ends(tmp_path):
    source = (
        "import os, signal, sys\nfrom course import sandbox\n"
        "with sandbox.scratch() as folder:\n    (folder / 'file').touch()\n    print(folder, flush=True)\n"
        "    if sys.argv[1:]: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    for how in ([], ["killed"]):
        ran = subprocess.run(
            [sys.executable, "-c", source, *how],
            env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True, text=True, start_new_session=True,
        )  # fmt: skip
        assert Path(ran.stdout.strip()).parent.parent == tmp_path and bool(ran.returncode) == bool(how)
        for _ in range(300):
            if not list(tmp_path.iterdir()):
                break
            time.sleep(0.1)
        assert not list(tmp_path.iterdir())
