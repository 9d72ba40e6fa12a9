"""Tests of tools/tidy: each rule finds what it is for, and leaves alone what it is not for."""

import io
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cpp_text  # noqa: E402  (beside this file)
import run  # noqa: E402
import tree as tree_of  # noqa: E402


def tree(files):
    return tree_of.Tree(
        [tree_of.File(p, c if isinstance(c, bytes) else c.encode()) for p, c in files.items()])


def rules_found(files):
    """["path:line rule", ...] for a tree of {path: content}."""
    return ["%s:%d %s" % (f.path, f.line, f.rule) for f in run.check(tree(files))]


def header(path, body):
    guard = "PENSTOCK_" + path.upper().replace("/", "_").replace(".", "_") + "_"
    return "#ifndef %s\n#define %s\n%s\n#endif  // %s\n" % (guard, guard, body, guard)


class RuleCase(unittest.TestCase):
    def check_table(self, rule, cases):
        """cases: (name, {path: content}, lines found in the first path)."""
        for name, files, want in cases:
            with self.subTest(name):
                path = next(iter(files))
                found = [f for f in rules_found(files) if f.endswith(" " + rule)]
                self.assertEqual(found, ["%s:%d %s" % (path, line, rule) for line in want])


class FloorTest(RuleCase):
    def test_includes_go_down_only(self):
        def including(path, what):
            return {path: '#include "penstock/%s"\n' % what}

        self.check_table("floor", [
            ("own folder", including("http2/a.cc", "http2/b.h"), []),
            ("lower", including("server/a.cc", "wire/b.h"), []),
            ("higher", including("wire/a.cc", "http2/b.h"), [1]),
            ("one floor", including("http2/a.cc", "codec/b.h"), [1]),
            ("server includes client", including("server/a.cc", "client/b.h"), [1]),
            ("client includes server", including("client/a.cc", "server/b.h"), [1]),
            ("an example includes both", {"examples/x/a.cc": (
                '#include "penstock/client/b.h"\n#include "penstock/server/b.h"\n')}, []),
            ("loadtest includes examples", including("loadtest/a.cc", "examples/x/b.h"), [1]),
            ("tests include all", including("tests/sim/a.cc", "server/b.h"), []),
            ("a library includes tests", including("rpc/a.cc", "tests/sim/b.h"), [1]),
            ("the compiler includes its library", including("tools/x/a.cc", "codec/b.h"), []),
            ("a folder without a floor", including("rpc/a.cc", "extras/b.h"), [1]),
            ("a unit test keeps to its floor", including("http2/a_test.cc", "rpc/b.h"), [1]),
            ("in a comment", {"wire/a.cc": '/*\n#include "penstock/rpc/b.h"\n*/\n'}, []),
            ("in code that is generated", {
                "codec/a.cc": 'auto x = R"(\n#include "penstock/rpc/b.h"\n)";\n'}, []),
        ])

    def test_own_headers_are_included_by_their_full_path(self):
        self.check_table("include-path", [
            ("from the root", {"rpc/a.cc": '#include "wire/b.h"\n',
                               "wire/b.h": header("wire/b.h", "")}, [1]),
            ("beside it", {"wire/a.cc": '#include "b.h"\n',
                           "wire/b.h": header("wire/b.h", "")}, [1]),
            ("of another library", {"wire/a.cc": '#include "absl/b.h"\n'}, []),
        ])

    def test_deps_keep_to_the_floors(self):
        def deps(path, text):
            return {path: 'penstock_library(\n    name = "x",\n    deps = [%s],\n)\n' % text}

        self.check_table("floor-link", [
            ("down", deps("rpc/BUILD.bazel", '"//wire:bytes", "//third_party:gtest"'), []),
            ("up", deps("rpc/BUILD.bazel", '"//server:server"'), [3]),
            ("http2 links tls", deps("http2/BUILD.bazel", '"//wire:tls"'), [3]),
            ("codec links compress", deps("codec/BUILD.bazel", '"//wire:compress"'), [3]),
            ("rpc links tls", deps("rpc/BUILD.bazel", '"//wire:tls"'), []),
            ("wire's own bytes link tls", deps("wire/BUILD.bazel", '":tls"'), [3]),
            ("visibility is no dependency", {"wire/BUILD.bazel": (
                'x(\n    name = "x",\n    visibility = ["//server:__pkg__"],\n)\n')}, []),
        ])


