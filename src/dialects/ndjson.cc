#include "dialects/ndjson.h"

#include <fmt/format.h>

namespace orchestra {
namespace {

std::string_view trim(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  return line;
}

}  // namespace

Result<std::optional<std::string_view>> LineSplitter::next() {
  while (true) {
    const std::size_t end = fed_.find('\n');
    const std::string_view piece = fed_.substr(0, end);
    if (partial_.size() + piece.size() > kMaxLine) {
      return fail(Fault::kUpstream,
                  fmt::format("The provider sent a line of more than {} bytes: the answer was given up.", kMaxLine));
    }
    fed_.remove_prefix(end == std::string_view::npos ? fed_.size() : end + 1);
    if (end == std::string_view::npos) {
      partial_ += piece;
      return std::nullopt;
    }
    std::string_view line = piece;
    if (!partial_.empty()) {
      partial_ += piece;
      whole_.swap(partial_);
      partial_.clear();
      line = whole_;
    }
    line = trim(line);
    if (!line.empty()) return line;
  }
}

std::optional<std::string_view> LineSplitter::rest() {
  whole_.swap(partial_);
  partial_.clear();
  const std::string_view line = trim(whole_);
  if (line.empty()) return std::nullopt;
  return line;
}

}  // namespace orchestra
