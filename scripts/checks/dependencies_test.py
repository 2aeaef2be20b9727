#!/usr/bin/env python3
"""What scripts/deps brought is there, is the pinned version, and is accounted for in THIRD_PARTY.md."""
import json
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPS = ROOT / "build" / "deps"


def output_of(*command):
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
    return result.stdout + result.stderr


def locks():
    return {path: json.loads(path.read_text())["packages"] for path in sorted(ROOT.glob("scripts/npm/*/package-lock.json"))}


class Present(unittest.TestCase):
    def test_engine_is_the_pinned_release_and_loads_its_libraries(self):
        self.assertIn("version: 0.5.0", output_of(DEPS / "llama/bin/llama-server", "--version"))

    def test_engine_finds_its_libraries_beside_itself_alone(self):
        libraries = output_of("ldd", DEPS / "llama/bin/llama-server")
        for name in ("libllama-common.so", "libllama.v0.5.0.so", "libggml.v0.5.0.so", "libggml-base.so"):
            self.assertRegex(libraries, rf"{name} => {DEPS}/llama/bin/")

    def test_node_is_new_enough(self):
        major = int(output_of(DEPS / "node/bin/node", "--version").strip().lstrip("v").split(".")[0])
        self.assertGreaterEqual(major, 22)

    def test_installed_npm_packages_are_the_locked_ones(self):
        base = locks()[ROOT / "scripts/npm/base/package-lock.json"]
        for place, entry in base.items():
            if place:
                installed = json.loads((DEPS / "npm" / place / "package.json").read_text())
                self.assertEqual(installed["version"], entry["version"], place)

    def test_a_second_run_has_nothing_to_do(self):
        self.assertEqual(output_of(ROOT / "scripts/deps", "--check"), "")


class Pinned(unittest.TestCase):
    def test_every_npm_package_has_a_version_and_a_checksum_and_no_host(self):
        for path, packages in locks().items():
            for place, entry in packages.items():
                self.assertNotIn("resolved", entry, f"{path}: {place}")
                if place:
                    self.assertTrue(entry["integrity"].startswith("sha512-"), f"{path}: {place}")

    def test_third_party_names_every_package(self):
        text = (ROOT / "THIRD_PARTY.md").read_text()
        names = {place.removeprefix("node_modules/") for packages in locks().values() for place in packages if place}
        names.update(output_of(ROOT / "scripts/deps", "--list").split())
        self.assertEqual([name for name in sorted(names) if f"`{name}`" not in text], [])


if __name__ == "__main__":
    unittest.main()
