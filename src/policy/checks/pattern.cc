#include "policy/checks/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace orchestra {
namespace {

// With the matcher that never goes back, so that its time cannot explode.
constexpr auto kSyntax = std::regex_constants::ECMAScript | std::regex_constants::__polynomial;

std::unexpected<Error> refused(std::string what) {
  return fail(
      Error{.fault = Fault::kUnprocessable, .what = std::move(what), .code = "invalid_pattern", .param = "pattern"});
}

// The product of the largest counts of all "{...}": how much larger than its text a pattern may become.
std::size_t repeats(std::string_view text) noexcept {
  std::size_t product = 1;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '{') continue;
    std::size_t most = 1;
    for (++at; at < text.size() && text[at] != '}';) {
      std::size_t count = 0;
      const auto read = std::from_chars(text.data() + at, text.data() + text.size(), count);
      if (read.ec == std::errc::result_out_of_range) return Pattern::kMostRepeats + 1;
      if (read.ec == std::errc()) most = std::max(most, count);
      at = std::max(at + 1, static_cast<std::size_t>(read.ptr - text.data()));
    }
    product *= std::min(most, Pattern::kMostRepeats + 1);
    if (product > Pattern::kMostRepeats) break;
  }
  return product;
}

}  // namespace

Result<Pattern> Pattern::compile(std::string_view text) {
  if (text.empty() || text.size() > kLongest) {
    return refused(fmt::format("A pattern has 1 to {} bytes.", kLongest));
  }
  if (text.contains("(?=") || text.contains("(?!")) return refused("A pattern must not look ahead.");
  if (repeats(text) > kMostRepeats) {
    return refused(fmt::format("The counts of a pattern must multiply to {} at most.", kMostRepeats));
  }
  try {
    // A search would begin anew at every place, which is quadratic; one match of everything around it is not.
    return Pattern(std::regex("[\\s\\S]*(?:" + std::string(text) + ")[\\s\\S]*", kSyntax));
  } catch (const std::regex_error&) {
    return refused("The pattern is no regular expression (ECMAScript, without back-references).");
  }
}

bool Pattern::matches(std::string_view text) const {
  const auto searched = text.substr(0, kMostSearched);
  try {
    return std::regex_match(searched.begin(), searched.end(), regex_);
  } catch (const std::regex_error&) {
    return false;
  }
}

}  // namespace orchestra