class CppTest(RuleCase):
    def test_file_length(self):
        self.check_table("file-length", [
            ("at the limit", {"wire/a.cc": "\n" * 500}, []),
            ("above it", {"wire/a.cc": "\n" * 501}, [1]),
            ("documents may be longer", {"docs/a.md": "\n" * 501}, []),
        ])

    def test_function_length(self):
        def body(count):
            return "  x();\n" * (count - 2)

        self.check_table("function-length", [
            ("at the limit", {"wire/a.cc": "void F() {\n%s}\n" % body(70)}, []),
            ("above it", {"wire/a.cc": "void F() {\n%s}\n" % body(71)}, [1]),
            ("a namespace may be longer",
             {"wire/a.cc": "namespace a {\n%s}\n" % ("void F() { x(); }\n" * 80)}, []),
            ("a class may be longer",
             {"wire/a.cc": "class alignas(16) A {\n%s};\n" % ("  void F() { x(); }\n" * 80)}, []),
            ("a method in a class",
             {"wire/a.cc": "class A {\n  int F() const {\n%s  }\n};\n" % body(71)}, [2]),
            ("behind member initialisers",
             {"wire/a.cc": "A::A(int x) : a_{x}, b_{2} {\n%s}\n" % body(71)}, [1]),
            ("a table is no function",
             {"wire/a.cc": "const T kTable[F(1)] = {\n%s};\n" % ("  {1},\n" * 80)}, []),
            ("a test's body", {"wire/a_test.cc": "TEST(A, IsSo) {\n%s}\n" % body(71)}, [1]),
            ("braces in text do not count",
             {"wire/a.cc": 'void F() { f("{", \'{\'); }  // {\n%s' % ("int x;\n" * 80)}, []),
            ("braces in macros do not count",
             {"wire/a.cc": "#define BEGIN {\nvoid F() {\n}\n%s" % ("int x;\n" * 80)}, []),
            ("in Python", {"tools/a.py": "def f():\n%s" % ("    x()\n" * 71)}, [1]),
        ])

    def test_include_guard(self):
        good = header("wire/a_b.h", "")
        self.check_table("include-guard", [
            ("spells the path", {"wire/a_b.h": good}, []),
            ("another's", {"wire/c.h": good}, [1]),
            ("missing", {"wire/a.h": "int x;\n"}, [1]),
            ("no name at the end", {"wire/a_b.h": good.replace("  // PENSTOCK_WIRE_A_B_H_", "")}, [4]),
            ("pragma once", {"wire/a.cc": "#pragma once\n"}, [1]),
            ("a user's workspace", {"tests/consumer/a.h": "#ifndef X\n#define X\n#endif\n"}, []),
        ])

    def test_type_names(self):
        self.check_table("type-name", [
            ("Manager", {"wire/a.cc": "class PoolManager {};\n"}, [1]),
            ("Impl in an alias", {"wire/a.cc": "using PollerImpl = X;\n"}, [1]),
            ("Info at the end", {"wire/a.cc": "struct PeerInfo {};\n"}, [1]),
            ("DATA is a frame of HTTP/2", {"http2/a.cc": "struct DataFrame {};\n"}, []),
            ("a 2 at the end", {"wire/a.cc": "class Cursor2 {};\n"}, [1]),
            ("part of a longer word", {"wire/a.cc": "class Implicit {};\n"}, []),
            ("in a comment", {"wire/a.cc": "// class Manager\n"}, []),
            ("a file", {"wire/string_utils.cc": "\n"}, [1]),
        ])

    def test_test_names(self):
        self.check_table("test-name", [
            ("a fact", {"wire/a_test.cc": "TEST(Varint, CutAnywhereItIsRefused) {}\n"}, []),
            ("underscores", {"wire/a_test.cc": "TEST_F(Varint, Is_Cut) {}\n"}, [1]),
            ("one word", {"wire/a_test.cc": "TEST(Varint, Works) {}\n"}, [1]),
            ("over two lines", {"wire/a_test.cc": "TEST(\n    Varint, Basic) {}\n"}, [2]),
        ])

    def test_sleeps_in_tests(self):
        self.check_table("test-sleep", [
            ("C++", {"rpc/a_test.cc": "void F() { std::this_thread::sleep_for(x); }\n"}, [1]),
            ("not a test", {"rpc/a.cc": "void F() { usleep(1); }\n"}, []),
            ("a comment", {"rpc/a_test.cc": "// usleep(1)\n"}, []),
            ("Python", {"tests/interop/a.py": "import time\ntime.sleep(1)\n"}, [2]),
            ("Go", {"tests/interop/go/a.go": "func f() { time.Sleep(x) }\n"}, [1]),
            ("shell", {"tests/a.sh": "true\nsleep 1\n"}, [2]),
        ])

    def test_manners_of_library_code(self):
        self.check_table("no-throw", [
            ("library", {"rpc/a.cc": "void F() { throw 1; }\n"}, [1]),
            ("a user's program", {"examples/x/a.cc": "void F() { throw 1; }\n"}, []),
        ])
        self.check_table("no-clock", [
            ("http2", {"http2/a.cc": "auto x = std::chrono::steady_clock::now();\n"}, [1]),
            ("reactor", {"reactor/a.cc": "auto x = std::chrono::steady_clock::now();\n"}, []),
        ])
        self.check_table("std-string-view", [
            ("a header", {"rpc/a.h": header("rpc/a.h", "void F(absl::string_view x);")}, [3]),
            ("inside", {"rpc/a.cc": "absl::string_view x;\n"}, []),
        ])


