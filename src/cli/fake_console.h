// A console that keeps what was printed and reads from a script.
#pragma once

#include <deque>
#include <string>

#include "cli/console.h"

namespace orchestra::cli {

class FakeConsole final : public Console {
 public:
  void out(std::string_view text) override { printed += text; }
  void err(std::string_view text) override { complained += text; }
  std::string read_all() override { return input; }
  std::optional<std::string> read_line(std::string_view, bool& cancelled) override {
    cancelled = false;
    if (lines.empty()) return std::nullopt;
    std::string line = lines.front();
    lines.pop_front();
    return line;
  }
  bool out_is_terminal() const override { return terminal; }
  bool err_is_terminal() const override { return terminal; }
  bool in_is_terminal() const override { return terminal; }
  int columns() const override { return 80; }

  std::string printed, complained, input;
  std::deque<std::string> lines;
  bool terminal = false;
};

}  // namespace orchestra::cli
