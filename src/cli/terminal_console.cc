#include "cli/terminal_console.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "cli/line_buffer.h"

namespace orchestra::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeptLines = 1000;

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // Nobody reads any more; there is nobody to tell.
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Nothing at the end of the input.
std::optional<char> read_byte() {
  char byte = 0;
  while (true) {
    const ssize_t count = read(STDIN_FILENO, &byte, 1);
    if (count == 1) return byte;
    if (count < 0 && errno == EINTR) continue;
    return std::nullopt;
  }
}

// The terminal without echo and line mode, for a moment.
class RawMode {
 public:
  RawMode() : changed_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!changed_) return;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
  }
  ~RawMode() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  }
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;

 private:
  termios before_{};
  bool changed_;
};

}  // namespace

TerminalConsole::TerminalConsole(std::string history_file) : history_file_(std::move(history_file)) {}

void TerminalConsole::out(std::string_view text) {
  write_all(STDOUT_FILENO, text);
}

void TerminalConsole::err(std::string_view text) {
  write_all(STDERR_FILENO, text);
}

std::string TerminalConsole::read_all() {
  std::string out;
  char buffer[65536];
  while (true) {
    const ssize_t count = read(STDIN_FILENO, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return out;
    out.append(buffer, static_cast<std::size_t>(count));
  }
}

bool TerminalConsole::out_is_terminal() const {
  return isatty(STDOUT_FILENO) == 1;
}

bool TerminalConsole::err_is_terminal() const {
  return isatty(STDERR_FILENO) == 1;
}

bool TerminalConsole::in_is_terminal() const {
  return isatty(STDIN_FILENO) == 1;
}

int TerminalConsole::columns() const {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::optional<std::string> TerminalConsole::read_line(std::string_view prompt, bool& cancelled) {
  cancelled = false;
  return in_is_terminal() && out_is_terminal() ? edit_line(prompt, cancelled) : read_plain_line();
}

std::optional<std::string> TerminalConsole::read_plain_line() {
  std::string line;
  while (const auto byte = read_byte()) {
    if (*byte == '\n') return line;
    line += *byte;
  }
  return line.empty() ? std::nullopt : std::optional(line);
}

std::optional<std::string> TerminalConsole::edit_line(std::string_view prompt, bool& cancelled) {
  if (!history_read_) {
    std::ifstream in(history_file_);
    for (std::string line; !history_file_.empty() && std::getline(in, line);) history_.push_back(line);
    history_read_ = true;
  }
  const RawMode raw;
  LineBuffer buffer(history_);
  draw(prompt, "", 0);
  while (true) {
    const auto byte = read_byte();
    const auto result = byte ? buffer.feed(*byte) : LineBuffer::Result::kEnd;
    if (result == LineBuffer::Result::kEditing) {
      draw(prompt, buffer.text(), buffer.cursor());
      continue;
    }
    draw(prompt, buffer.text(), buffer.text().size());
    out("\n");
    if (result == LineBuffer::Result::kEnd) return std::nullopt;
    cancelled = result == LineBuffer::Result::kCancelled;
    if (!cancelled) remember(buffer.text());
    return cancelled ? std::string() : buffer.text();
  }
}

// One row: a line longer than the terminal shows the part around the cursor.
void TerminalConsole::draw(std::string_view prompt, const std::string& text, std::size_t cursor) {
  const int room = columns() - display_width(prompt) - 1;
  std::size_t from = 0;
  const auto next = [&](std::size_t at) {
    do {
      ++at;
    } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
    return at;
  };
  while (display_width(std::string_view(text).substr(from, cursor - from)) > room) from = next(from);
  std::size_t to = cursor;
  while (to < text.size() && display_width(std::string_view(text).substr(from, next(to) - from)) <= room) to = next(to);
  std::string row = "\r\x1b[K" + std::string(prompt) + text.substr(from, to - from);
  const int back = display_width(std::string_view(text).substr(cursor, to - cursor));
  if (back > 0) row += "\x1b[" + std::to_string(back) + "D";
  out(row);
}

void TerminalConsole::remember(const std::string& line) {
  if (line.empty() || (!history_.empty() && history_.back() == line)) return;
  history_.push_back(line);
  if (history_.size() > kKeptLines) history_.erase(history_.begin());
  if (history_file_.empty()) return;
  std::error_code ignored;
  fs::create_directories(fs::path(history_file_).parent_path(), ignored);
  // Prompts may be private: nobody else reads them.
  const int fd = open(history_file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  std::string all;
  for (const std::string& one : history_) all += one + "\n";
  write_all(fd, all);
  close(fd);
}

}  // namespace orchestra::cli