class CoroutineTest(RuleCase):
    def test_references_need_a_lifetime(self):
        self.check_table("task-reference", [
            ("by value", {"rpc/a.cc": "Task<int> F(int x, std::string y);\n"}, []),
            ("reference", {"rpc/a.cc": "Task<int> F(const Foo& x);\n"}, [1]),
            ("view", {"rpc/a.cc": "Task<Status> F(std::string_view x);\n"}, [1]),
            ("span", {"rpc/a.cc": "Task<StatusOr<std::pair<A, B>>> F(std::span<int> x);\n"}, [1]),
            ("stated", {"rpc/a.cc": "// `x` lives until the task completes.\nTask<int> F(Foo& x);\n"}, []),
            ("stated beside", {"rpc/a.cc": "Task<int> F(Foo& x);  // x outlives the task\n"}, []),
            ("a handler", {"rpc/a.cc": "Task<Status> F(Call& call, const Point& at);\n"}, []),
            ("a scope", {"rpc/a.cc": "Task<Status> F(CallScope& scope, const Point& at);\n"}, []),
            ("a definition follows its declaration",
             {"rpc/a.cc": "Task<int> Foo::F(Bar& x) {}\n"}, []),
            ("declared in the header", {
                "rpc/a.cc": "Task<int> F(Bar& x) {}\n",
                "rpc/a.h": header("rpc/a.h", "// x lives until it completes.\nTask<int> F(Bar& x);"),
            }, []),
            ("a test's own", {"rpc/a_test.cc": "Task<int> F(Bar& x) {}\n"}, []),
            ("a lambda", {"rpc/a.cc": "auto f = [](Foo& x) -> Task<int> { co_return 1; };\n"}, [1]),
            ("a list of tasks is none", {"rpc/a.cc": "std::vector<Task<int>> F(Foo& x);\n"}, []),
        ])

    def test_capturing_lambdas(self):
        self.check_table("task-capture", [
            ("captures", {"rpc/a.cc": "auto f = [this]() -> Task<int> { co_return 1; };\n"}, [1]),
            ("captures nothing", {"rpc/a.cc": "auto f = [](int x) -> Task<int> { co_return 1; };\n"}, []),
        ])

    def test_detached_and_bindings(self):
        self.check_table("detached", [
            ("a thread", {"rpc/a.cc": "thread.detach();\n"}, [1]),
            ("a word", {"rpc/a.cc": "// never detach() it\n"}, []),
        ])
        self.check_table("await-binding", [
            ("binding", {"rpc/a.cc": "auto [a, b] = co_await x;\n"}, [1]),
            ("of a value", {"rpc/a.cc": "auto [a, b] = x;\n"}, []),
        ])
        self.check_table("await-condition", [
            ("unnamed", {"rpc/a.cc": "while (co_await x) {}\n"}, [1]),
            ("its opposite", {"rpc/a.cc": "while (!co_await x) {}\n"}, [1]),
            ("named", {"rpc/a.cc": "while (const T* t = co_await x) {}\n"}, []),
        ])


