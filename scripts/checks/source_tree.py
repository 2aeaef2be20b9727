"""What every check shares: which files there are, what they include, running many at once, remembering, reporting."""
import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import time

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
CPP = (".h", ".cc")


class Finding:
    """One thing to mend: where, what, and what to do about it."""

    def __init__(self, file, line, text):
        self.file, self.line, self.text = str(file), line, text

    def __str__(self):
        return f"{self.file}:{self.line}: {self.text}"


class Tree:
    """The files of a working tree that are tracked, or would be: ignored ones do not count."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self._text = {}
        self._closure = {}

    def files(self, *suffixes, under=""):
        """Relative paths, sorted. Without git (an unpacked archive) everything outside build/ counts."""
        listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=self.root,
                                 capture_output=True, text=True, check=False)
        if listing.returncode == 0 and listing.stdout:
            names = set(listing.stdout.split("\0")) - {""}
        else:
            names = {str(p.relative_to(self.root)) for p in self.root.rglob("*") if p.is_file()}
            names = {n for n in names if not n.startswith(("build/", ".git/", "data/"))}
        return sorted(n for n in names if n.startswith(under) and (not suffixes or n.endswith(suffixes))
                      and (self.root / n).is_file())

    def changed(self):
        """Files that differ from the last commit or are new."""
        names = set()
        for command in (["git", "diff", "--name-only", "HEAD"], ["git", "ls-files", "-o", "--exclude-standard"]):
            names |= set(subprocess.run(command, cwd=self.root, capture_output=True, text=True,
                                        check=False).stdout.splitlines())
        return names

    def text(self, name):
        if name not in self._text:
            self._text[name] = (self.root / name).read_text(encoding="utf-8", errors="replace")
        return self._text[name]

    def includes(self, name):
        """[(line number, '<' or '"', path as written)]"""
        text = self.text(name)
        return [(text.count("\n", 0, m.start()) + 1, m.group(1), m.group(2)) for m in INCLUDE.finditer(text)]

    def resolve(self, including, path):
        """The file of the tree that an include means, or None: from src/ first, then beside the including file."""
        for candidate in ("src/" + path, os.path.normpath(os.path.join(os.path.dirname(including), path))):
            if (self.root / candidate).is_file():
                return candidate
        return None

    def closure(self, name):
        """The file and everything of the tree that it includes, directly or not."""
        if name not in self._closure:
            seen, open_ends = {name}, [name]
            while open_ends:
                current = open_ends.pop()
                for _, _, path in self.includes(current):
                    target = self.resolve(current, path)
                    if target and target not in seen:
                        seen.add(target)
                        open_ends.append(target)
            self._closure[name] = sorted(seen)
        return self._closure[name]

    def digest(self, name, *more):
        """Names the content of a file with all that it includes, and whatever else decides a result."""
        sha = hashlib.sha256()
        for part in more:
            sha.update(str(part).encode() + b"\0")
        for file in self.closure(name):
            sha.update(file.encode() + b"\0" + self.text(file).encode() + b"\0")
        return sha.hexdigest()


class Memory:
    """Remembers which inputs came out clean, so that they are not looked at again. Lives under build/."""

    def __init__(self, tree, check):
        self.folder = tree.root / "build" / "check" / check

    def knows(self, digest):
        return (self.folder / digest).exists()

    def learn(self, digest):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / digest).touch()


def in_parallel(work, items):
    """work(item) for each, as many at once as there are cores; results in the order of the items."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        return list(pool.map(work, items))


def run(name, noun, check, options=()):
    """The main of every check. check(tree, args) returns (number looked at, findings, note). Ends with 0 or 1."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2], help="the tree to check")
    parser.add_argument("--all", action="store_true", default=os.environ.get("CI") == "true",
                        help="look at every file where a check by default takes only changed ones (set in CI)")
    for flag, settings in options:
        parser.add_argument(flag, **settings)
    args = parser.parse_args()
    begin = time.monotonic()
    number, findings, note = check(Tree(args.root), args)
    for finding in findings:
        print(finding)
    verdict = f"{len(findings)} findings" if findings else "ok"
    print(f"{name:<9} {number:>5} {noun:<10} {time.monotonic() - begin:6.1f} s  {verdict}{'; ' + note if note else ''}",
          flush=True)
    sys.exit(1 if findings else 0)
