"""examples/deploy without a container engine: the files parse, agree with each other and with the
server, and name only what exists."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import peers
from server_process import ServerProcess

DEPLOY = "examples/deploy"
TIMEOUT_S = 60
# A number, or 30s, 2m, 1h.
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}

_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def read(name):
    with open(os.path.join(DEPLOY, name), encoding="utf-8") as source:
        return source.read()


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)([smh]?)", text).groups()
    return int(number) * SECONDS[unit]


def mebibytes(text):
    """Of 160MiB as the server writes it, or 512Mi as Kubernetes does."""
    return int(re.fullmatch(r"(\d+)MiB?", text).group(1))


def run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=TIMEOUT_S, check=False, **options)


class DeployTest(unittest.TestCase):
    def check_environment(self, environment):
        """The server takes these variables; what it would run with, by option."""
        self.assertTrue(environment)
        result = run(SERVER, "--print-config", env=environment)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for name in environment:
            self.assertIn("# %s\n" % name, result.stdout)
        return dict(re.findall(r"^([\w-]+) = (\S+) +#", result.stdout, re.MULTILINE))


class KubernetesTest(DeployTest):
    def setUp(self):
        self.objects = {o["kind"]: o for o in yaml.safe_load_all(read("kubernetes.yaml"))}
        self.pod = self.objects["Deployment"]["spec"]["template"]
        self.container, = self.pod["spec"]["containers"]
        self.ports = {p["name"]: p["containerPort"] for p in self.container["ports"]}

    def test_selectors_choose_the_pods(self):
        labels = self.pod["metadata"]["labels"]
        for selector in (self.objects["Deployment"]["spec"]["selector"]["matchLabels"],
                         self.objects["Service"]["spec"]["selector"],
                         self.objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]):
            self.assertTrue(selector)
            self.assertLessEqual(selector.items(), labels.items())

    def test_ports_are_those_that_the_server_listens_on(self):
        options = self.check_environment({v["name"]: v["value"] for v in self.container["env"]})
        self.assertEqual(options["listen"], "[::]:%d" % self.ports["grpc"])
        self.assertEqual(options["admin"], "[::]:%d" % self.ports["admin"])
        for port in self.objects["Service"]["spec"]["ports"]:
            self.assertEqual(self.ports[port["targetPort"]], port["port"])
        for rule in self.objects["NetworkPolicy"]["spec"]["ingress"]:
            for port in rule["ports"]:
                self.assertIn(port["port"], self.ports.values())
        annotations = self.pod["metadata"]["annotations"]
        self.assertEqual(annotations["prometheus.io/port"], str(self.ports["admin"]))

    def test_clients_see_every_pod(self):
        self.assertEqual(self.objects["Service"]["spec"]["clusterIP"], "None")

    def test_probes_ask_ports_that_answer_them(self):
        for probe in ("startupProbe", "readinessProbe"):
            self.assertEqual(self.container[probe]["grpc"]["port"], self.ports["grpc"])
        liveness = self.container["livenessProbe"]["httpGet"]
        self.assertEqual(liveness["port"], "admin")
        with ServerProcess([SERVER, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]) as server:
            admin = re.search(r"admin (http://\S+?);", " ".join(server.output)).group(1)
            with _open(admin + liveness["path"], timeout=TIMEOUT_S) as answer:
                self.assertEqual(answer.status, 200)

    def test_the_grace_is_longer_than_what_happens_in_it(self):
        options = self.check_environment({v["name"]: v["value"] for v in self.container["env"]})
        sleep, pause_s = self.container["lifecycle"]["preStop"]["exec"]["command"]
        self.assertEqual(sleep, "sleep")
        needed_s = int(pause_s) + seconds(options["drain-delay"]) + seconds(options["drain-grace"])
        self.assertGreater(self.pod["spec"]["terminationGracePeriodSeconds"], needed_s)

    def test_strangers_cannot_have_it_killed_for_its_memory(self):
        options = self.check_environment({v["name"]: v["value"] for v in self.container["env"]})
        limits = self.container["resources"]["limits"]
        shards_mib = int(limits["cpu"]) * mebibytes(options["shard-memory-bytes-max"])
        self.assertGreater(shards_mib, 0)
        # A third for what is not counted: OpenSSL's, the handlers' own, the program.
        self.assertLessEqual(shards_mib * 3, mebibytes(limits["memory"]) * 2)

    def test_it_is_nobody_and_stays_so(self):
        security = self.pod["spec"]["securityContext"]
        self.assertTrue(security["runAsNonRoot"])
        self.assertIn("USER %d:%d\n" % (security["runAsUser"], security["runAsGroup"]),
                      read("Dockerfile"))
        self.assertFalse(self.container["securityContext"]["allowPrivilegeEscalation"])


class DockerfileTest(DeployTest):
    def packages_of(self, text):
        """What each apt-get of it installs."""
        joined = text.replace("\\\n", " ")
        return [set(found.split()) for found in re.findall(
            r"apt-get install -y --no-install-recommends (.*?)&&", joined)]

    def test_it_installs_what_setup_does_to_build(self):
        with open("tools/setup", encoding="utf-8") as source:
            listed = re.search(r"BUILD_PACKAGES=\((.*?)\)", source.read(), re.DOTALL).group(1)
        self.assertEqual(self.packages_of(read("Dockerfile"))[0], set(listed.split()))

    def test_the_libraries_of_the_server_are_installed(self):
        with open("/etc/os-release", encoding="utf-8") as source:
            if 'VERSION_CODENAME=bookworm' not in source.read():
                self.skipTest("packages have Debian 12's names")
        installed = self.packages_of(read("Dockerfile"))[1]
        needed = set()
        for library in re.findall(r"=> /(?:usr/)?lib/\S+/(\S+)", run("ldd", SERVER).stdout):
            owner = run("dpkg-query", "-S", "*/" + library).stdout
            owners = set(re.findall(r"^([^:\s]+)", owner, re.MULTILINE))
            self.assertTrue(owners, library)
            needed.add(tuple(sorted(owners)))
        # Every image of Debian has these.
        there = installed | {"libc6", "libgcc-s1"}
        for owners in needed:
            self.assertTrue(there.intersection(owners), owners)

    def test_what_it_builds_exists_and_its_variables_are_options(self):
        text = read("Dockerfile")
        package = re.search(r"^ARG PACKAGE=(\S+)$", text, re.MULTILINE).group(1)
        self.assertTrue(SERVER.endswith("/%s/server" % package), SERVER)
        self.assertIn('bazel build --config=opt "//$PACKAGE:server"', text)
        variables = dict(re.findall(r"^ENV (\w+)=(\S+)$", text, re.MULTILINE))
        options = self.check_environment(variables)
        self.assertIn("EXPOSE " + options["listen"].rsplit(":", 1)[1], text)


class SystemdTest(DeployTest):
    def test_the_units_are_good_and_the_variables_are_options(self):
        service = read("greeter.service")
        options = self.check_environment(
            dict(re.findall(r"^Environment=(PENSTOCK_\w+)=(\S+)$", service, re.MULTILINE)))
        name = options["listen"].removeprefix("systemd:")
        self.assertIn("FileDescriptorName=%s\n" % name, read("greeter.socket"))
        stop_s = int(re.search(r"^TimeoutStopSec=(\d+)$", service, re.MULTILINE).group(1))
        needed_s = seconds(options["drain-delay"]) + seconds(options["drain-grace"])
        self.assertGreater(stop_s, needed_s)
        # While it drains new connections wait in the socket, and clients give up after 20 s.
        self.assertLess(needed_s, 20)
        self.assertGreater(mebibytes(options["shard-memory-bytes-max"]), 0)

    def test_systemd_finds_nothing_wrong(self):
        analyze = peers.find("systemd-analyze", "systemd")
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(os.path.join(DEPLOY, "greeter.socket"), folder)
            units = [os.path.join(folder, name) for name in ("greeter.socket", "greeter.service")]
            with open(units[1], "w", encoding="utf-8") as out:
                out.write(re.sub(r"ExecStart=\S+", "ExecStart=" + SERVER, read("greeter.service")))
            result = run(analyze, "verify", *units)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_the_filter_has_io_uring(self):
        analyze = peers.find("systemd-analyze", "systemd")
        name = re.search(r"^SystemCallFilter=(@\S+)$", read("greeter.service"),
                         re.MULTILINE).group(1)
        allowed = self.calls_of(analyze, name)
        for call in ("io_uring_setup", "io_uring_enter", "io_uring_register"):
            self.assertIn(call, allowed)

    def calls_of(self, analyze, name):
        calls = set()
        for word in re.findall(r"^ +(@?[\w-]+)$", run(analyze, "syscall-filter", name).stdout,
                               re.MULTILINE):
            calls.update(self.calls_of(analyze, word) if word.startswith("@") else [word])
        return calls


class GrafanaTest(DeployTest):
    def setUp(self):
        board = json.loads(read("grafana.json"))
        self.expressions = [target["expr"] for panel in board["panels"]
                            for target in panel["targets"]]
        self.assertGreaterEqual(len(self.expressions), 10)

    def exported(self):
        with ServerProcess([SERVER, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]) as server:
            admin = re.search(r"admin (http://\S+?);", " ".join(server.output)).group(1)
            with _open(admin + "/metrics", timeout=TIMEOUT_S) as answer:
                page = answer.read().decode()
        names = set()
        for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE):
            suffixes = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
            names.update(name + suffix for suffix in suffixes)
        return names

    def test_queries_name_what_the_server_exports(self):
        exported = self.exported()
        for expression in self.expressions:
            named = re.findall(r"\b((?:grpc|penstock|process)_\w+)\{", expression)
            self.assertTrue(named, expression)
            self.assertLessEqual(set(named), exported, expression)

    def test_prometheus_reads_the_queries(self):
        promtool = peers.find("promtool", "prometheus")
        rules = [{"record": "query:%d" % i, "expr": e.replace("$__rate_interval", "5m")}
                 for i, e in enumerate(self.expressions)]
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as out:
            json.dump({"groups": [{"name": "board", "rules": rules}]}, out)
            out.flush()
            result = run(promtool, "check", "rules", out.name)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == "__main__":
    SERVER = os.path.abspath(sys.argv.pop(1))
    try:
        import yaml
    except ImportError:
        peers.skip("PyYAML is not installed: on Debian or Ubuntu: apt install python3-yaml")
    unittest.main()
