#include "cli/line_buffer.h"

namespace orchestra::cli {
namespace {

// A byte inside a UTF-8 character, not its first.
bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

constexpr char ctrl(char letter) {
  return static_cast<char>(letter & 0x1F);
}

}  // namespace

LineBuffer::Result LineBuffer::feed(char byte) {
  if (!sequence_.empty()) {
    escape(byte);
    return Result::kEditing;
  }
  const auto value = static_cast<unsigned char>(byte);
  if (value >= 0x20 && value != 0x7F) {
    insert(byte);
    return Result::kEditing;
  }
  return control(byte);
}

LineBuffer::Result LineBuffer::control(char byte) {
  switch (byte) {
    case '\r':
    case '\n': return Result::kDone;
    case ctrl('C'): return Result::kCancelled;
    case ctrl('D'):
      if (text_.empty()) return Result::kEnd;
      erase_right();
      break;
    case '\x1b': sequence_ = byte; break;
    case '\x7f':
    case ctrl('H'): erase_left(); break;
    case ctrl('A'): cursor_ = 0; break;
    case ctrl('E'): cursor_ = text_.size(); break;
    case ctrl('B'): left(); break;
    case ctrl('F'): right(); break;
    case ctrl('P'): browse(true); break;
    case ctrl('N'): browse(false); break;
    case ctrl('K'): text_.erase(cursor_); break;
    case ctrl('U'):
      text_.erase(0, cursor_);
      cursor_ = 0;
      break;
    case ctrl('W'): erase_word(); break;
    case '\t': insert(' '); break;
    default: break;
  }
  return Result::kEditing;
}

// Sequences of xterm and its kin: ESC [ A, ESC O H, ESC [ 3 ~. https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
void LineBuffer::escape(char byte) {
  sequence_ += byte;
  if (sequence_.size() == 2 && (byte == '[' || byte == 'O')) return;
  const bool parameter = (byte >= '0' && byte <= '9') || byte == ';';
  if (parameter && sequence_.size() < 16) return;
  const std::string keys = std::string(sequence_).substr(2);
  sequence_.clear();
  if (keys == "A") browse(true);
  if (keys == "B") browse(false);
  if (keys == "C") right();
  if (keys == "D") left();
  if (keys == "H" || keys == "1~" || keys == "7~") cursor_ = 0;
  if (keys == "F" || keys == "4~" || keys == "8~") cursor_ = text_.size();
  if (keys == "3~") erase_right();
}

void LineBuffer::insert(char byte) {
  text_.insert(cursor_++, 1, byte);
}

void LineBuffer::left() {
  while (cursor_ > 0 && continues(text_[--cursor_])) {
  }
}

void LineBuffer::right() {
  if (cursor_ == text_.size()) return;
  do {
    ++cursor_;
  } while (cursor_ < text_.size() && continues(text_[cursor_]));
}

void LineBuffer::erase_left() {
  const std::size_t end = cursor_;
  left();
  text_.erase(cursor_, end - cursor_);
}

void LineBuffer::erase_right() {
  const std::size_t start = cursor_;
  right();
  text_.erase(start, cursor_ - start);
  cursor_ = start;
}

void LineBuffer::erase_word() {
  const std::size_t end = cursor_;
  while (cursor_ > 0 && text_[cursor_ - 1] == ' ') --cursor_;
  while (cursor_ > 0 && text_[cursor_ - 1] != ' ') --cursor_;
  text_.erase(cursor_, end - cursor_);
}

void LineBuffer::browse(bool older) {
  if (older ? at_ == 0 : at_ == history_.size()) return;
  if (at_ == history_.size()) draft_ = text_;
  at_ = older ? at_ - 1 : at_ + 1;
  text_ = at_ == history_.size() ? draft_ : history_[at_];
  cursor_ = text_.size();
}

}  // namespace orchestra::cli
