// The line being typed: text, cursor, history, and what each key does to them. Pure; line_editor.h draws it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace orchestra::cli {

class LineBuffer {
 public:
  enum class Result { kEditing, kDone, kCancelled, kEnd };

  // `history`: oldest first. The reference must outlive the buffer.
  explicit LineBuffer(const std::vector<std::string>& history) : history_(history), at_(history.size()) {}

  // One byte from the terminal in raw mode. Keys: arrows, Home, End, Delete, Backspace, Ctrl-A E B F P N K U W D,
  // Enter; Ctrl-C cancels the line; Ctrl-D on an empty line is the end. Bytes of UTF-8 sequences are text.
  Result feed(char byte);

  const std::string& text() const noexcept { return text_; }
  // In bytes, always at the start of a character.
  std::size_t cursor() const noexcept { return cursor_; }

 private:
  void insert(char byte);
  void left();
  void right();
  void erase_left();
  void erase_right();
  void erase_word();
  void browse(bool older);
  Result control(char byte);
  void escape(char byte);

  const std::vector<std::string>& history_;
  std::size_t at_;     // in the history; history_.size() is the line being typed
  std::string draft_;  // that line, while an older one is shown
  std::string text_;
  std::size_t cursor_ = 0;
  std::string sequence_;  // an escape sequence that is not complete
};

}  // namespace orchestra::cli
