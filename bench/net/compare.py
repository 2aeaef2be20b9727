#!/usr/bin/env python3
"""CPU per proxied request of net_proxy beside nginx's proxy_pass, in one run on one machine.

    compare.py NET_PROXY [--seconds S] [--rounds N]

An nginx of its own plays the upstream; a second one, with keep-alive to it, is the measure. Both proxies run on one
core's worth of threads (one worker, one loop). wrk drives them in turns; the CPU time is what /proc/PID/stat says.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
ANSWER = json.dumps({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
    {"index": 0, "message": {"role": "assistant", "content": "x" * 400}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 100, "total_tokens": 110}})
QUESTION = json.dumps({"model": "m", "messages": [{"role": "user", "content": "y" * 550}]})


def nginx_configuration(folder, name, server):
    return f"""
worker_processes 1;
error_log {folder}/{name}.log crit;
pid {folder}/{name}.pid;
daemon off;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/{name}_body;
  proxy_temp_path {folder}/{name}_proxy;
  fastcgi_temp_path {folder}/{name}_f; uwsgi_temp_path {folder}/{name}_u; scgi_temp_path {folder}/{name}_s;
  {server}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"nothing listens on port {port}")


def start_nginx(folder, name, server):
    path = pathlib.Path(folder) / f"{name}.conf"
    path.write_text(nginx_configuration(folder, name, server))
    return subprocess.Popen(["nginx", "-c", str(path), "-p", folder], stderr=subprocess.DEVNULL)


def cpu_seconds(pid):
    """Of the process and its children."""
    total = 0
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in [pid, *children]:
        fields = pathlib.Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def drive(pid, port, connections, seconds, script):
    before = cpu_seconds(pid)
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script,
                          f"http://127.0.0.1:{port}/v1/chat/completions"], capture_output=True, text=True, check=True)
    used = cpu_seconds(pid) - before
    requests = int(re.search(r"(\d+) requests in", out.stdout).group(1))
    errors = re.search(r"(Non-2xx.*|Socket errors.*)", out.stdout)
    if errors:
        print("  ", errors.group(1))
    p99 = re.search(r"99%\s+(\S+)", out.stdout).group(1)
    return used / requests * 1e6, p99, requests / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("net_proxy")
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        upstream, measured, ours = free_port(), free_port(), free_port()
        script = pathlib.Path(folder) / "post.lua"
        script.write_text(f'wrk.method = "POST"\nwrk.body = [[{QUESTION}]]\n'
                          'wrk.headers["Content-Type"] = "application/json"\n')
        started = [
            start_nginx(folder, "upstream", f"""server {{ listen 127.0.0.1:{upstream};
              location / {{ default_type application/json; return 200 '{ANSWER}'; }} }}"""),
            start_nginx(folder, "proxy", f"""upstream mock {{ server 127.0.0.1:{upstream}; keepalive 512;
              keepalive_requests 100000000; }}
              server {{ listen 127.0.0.1:{measured}; location / {{ proxy_pass http://mock; proxy_http_version 1.1;
              proxy_set_header Connection ""; }} }}"""),
            subprocess.Popen([chosen.net_proxy, str(ours), str(upstream)])]
        try:
            for port in (upstream, measured, ours):
                wait_for(port)
            for connections in (1, 64, 256):
                cost = {"nginx": [], "net": []}
                for _ in range(chosen.rounds):
                    for name, process, port in (("nginx", started[1], measured), ("net", started[2], ours)):
                        micros, p99, rate = drive(process.pid, port, connections, chosen.seconds, str(script))
                        cost[name].append(micros)
                        print(f"  {connections:4} {name:6} {micros:6.1f} us/request  p99 {p99:8} {rate:8.0f}/s")
                ratio = statistics.median(cost["net"]) / statistics.median(cost["nginx"])
                print(f"{connections:4} connections: {ratio:.2f} of nginx")
        finally:
            for process in started:
                process.send_signal(signal.SIGTERM)
            for process in started:
                process.wait()


if __name__ == "__main__":
    main()
