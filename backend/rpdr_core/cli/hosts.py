"""`rpdr host`: other machines to train on, over ssh."""

from __future__ import annotations

import click
import msgspec

from rpdr_core.cli.options import JSON, print_json
from rpdr_core.errors import NotAllowedError
from rpdr_core.protocol.run_messages import Cluster, HostInfo, Launcher
from rpdr_core.workflow.hosts import (
    COMMAND,
    Host,
    add_host,
    confirm_key,
    connect,
    fetch_key,
    find_host,
    list_hosts,
    remove_host,
)
from rpdr_core.workflow.runs import describe_host

_GIB = 2**30


@click.group("host")
def host_group() -> None:
    """Machines to train on, over ssh."""


@host_group.command("add")
@click.argument("name")
@click.argument("destination")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Where it is not ssh's own.")
@click.option("--identity", default="", help="Private key file (default: ssh's own, and the agent's).")
@click.option("--ssh-config", "config", default="", help="Another configuration file of ssh, or none.")
@click.option("--command", default=COMMAND, show_default=True, help="What becomes the worker there.")
@click.option("--launcher", type=click.Choice(["process", "slurm"]), default="process", show_default=True)
@click.option("--partition", default="", help="SLURM partition.")
@click.option("--account", default="", help="SLURM account.")
@click.option("--gpus", default=1, show_default=True, help="GPUs of a SLURM job.")
@click.option("--minutes", default=240, show_default=True, help="Time limit of a SLURM job; it is queued again after.")
@click.option("--fingerprint", default="", help="The key's fingerprint (SHA256:..) as its administrator told it.")
@click.option("--no-test", is_flag=True, help="Do not connect.")
@JSON
def add_command(
    name: str,
    destination: str,
    port: int,
    identity: str,
    config: str,
    command: str,
    launcher: Launcher,
    partition: str,
    account: str,
    gpus: int,
    minutes: int,
    fingerprint: str,
    no_test: bool,
    as_json: bool,
) -> None:
    """Add NAME, reached by ssh as DESTINATION ([USER@]HOST). Its key is shown and asked about once."""
    cluster = Cluster(partition, account, gpus, minutes=minutes)
    host = Host(name, destination, port, identity, config, command, launcher, cluster)
    key = fetch_key(host)
    if fingerprint:
        confirm_key(key, fingerprint)
    else:
        click.echo(f"The key of {destination} has the fingerprint {key.fingerprint}", err=True)
        if not click.confirm("Is it the one that its administrator told you?", err=True):
            raise NotAllowedError("the key was not confirmed; nothing was stored", hint="ask the administrator")
    add_host(host, key)
    if no_test:
        click.echo(f"host {name} is added; test it with: rpdr host test {name}", err=True)
    else:
        _test(host, as_json)


@host_group.command("list")
@JSON
def list_command(as_json: bool) -> None:
    """List the hosts."""
    hosts = list_hosts()
    if as_json:
        print_json(msgspec.to_builtins(hosts))
        return
    for host in hosts:
        port = f":{host.port}" if host.port else ""
        click.echo(f"{host.name}  {host.destination}{port}  {host.launcher}  {host.command}")


@host_group.command("test")
@click.argument("name")
@JSON
def test_command(name: str, as_json: bool) -> None:
    """Connect to NAME and show what it can train with."""
    _test(find_host(name), as_json)


@host_group.command("remove")
@click.argument("name")
@JSON
def remove_command(name: str, as_json: bool) -> None:
    """Forget NAME and its key. Its runs stay where they are."""
    remove_host(name)
    if as_json:
        print_json({"removed": name})


def _test(host: Host, as_json: bool) -> None:
    with connect(host) as worker:
        info = describe_host(worker)
    if as_json:
        print_json({"host": host.name, **msgspec.to_builtins(info)})
    else:
        _print(host, info)


def _print(host: Host, info: HostInfo) -> None:
    click.echo(f"{host.name}: {info.name}, {info.system}")
    click.echo(f"worker {info.worker}, Python {info.python}, {info.cores} cores, {info.memory / _GIB:.0f} GiB memory")
    click.echo(f"{info.disk_free / _GIB:.0f} GiB free on disk")
    for place, gpu in enumerate(info.gpus):
        total = f", {gpu.memory_free / _GIB:.0f} of {gpu.memory_total / _GIB:.0f} GiB free" if gpu.memory_total else ""
        click.echo(f"GPU {place}: {gpu.name}{total}")
    if not info.gpus:
        click.echo("no NVIDIA GPU")
    click.echo(", ".join(f"{name} {version}" for name, version in info.libraries.items()))
    for problem in problems(host, info):
        click.echo(f"missing: {problem}")
    if not problems(host, info):
        click.echo(f"ready: it trains on {info.trains_on}")


def problems(host: Host, info: HostInfo) -> list[str]:
    """What keeps the host from training, in words with the cure."""
    found = []
    if info.missing:
        found.append(f'{", ".join(info.missing)} (there: pip install "rpdr-desk[worker]")')
    if info.trouble and not info.missing:
        found.append(info.trouble)
    if host.launcher == "slurm" and not info.slurm:
        found.append("sbatch: this host is no SLURM login node")
    if host.launcher == "slurm" and "submitit" not in info.libraries:
        found.append('submitit (there: pip install "rpdr-desk[cluster]")')
    return found
