// "longest": README 001's longest text.
#include <algorithm>
#include <array>

#include "policy/merge/agreement.h"

namespace orchestra {
namespace {

Merged combine(std::span<const MemberAnswer> answers) {
  const auto longest = std::ranges::max_element(
      answers, [](const MemberAnswer& a, const MemberAnswer& b) { return a.text.size() < b.text.size(); });
  return picked(answers, static_cast<std::size_t>(longest - answers.begin()));
}

constexpr std::array<std::string_view, 1> kAliases{"longest_text"};

}  // namespace

extern const Merge kLongest;
const Merge kLongest{.name = "longest", .aliases = kAliases, .summary = "The longest answer", .combine = combine};

}  // namespace orchestra
