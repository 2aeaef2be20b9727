"""Finds the functions of a C++ file, their length in lines and the number of paths through them, without compiling it.

The text is cut into tokens (comments, strings and preprocessor lines fall away) and braces are followed. A brace opens
a function when what stands before it ends like one: a parameter list, `const`, `noexcept`, a trailing return type, a
member initialiser. A lambda belongs to the function around it.
"""
import re

TOKEN = re.compile(r"""
    (?P<skip> //[^\n]* | /\*.*?\*/ | ^[ \t]*\#(?:[^\n\\]|\\\n|\\.)* )
  | (?P<string> (?:u8|[uUL])?R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)" | (?:u8|[uUL])?"(?:\\.|[^"\\\n])*"
              | (?<![0-9A-Za-z_])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+' )
  | (?P<word> [A-Za-z_]\w* | \d(?:'?[\w.])* )
  | (?P<sign> && | \|\| | :: | -> | <=> | [-+*/%&|^<>=!]= | . )
  | (?P<space> \s+ )
""", re.VERBOSE | re.DOTALL | re.MULTILINE)

# Each opens one more path. A whole switch counts once: a table of cases is read as one thing.
BRANCHES = {"if", "for", "while", "catch", "switch", "?"}
SCOPES = {"namespace", "class", "struct", "union", "enum", "extern"}
NOT_NAMES = {"if", "for", "while", "switch", "catch", "return", "co_return", "co_await", "co_yield", "sizeof", "alignof",
             "decltype", "noexcept", "requires", "static_assert", "alignas", "throw", "new", "delete", "operator"}


class Function:
    def __init__(self, name, first_line):
        self.name, self.first_line, self.last_line, self.paths = name, first_line, first_line, 1

    @property
    def lines(self):
        return self.last_line - self.first_line + 1


def tokens(text):
    """[(kind, text, line)]"""
    line, found = 1, []
    for match in TOKEN.finditer(text):
        kind = match.lastgroup if match.lastgroup != "mark" else "string"
        if kind in ("string", "word", "sign") and not match.group().isspace():
            found.append((kind, match.group(), line))
        line += match.group().count("\n")
    return found


def matching_back(found, at, opening, closing):
    """The index of the bracket that opens what closes at `at`."""
    depth = 0
    while at >= 0:
        if found[at][1] == closing:
            depth += 1
        elif found[at][1] == opening:
            depth -= 1
            if depth == 0:
                return at
        at -= 1
    return -1


def function_name(found, at, start):
    """The name of the function whose body opens at `at`, or None. `start` is where its declaration begins."""
    depth = 0
    for i in range(start, at):
        text = found[i][1]
        if text == "(" and depth == 0 and i > start:
            kind, name, _ = found[i - 1]
            if kind == "word" and name not in NOT_NAMES:
                return name
            if "operator" in (found[j][1] for j in range(max(start, i - 3), i)):
                return "operator"
        if text in "([{":
            depth += 1
        elif text in ")]}":
            depth -= 1
    return None


def functions(text):
    found, result = tokens(text), []
    stack, start, current, i = [], 0, None, 0
    while i < len(found):
        kind, word, line = found[i]
        if word == "{":
            if current:
                stack.append("inside")
            else:
                stack.append(classify(found, i, start))
                if stack[-1] == "function":
                    current = Function(function_name(found, i, start), found[start][2])
                elif stack[-1] == "scope":
                    start = i + 1
        elif word == "}":
            opened = stack.pop() if stack else "scope"
            if opened == "function":
                current.last_line = line
                result.append(current)
                current = None
            if opened in ("function", "scope"):
                start = i + 1
        elif not current and word == ";" and (not stack or stack[-1] == "scope"):
            start = i + 1
        elif not current and word == ":" and i and found[i - 1][1] in ("public", "private", "protected"):
            start = i + 1
        elif current and word in BRANCHES and kind != "string":
            current.paths += 1
        i += 1
    return result


def classify(found, at, start):
    """What the brace at `at` opens: 'function', 'scope' (namespace, class, ...) or 'value' (an initialiser)."""
    before = [t[1] for t in found[start:at]]
    if not before:
        return "value"
    if before[-1] in ("=", ",", "(", "return", "{") or (before[-1] == "]" and "(" not in before):
        return "value"
    plain = outside_brackets(before)
    if any(word in SCOPES for word in plain) and "(" not in plain:
        return "scope"
    if "=" in plain and "operator" not in plain:
        return "value"
    if function_name(found, at, start) is None:
        return "value"
    # In `Name(int x) : member_{x}, other_(y) {` the braces of the members come first.
    if ":" in plain and found[at - 1][0] == "word" and ")" in plain[:plain.index(":")]:
        return "value"
    return "function"


def outside_brackets(words):
    """The words that stand in no ( ) [ ] and, after `template`, in no < >; the brackets themselves remain."""
    depth, angle, kept = 0, 0, []
    for i, word in enumerate(words):
        if word in ")]":
            depth -= 1
        if word == "<" and (angle or (i and words[i - 1] == "template")):
            angle += 1
        elif word == ">" and angle:
            angle -= 1
        elif depth == 0 and angle == 0:
            kept.append(word)
        if word in "([":
            depth += 1
    return kept
