#include "host/apertium_text.h"

#include <algorithm>

namespace orchestra {
namespace {

constexpr std::string_view kSpecial = "\\[]{}^$/@<>";
// destxt ends sentences so; it is taken away again behind the translation.
constexpr std::string_view kEnd = ".[]";
constexpr std::size_t kLongestMarkup = 2000;

void add_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (kSpecial.contains(c)) out += '\\';
    out += c;
  }
}

// The length of what stands at the beginning of `text` between `open` and `close`, both included; 0: nothing.
std::size_t between(std::string_view text, std::string_view open, char close) {
  if (!text.starts_with(open)) return 0;
  const std::size_t end = text.find(close, open.size());
  return end == std::string_view::npos || end > kLongestMarkup ? 0 : end + 1;
}

std::size_t tag_length(std::string_view text) {
  if (text.size() < 3 || text.front() != '<') return 0;
  const char next = text[1];
  const bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
  return letter || next == '/' || next == '!' || next == '?' ? between(text, "<", '>') : 0;
}

std::size_t placeholder_length(std::string_view text) {
  const std::size_t length = std::max(between(text, "{", '}'), between(text, "${", '}'));
  return text.substr(0, length).contains('\n') ? 0 : length;
}

std::size_t address_length(std::string_view text) {
  if (!text.starts_with("http://") && !text.starts_with("https://")) return 0;
  const std::size_t end = std::min(text.find_first_of(" \t\r\n<>\"'"), text.size());
  const std::size_t last = text.substr(0, end).find_last_not_of(".,;:!?)");
  return last == std::string_view::npos ? end : last + 1;
}

std::size_t breaks_length(std::string_view text) {
  if (text.front() != '\n' && text.front() != '\r') return 0;
  return std::min(text.find_first_not_of("\r\n \t"), text.size());
}

}  // namespace

std::string to_apertium(std::string_view text) {
  std::string out;
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  const std::string_view tail = last == std::string_view::npos ? text : text.substr(last + 1);
  std::string_view rest = text.substr(0, text.size() - tail.size());
  while (!rest.empty()) {
    const std::size_t breaks = breaks_length(rest);
    std::size_t kept = std::max(breaks, tag_length(rest));
    if (kept == 0) kept = std::max(placeholder_length(rest), address_length(rest));
    if (kept == 0) {
      add_escaped(rest.substr(0, 1), out);
      rest.remove_prefix(1);
      continue;
    }
    if (std::ranges::count(rest.substr(0, breaks), '\n') > 1) out += kEnd;
    out += '[';
    add_escaped(rest.substr(0, kept), out);
    out += ']';
    rest.remove_prefix(kept);
  }
  out += kEnd;
  if (tail.empty()) return out;
  out += '[';
  out += tail;
  return out += ']';
}

std::string from_apertium(std::string_view stream) {
  std::string out;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    if (stream.substr(i).starts_with(kEnd)) {
      i += kEnd.size() - 1;
    } else if (stream[i] == '\\' && i + 1 < stream.size()) {
      out += stream[++i];
    } else if (stream[i] != '[' && stream[i] != ']') {
      out += stream[i];
    }
  }
  return out;
}

}  // namespace orchestra
