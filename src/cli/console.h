// The terminal, or what stands in its place: pipes, files, a test.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace orchestra::cli {

class Console {
 public:
  virtual ~Console() = default;
  // Standard output: what was asked for. Written at once.
  virtual void out(std::string_view text) = 0;
  // Standard error: progress, hints, failures.
  virtual void err(std::string_view text) = 0;
  // Everything on standard input.
  virtual std::string read_all() = 0;
  // One line of standard input without its newline; nothing at the end. With `prompt` on a terminal the line can be
  // edited; `cancelled` is set when Ctrl-C was pressed.
  virtual std::optional<std::string> read_line(std::string_view prompt, bool& cancelled) = 0;
  virtual bool out_is_terminal() const = 0;
  virtual bool err_is_terminal() const = 0;
  virtual bool in_is_terminal() const = 0;
  virtual int columns() const = 0;  // of the terminal; 80 when there is none
};

// Colours, or nothing: on terminals only, never with NO_COLOR (https://no-color.org) or TERM=dumb.
class Style {
 public:
  explicit Style(bool on) : on_(on) {}
  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }
  std::string red(std::string_view text) const { return wrap("31", text); }
  std::string green(std::string_view text) const { return wrap("32", text); }
  std::string yellow(std::string_view text) const { return wrap("33", text); }
  std::string cyan(std::string_view text) const { return wrap("36", text); }

 private:
  std::string wrap(std::string_view code, std::string_view text) const;
  bool on_;
};

// Text from elsewhere, safe to show: control characters (escape sequences among them) become spaces, newlines and tabs
// stay.
std::string printable(std::string_view text);
// Columns that UTF-8 text takes, colours not counted: wide East Asian characters and emoji take two, marks none.
int display_width(std::string_view text);

}  // namespace orchestra::cli
