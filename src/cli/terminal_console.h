// The process's own standard streams.
#pragma once

#include <string>
#include <vector>

#include "cli/console.h"

namespace orchestra::cli {

class TerminalConsole final : public Console {
 public:
  // `history_file` keeps the typed lines of terminals (mode 0600, the last 1000); "" keeps none.
  explicit TerminalConsole(std::string history_file);

  void out(std::string_view text) override;
  void err(std::string_view text) override;
  std::string read_all() override;
  std::optional<std::string> read_line(std::string_view prompt, bool& cancelled) override;
  bool out_is_terminal() const override;
  bool err_is_terminal() const override;
  bool in_is_terminal() const override;
  int columns() const override;

 private:
  std::optional<std::string> read_plain_line();
  std::optional<std::string> edit_line(std::string_view prompt, bool& cancelled);
  void draw(std::string_view prompt, const std::string& text, std::size_t cursor);
  void remember(const std::string& line);

  std::string history_file_;
  std::vector<std::string> history_;
  bool history_read_ = false;
};

}  // namespace orchestra::cli
