#!/usr/bin/env python3
"""Each check refuses a bad sample and lets a good one pass: a check that cannot fail protects nothing."""
import json
import os
import pathlib
import subprocess
import tempfile
import textwrap
import unittest

CHECKS = pathlib.Path(__file__).resolve().parent
LAYERS = """
    # room: rooms | headers
    base:   | fmt posix
    domain: base | fmt
    net:    base | boost/asio zlib.h
"""


class CheckTest(unittest.TestCase):
    """Makes a small tree in a fresh folder and runs a check on it."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        subprocess.run(["git", "init", "-q"], cwd=self.root, check=True)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
        return path

    def check(self, name, *options):
        environment = {k: v for k, v in os.environ.items() if k != "CI"}
        result = subprocess.run([CHECKS / name, "--root", self.root, *options], capture_output=True, text=True,
                                check=False, env=environment)
        self.assertEqual(result.stderr, "")
        return result.returncode, result.stdout

    def assert_clean(self, name, *options):
        status, output = self.check(name, *options)
        self.assertEqual((status, output.count("\n")), (0, 1), output)

    def assert_refused(self, name, where, *options):
        status, output = self.check(name, *options)
        self.assertEqual(status, 1, output)
        self.assertIn(where, output)


class Format(CheckTest):
    def test_layout(self):
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write("src/base/a.h", "int a();\n")
        self.assert_clean("format")
        self.write("src/base/a.h", "int b();\nint   a( );\n")
        self.assert_refused("format", "src/base/a.h:2:")
        self.check("format", "--fix")
        self.assert_clean("format")


class Layers(CheckTest):
    def setUp(self):
        super().setUp()
        self.write("layers.txt", LAYERS)
        self.write("src/base/a.h", '#include <unistd.h>\n#include <vector>\n#include <fmt/format.h>\n')
        self.write("src/domain/b.h", '#include "base/a.h"\n')
        self.write("src/net/c.cc", '#include <boost/asio/post.hpp>\n#include <zlib.h>\n#include <stdint.h>\n')

    def test_good_tree(self):
        self.assert_clean("layers")

    def test_unlisted_room(self):
        self.write("src/base/up.h", '#pragma once\n#include "domain/b.h"\n')
        self.assert_refused("layers", "src/base/up.h:2: `base` may not include `domain`")

    def test_unlisted_third_party_header(self):
        self.write("src/domain/d.h", "#include <boost/asio/post.hpp>\n")
        self.assert_refused("layers", "src/domain/d.h:1: `domain` may not include <boost/asio/post.hpp>")

    def test_longer_name_is_no_prefix(self):
        self.write("src/net/d.h", "#include <boost/asiox.hpp>\n")
        self.assert_refused("layers", "src/net/d.h:1:")

    def test_posix_header_where_it_is_not_listed(self):
        self.write("src/domain/d.h", "#include <sys/socket.h>\n")
        self.assert_refused("layers", "src/domain/d.h:1:")

    def test_room_without_a_line(self):
        self.write("src/misplaced/d.h", "int d();\n")
        self.assert_refused("layers", "src/misplaced/d.h:1:")

    def test_include_beside_the_file(self):
        self.write("src/base/d.cc", '#include "a.h"\n')
        self.assert_refused("layers", 'write it from src/: #include "base/a.h"')

    def test_missing_file(self):
        self.write("src/base/d.cc", '#include "base/gone.h"\n')
        self.assert_refused("layers", "src/base/d.cc:1: there is no file")

    def test_cycle_of_files(self):
        self.write("src/base/x.h", '#include "base/y.h"\n')
        self.write("src/base/y.h", '#include "base/x.h"\n')
        self.assert_refused("layers", "src/base/x.h -> src/base/y.h -> src/base/x.h")

    def test_cycle_of_rooms(self):
        self.write("layers.txt", LAYERS.replace("base:   |", "base: domain |"))
        self.assert_refused("layers", "rooms in a cycle: base -> domain -> base")

    def test_product_code_uses_no_test_framework(self):
        self.write("src/base/a.cc", "#include <gtest/gtest.h>\n")
        self.assert_refused("layers", "src/base/a.cc:1:")

    def test_tests_put_real_parts_together(self):
        self.write("src/base/fake_a.h", '#include <boost/asio/post.hpp>\n')
        self.write("src/base/a_test.cc", '#include "domain/b.h"\n#include <gtest/gtest.h>\n')
        self.assert_clean("layers")


class Headers(CheckTest):
    def test_header_alone(self):
        self.write("src/base/good.h", "#pragma once\n#include <string>\ninline std::string name() { return {}; }\n")
        self.assert_clean("headers")
        self.write("src/base/bad.h", "#pragma once\nstd::string title();\n")
        self.assert_refused("headers", "src/base/bad.h:2:")
        self.write("src/base/bad.h", "#pragma once\n#include <string>\nstd::string title();\n")
        self.assert_clean("headers")

    def test_header_without_guard(self):
        self.write("src/base/twice.h", "struct Twice {};\n")
        self.assert_refused("headers", "src/base/twice.h:1:")

    def test_what_was_clean_is_seen_again_when_what_it_includes_changes(self):
        self.write("src/base/inner.h", "#pragma once\nusing Number = int;\n")
        self.write("src/base/outer.h", '#pragma once\n#include "base/inner.h"\nNumber number();\n')
        self.assert_clean("headers")
        self.write("src/base/inner.h", "#pragma once\nusing Digit = int;\n")
        self.assert_refused("headers", "src/base/outer.h:3:")


def function_of(lines, head="int f() {"):
    return "\n".join([head, *["  g();"] * (lines - 3), "  return 0;", "}"]) + "\n"


class Sizes(CheckTest):
    def test_function_length(self):
        self.write("src/base/a.cc", function_of(60))
        self.assert_clean("sizes")
        self.write("src/base/a.cc", "\n" + function_of(61, "int Room::f(int x) const noexcept {"))
        self.assert_refused("sizes", "src/base/a.cc:1: f has 61 lines")

    def test_functions_are_found_where_they_hide(self):
        for head in ("Room::Room(int x) : a_{x}, b_(x) {", "auto f() -> std::vector<int> {", "~Room() override {",
                     "template <class T> requires(sizeof(T) > 1) void f(T x) {", "bool operator==(const A& b) const {",
                     "namespace a { class B final : public C { void f(std::map<int, int> x = {}) {"):
            tail = "}; }\n" if head.startswith("namespace") else ""
            self.write("src/base/a.cc", function_of(61, head) + tail)
            self.assert_refused("sizes", "has 61 lines")

    def test_tables_and_classes_are_no_functions(self):
        rows = "\n".join(['  {"a", 1},'] * 100)
        methods = "\n".join(["  void f() { g(); }"] * 100)
        self.write("src/base/a.cc", f"const Row kRows[] = {{\n{rows}\n}};\nclass A {{\n public:\n{methods}\n}};\n"
                   f'const char* kText = R"({{\n{rows}\n)";\n')
        self.assert_clean("sizes")

    def test_paths(self):
        self.write("src/base/a.cc", "int f(int x) {\n" + "  if (x) x++;\n" * 14 + "  return x; // if if if\n}\n")
        self.assert_clean("sizes")
        self.write("src/base/a.cc", "int f(int x) {\n" + "  if (x) x++;\n" * 15 + "  return x;\n}\n")
        self.assert_refused("sizes", "f has 16 paths")

    def test_file_length(self):
        self.write("src/base/a.h", "int x;\n" * 401)
        self.assert_refused("sizes", "src/base/a.h:1: 401 lines")
        self.write("src/base/a.h", "// Long because it is one table.\n" + "int x;\n" * 401)
        self.assert_clean("sizes")


class Words(CheckTest):
    def refused(self, name, text):
        path = self.write(name, text)
        self.assert_refused("words", f"{name}:1:")
        path.unlink()

    def test_bad_words(self):
        self.refused("scripts/get", "curl https://" + "registry." + "npmjs.org/x\n")
        self.refused("docs/a.md", "See /" + "work/main/x.\n")
        self.refused("src/base/a.cc", "// TO" + "DO: later\n")
        self.refused("src/base/a.cc", "class Model" + "Manager {\n")
        self.refused("src/base/a.cc", "#include <" + "format>\n")
        self.refused("src/base/a.cc", 'open("/' + 'tmp/x");\n')
        self.refused("src/base/a.h", "using namespace std;\n")
        self.refused("src/" + "utils/a.cc", "int x;\n")

    def test_good_words(self):
        self.write("src/base/a.cc", "#include <fmt/format.h>\nclass ManagerOf {};\nusing namespace std::literals;\n")
        self.write("src/base/a_test.cc", 'auto path = "/home/ada/models";\n')
        self.write("docs/a.md", "Put it into ~/work/models or $HOME/root/ and see build/work/x.\n")
        self.assert_clean("words")


class Scripts(CheckTest):
    def test_scripts(self):
        good = self.write("scripts/a", "#!/usr/bin/env bash\necho a\n")
        self.assert_refused("scripts", "scripts/a:1: is not executable")
        good.chmod(0o755)
        self.assert_clean("scripts")
        self.write("scripts/a", "#!/usr/bin/env bash\nif true; then\n")
        self.assert_refused("scripts", "scripts/a:1: does not parse")
        self.write("scripts/a", "#!/usr/bin/env python3\nprint(\n")
        self.assert_refused("scripts", "does not parse")


class Tidy(CheckTest):
    def setUp(self):
        super().setUp()
        self.write(".clang-tidy", (CHECKS.parents[1] / ".clang-tidy").read_text())

    def compile_commands(self, *names):
        entries = [{"directory": str(self.root), "file": name, "command": f"clang++-19 -std=c++23 -Isrc -c {name}"}
                   for name in names]
        self.write("build/dev/compile_commands.json", json.dumps(entries))

    def test_use_after_move(self):
        body = "int f(std::string a) {\n  std::string b = std::move(a);\n  return (int)(b.size() + %s.size());\n}\n"
        include = "#include <string>\n#include <utility>\n"
        self.compile_commands("src/base/a.cc")
        self.write("src/base/a.cc", include + body % "b")
        self.assert_clean("tidy", "--all")
        self.write("src/base/a.cc", include + body % "a")
        self.assert_refused("tidy", "src/base/a.cc:5: 'a' used after it was moved [bugprone-use-after-move]", "--all")

    def test_missing_build(self):
        self.write("src/base/a.cc", "int x;\n")
        self.assert_refused("tidy", "compile_commands.json:1: is missing")


if __name__ == "__main__":
    unittest.main()