class TextTest(RuleCase):
    def test_layout(self):
        self.check_table("line-length", [
            ("at the limit", {"wire/a.cc": "x" * 100 + "\n"}, []),
            ("above it", {"wire/a.cc": "x" * 101 + "\n"}, [1]),
            ("columns, not octets", {"wire/a.cc": "//" + "§" * 98 + "\n"}, []),
            ("a link", {"wire/a.cc": "// https://" + "x" * 120 + "\n"}, []),
        ])
        self.check_table("whitespace", [
            ("trailing", {"wire/a.cc": "x \n"}, [1]),
            ("tab", {"wire/a.cc": "\tx\n"}, [1]),
            ("Go has tabs", {"loadtest/peers/go/a.go": "\tx\n"}, []),
            ("no newline", {"wire/a.cc": "x"}, [1]),
        ])

    def test_todo(self):
        self.check_table("todo", [
            ("kind and sentence", {"wire/a.cc": "// TODO(perf): use the table.\n"}, []),
            ("no kind", {"wire/a.cc": "// TODO: later\n"}, [1]),
            ("a person", {"wire/a.cc": "// TODO(jane): later\n"}, [1]),
            ("FIXME", {"wire/a.cc": "// FIXME\n"}, [1]),
        ])

    def test_words_places_and_hosts(self):
        self.check_table("history", [
            ("tracker", {"docs/a.md": "done in issue 12\n"}, [1]),
            ("promptly", {"docs/a.md": "It answers promptly; an issue is a problem.\n"}, []),
        ])
        self.check_table("machine-path", [
            ("root's home", {"wire/a.cc": "// see /root/x\n"}, [1]),
            ("quoted", {"tools/a.sh": "cd '/home/me'\n"}, [1]),
            ("a folder of ours", {"wire/a.cc": "// tests/work/x and //work:x\n"}, []),
            ("under a variable", {"tools/a.sh": 'cd "$base/work/x"\n'}, []),
        ])
        self.check_table("registry-host", [
            ("named", {"tools/a.sh": "GOPROXY=https://proxy.golang.org go build\n"}, [1]),
            ("a module's name is no host", {"x/go.mod": "require google.golang.org/grpc v1\n"}, []),
        ])

    def test_binaries(self):
        self.check_table("binary", [
            ("text", {"wire/a.cc": "x\n"}, []),
            ("stray", {"wire/a.out": b"\x7fELF\0\0"}, [1]),
            ("not UTF-8", {"wire/a.txt": b"\xff\xfe"}, [1]),
            ("a test's input", {"wire/testdata/fuzz/a": b"\0"}, []),
            ("in a corpus", {"http2/x_fuzz_corpus/a": b"\xff"}, []),
            ("a large one", {"wire/testdata/fuzz/a": b"\0" * 70000}, [1]),
        ])


class BazelTest(RuleCase):
    def test_every_test_is_named(self):
        self.check_table("test-in-build", [
            ("named", {"wire/a_test.cc": "\n", "wire/BUILD.bazel": 'x(srcs = ["a_test.cc"])\n'}, []),
            ("forgotten", {"wire/a_test.cc": "\n", "wire/BUILD.bazel": "\n"}, [1]),
            ("only in a comment",
             {"wire/a_test.cc": "\n", "wire/BUILD.bazel": '# "a_test.cc"\n'}, [1]),
            ("in the package above",
             {"wire/x/a_test.cc": "\n", "wire/BUILD.bazel": 'x(srcs = ["x/a_test.cc"])\n'}, []),
            ("by glob",
             {"wire/a_fuzz.cc": "\n", "wire/BUILD.bazel": 'x(srcs = glob(["*_fuzz.cc"]))\n'}, []),
            ("in a list of stems", {
                "tools/a_test.py": "\n",
                "tools/BUILD.bazel": '[x(srcs = [n + "_test.py"]) for n in ["a"]]\n'}, []),
            ("no BUILD file at all", {"wire/a_test.sh": "\n"}, [1]),
        ])


class OptionTest(RuleCase):
    def test_every_option_has_a_row(self):
        def members(text, table="Count(&ServerOptions::shards)"):
            return {"server/options.h": "\nstruct ServerOptions {\n%s\n};\n" % text,
                    "server/option_table.cc": table + "\n"}

        self.check_table("option-row", [
            ("with a row", members("  int shards = 0;"), []),
            ("without", members("  int shards = 0;\n  std::vector<int> cpus;"), [4]),
            ("over two lines", members("  int threads =\n      0;"), [3]),
            ("a part of whose name has one", members("  int shard = 0;"), [3]),
            ("in a comment of the table alone",
             members("  int shards;", "// Count(&ServerOptions::shards)"), [3]),
            ("taken by hand", members("  int shards;", "options->shards = 1;"), []),
            ("of which each part has rows", members("  http2::Limits http2;"), []),
            ("functions and comments are no options",
             members("  // int cpus;\n  bool enabled() const { return true; }"), []),
        ])


