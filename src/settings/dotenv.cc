#include "settings/dotenv.h"

#include <algorithm>
#include <expected>

namespace orchestra::settings {
namespace {

using Value = std::expected<std::string, std::string_view>;  // or what is wrong

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  const auto fits = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name.front()) && std::ranges::all_of(name, fits);
}

// What may follow a closing quote.
bool is_rest(std::string_view text) {
  text = trim(text);
  return text.empty() || text.starts_with('#');
}

Value quoted(std::string_view text) {
  const char quote = text.front();
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    char c = text[i];
    if (c == quote) {
      if (is_rest(text.substr(i + 1))) return out;
      return std::unexpected("There is text behind the closing quote.");
    }
    if (quote == '"' && c == '\\') {
      constexpr std::string_view kEscapes = "nt\"\\$", kMeanings = "\n\t\"\\$";
      const std::size_t index = i + 1 < text.size() ? kEscapes.find(text[i + 1]) : std::string_view::npos;
      if (index == std::string_view::npos) return std::unexpected("The escapes are \\n, \\t, \\\", \\\\ and \\$.");
      c = kMeanings[index];
      ++i;
    }
    out += c;
  }
  return std::unexpected("The closing quote is missing.");
}

Value bare(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '#' && is_blank(text[i - 1])) text = trim(text.substr(0, i));
  }
  if (text.starts_with('#')) return std::string();
  if (text.contains('"') || text.contains('\''))
    return std::unexpected("A value with quotes must be quoted as a whole.");
  return std::string(text);
}

}  // namespace

EnvFile parse_env_file(std::string_view text, const std::string& file, Problems& problems) {
  EnvFile out;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("export ")) line = trim(line.substr(7));
    const std::size_t equals = line.find('=');
    const std::string_view name = line.substr(0, equals);
    if (equals == std::string_view::npos || !is_name(name)) {
      problems.push_back(
          {.file = file, .line = number, .what = "A line must read NAME=value, without spaces around '='."});
      continue;
    }
    const std::string_view written = trim(line.substr(equals + 1));
    const bool has_quote = written.starts_with('"') || written.starts_with('\'');
    const Value value = has_quote ? quoted(written) : bare(written);
    if (!value) {
      problems.push_back({.file = file, .line = number, .key = std::string(name), .what = std::string(value.error())});
      continue;
    }
    out.variables[std::string(name)] = *value;
    out.lines[std::string(name)] = number;
  }
  return out;
}

}  // namespace orchestra::settings
