"""A real Neo4j server for tests and measurements: fetched by Maven, started on a free port.

    python tests/neo4j/server.py start HOME   prints bolt://127.0.0.1:PORT when it takes work
    python tests/neo4j/server.py stop HOME    asks it to stop, and forces it after half a minute
    python tests/neo4j/server.py kill HOME    as a crash does
    python tests/neo4j/server.py import HOME FOLDER    before its first start: what `icsgraph export
                                              neo4j` wrote to a folder, by neo4j-admin itself

HOME is the folder of its data, made if it is not there and kept. The user is neo4j, the password
that of $NEO4J_PASSWORD, otherwise `icsgraph-tests`. $NEO4J_LIB is another folder of jars, which
Maven fills with those of $NEO4J_VERSION; $NEO4J_JAVA another Java; $NEO4J_JIT the options of its
compiler (empty for measurements); $NEO4J_HEAP its memory; $NEO4J_SETTINGS more lines of neo4j.conf.
Nothing but Python's own library is imported.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PASSWORD = "icsgraph-tests"
MISSING = 4
BRINGS_THEM = "apt-get install --yes openjdk-17-jdk-headless maven"
SECONDS_TO_START = 120
SECONDS_TO_STOP = 30
# By default LOAD CSV reads local files even in a session that only reads: both ways are closed.
CONFIGURATION = """\
server.default_listen_address=127.0.0.1
server.bolt.enabled=true
server.bolt.listen_address=127.0.0.1:0
server.bolt.tls_level=DISABLED
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size=256m
server.directories.import={home}/import
db.memory.transaction.total.max=512m
db.tx_log.rotation.retention_policy=keep_none
db.tx_log.rotation.size=16m
dbms.usage_report.enabled=false
dbms.security.auth_enabled=true
dbms.security.auth_max_failed_attempts=1000
dbms.security.allow_csv_import_from_file_urls=false
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
internal.server.bolt.thread_pool_shutdown_wait_time=100ms
{more}
"""
OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")


def require_java_and_maven() -> None:
    """Leave with exit code 4, and the one command that would bring it, if what is needed to fetch
    and start a server is not here."""
    java = os.environ.get("NEO4J_JAVA", "java")
    lacking = [name for name in (java, "mvn") if shutil.which(name) is None]
    if lacking and not (_jars_are_here() and lacking == ["mvn"]):
        print(f"no {' and no '.join(lacking)} for a Neo4j server; to get one: {BRINGS_THEM}")
        raise SystemExit(MISSING)


def start(home: Path) -> str:
    """Start a server on a folder and wait until it takes work; its address."""
    home = home.resolve()
    library = _jars()
    for name in ("conf", "run", "logs", "data", "plugins", "import"):
        (home / name).mkdir(parents=True, exist_ok=True)
    ready = home / "run" / "bolt"
    ready.unlink(missing_ok=True)
    text = CONFIGURATION.format(home=home.as_posix(), more=os.environ.get("NEO4J_SETTINGS", ""))
    (home / "conf" / "neo4j.conf").write_text(text, encoding="utf-8", newline="\n")
    environment = {"NEO4J_PASSWORD": PASSWORD, **os.environ}
    with (home / "logs" / "console.log").open("wb") as log:
        process = subprocess.Popen(
            _command(library, home),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (home / "run" / "pid").write_text(f"{process.pid}\n", encoding="utf-8", newline="\n")
    for _ in range(SECONDS_TO_START * 10):
        if ready.is_file():
            return f"bolt://{ready.read_text(encoding='utf-8').strip()}"
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.kill()
    said = (home / "logs" / "console.log").read_text(encoding="utf-8", errors="replace")
    raise SystemExit("The server did not start:\n" + "\n".join(said.splitlines()[-30:]))


def stop(home: Path, force: bool = False) -> None:
    """Stop the server of a folder by its process id, and wait until it is gone."""
    file = home / "run" / "pid"
    if not file.is_file():
        return
    process = int(file.read_text(encoding="utf-8"))
    hard = getattr(signal, "SIGKILL", signal.SIGTERM)
    _signal(process, hard if force else signal.SIGTERM)
    for _ in range(SECONDS_TO_STOP * 10):
        if not _runs(process):
            break
        time.sleep(0.1)
    else:
        _signal(process, hard)
    file.unlink(missing_ok=True)


def take_in(home: Path, folder: Path) -> None:
    """Make the database of a folder from bulk files, as the documentation of neo4j-admin says."""
    home, library = home.resolve(), _jars()
    (home / "conf").mkdir(parents=True)
    (home / "conf" / "neo4j.conf").write_text("", encoding="utf-8")
    command = [os.environ.get("NEO4J_JAVA", "java"), "-Xmx512m", "--add-opens"]
    command += [f"java.base/{OPENED[0]}=ALL-UNNAMED", "-cp", f"{library}{os.sep}*"]
    command += ["org.neo4j.cli.AdminTool", "database", "import", "full", "neo4j"]
    environment = {**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    ran = subprocess.run(
        [*command, "@neo4j-admin.args"], cwd=folder, env=environment, capture_output=True, text=True
    )
    if ran.returncode:
        raise SystemExit(ran.stdout + ran.stderr)


def _command(library: Path, home: Path) -> list[str]:
    heap = os.environ.get("NEO4J_HEAP", "512m")
    just_in_time = os.environ.get("NEO4J_JIT", "-XX:TieredStopAtLevel=1").split()
    opened = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in OPENED]
    return [
        os.environ.get("NEO4J_JAVA", "java"),
        *(f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError"),
        *opened,
        "-Dio.netty.tryReflectionSetAccessible=true",
        *just_in_time,
        *("-cp", f"{library}{os.sep}*", str(HERE / "Neo4jTestServer.java"), str(home)),
    ]


def _jars_are_here() -> bool:
    return (Path(os.environ.get("NEO4J_LIB", HERE / "target" / "lib")) / "ready").is_file()


def _jars() -> Path:
    """The folder of jars; Maven fills it if it is not there."""
    library = Path(os.environ.get("NEO4J_LIB", HERE / "target" / "lib"))
    if not _jars_are_here():
        command = [_found("mvn"), "-B", "-q", "-f", str(HERE / "pom.xml"), "package"]
        command += [f"-Dlib={library}"]
        if version := os.environ.get("NEO4J_VERSION"):
            command += [f"-Dneo4j.version={version}"]
        subprocess.run(command, check=True, stdout=sys.stderr, stdin=subprocess.DEVNULL)
        (library / "ready").write_text("", encoding="utf-8")
    return library


def _found(name: str) -> str:
    """A command's file: on Windows Maven is a .cmd, which is not started by its bare name."""
    return shutil.which(name) or name


def _signal(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def _runs(process: int) -> bool:
    """Whether a process runs; one that ended and was not waited for is waited for here."""
    if os.name == "nt":
        listed = subprocess.run(
            ["tasklist", "/FI", f"PID eq {process}"], capture_output=True, text=True, check=False
        )
        return str(process) in listed.stdout
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(process, os.WNOHANG) == (0, 0)
    state = Path(f"/proc/{process}/stat")
    if Path("/proc/self/stat").is_file():
        with contextlib.suppress(OSError):
            return state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    """Do what the command line says."""
    match sys.argv[1:]:
        case ["start", home]:
            require_java_and_maven()
            print(start(Path(home)))
        case ["stop", home]:
            stop(Path(home))
        case ["kill", home]:
            stop(Path(home), force=True)
        case ["import", home, folder]:
            require_java_and_maven()
            take_in(Path(home), Path(folder))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