class DocumentTest(RuleCase):
    REST = {
        "tools/demo": "\n",
        "examples/hello/BUILD.bazel": 'x(\n    name = "server",\n)\n',
        "examples/hello/server.cc": "\n",
    }

    def readme(self, command, language="sh"):
        return {"README.md": "```%s\n%s\n```\n" % (language, command), **self.REST}

    def test_commands_exist(self):
        self.check_table("command", [
            ("a script", self.readme("tools/demo --fast  # quick"), []),
            ("no such script", self.readme("tools/domo"), [2]),
            ("a target", self.readme("bazel run //examples/hello:server -- --x"), []),
            ("no such target", self.readme("bazel run //examples/hello:client"), [2]),
            ("every target", self.readme("bazel test //... //examples/hello/..."), []),
            ("a built file", self.readme("bazel-bin/examples/hello/server &"), []),
            ("no such built file", self.readme("bazel-bin/examples/hello/sorver"), [2]),
            ("printed output", self.readme("$ tools/demo\ntools/other", "console"), []),
            ("not shell", self.readme("tools/domo", "text"), []),
            ("behind a cd", self.readme("cd examples/hello\ncat server.cc ./server.cc ../x/y"), [3]),
            ("in a folder of the reader's", self.readme("cd elsewhere\ntools/domo"), []),
        ])

    def test_links_lead_somewhere(self):
        self.check_table("link", [
            ("a file", {"docs/a.md": "[b](b.md#part) [x](https://x.y) [top](../docs)\n",
                        "docs/b.md": "\n"}, []),
            ("nowhere", {"docs/a.md": "see [b](b.md)\n"}, [1]),
        ])

    def test_readme_length(self):
        self.check_table("readme-length", [("long", {"README.md": "\n" * 151}, [1])])


class AllowTest(RuleCase):
    def test_a_reason_gives_leave_for_one_rule_and_line(self):
        long = "x" * 101
        self.check_table("line-length", [
            ("on the line", {"wire/a.cc": long + "  // tidy: allow(line-length): a picture\n"}, []),
            ("above", {"wire/a.cc": "// tidy: allow(line-length): a picture\n%s\n" % long}, []),
            ("without a reason", {"wire/a.cc": "// tidy: allow(line-length):\n%s\n" % long}, [2]),
            ("another rule", {"wire/a.cc": "// tidy: allow(todo): why\n%s\n" % long}, [2]),
        ])


class CppTextTest(unittest.TestCase):
    def test_blanking_keeps_offsets(self):
        text = 'a("x//y", \'"\'); // c "\nb = R"(\n"//)" + 1\'000; /* d\n */ e'
        blank = cpp_text.blank_comments_and_literals(text)
        self.assertEqual(len(blank), len(text))
        self.assertEqual(blank.count("\n"), text.count("\n"))
        self.assertEqual(blank.split(), ["a(", ",", ");", "b", "=", "+", "1'000;", "e"])

    def test_parameters_split_outside_of_brackets(self):
        self.assertEqual(cpp_text.split_parameters("std::pair<A, B> x, F(1, 2), y"),
                         ["std::pair<A, B> x", "F(1, 2)", "y"])


class CommandTest(unittest.TestCase):
    def run_in(self, files, *arguments, git=False):
        with tempfile.TemporaryDirectory() as root:
            for path, content in files.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as out:
                    out.write(content)
            if git:
                subprocess.run(["git", "init", "-q", root], check=True, capture_output=True)
            out = io.StringIO()
            arguments = [os.path.join(root, a) if a in files else a for a in arguments]
            return run.main(root, arguments, out), out.getvalue()

    def test_a_finding_names_place_fault_and_remedy(self):
        status, printed = self.run_in({"wire/a.cc": "// TODO: later\n"})
        self.assertEqual(status, 1)
        self.assertEqual(printed.split("\n")[0], "wire/a.cc:1: todo: a TODO without a kind: "
                         "write TODO(perf|security|protocol): sentence.")

    def test_a_clean_tree_is_silent(self):
        self.assertEqual(self.run_in({"wire/a.cc": "int x;\n"}), (0, ""))

    def test_named_paths_alone_are_reported(self):
        files = {"wire/a.cc": "// TODO: later\n", "wire/b.cc": "// TODO: later\n"}
        status, printed = self.run_in(files, "wire/b.cc")
        self.assertEqual(status, 1)
        self.assertNotIn("wire/a.cc", printed)

    def test_ignored_files_are_left_out_of_a_checkout(self):
        files = {".gitignore": "/out/\n", "out/a.cc": "// TODO: later\n", "wire/a.cc": "int x;\n"}
        self.assertEqual(self.run_in(files, git=True), (0, ""))

    def test_every_rule_is_listed(self):
        status, printed = self.run_in({"wire/a.cc": "\n"}, "--rules")
        self.assertEqual(status, 0)
        self.assertIn("task-reference", printed)


if __name__ == "__main__":
    unittest.main()
