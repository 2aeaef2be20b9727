#include "policy/merge/list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace orchestra {

extern const Merge kVoting, kWeighted, kBestConfidence, kJudge, kChain, kLongest;

namespace {

constexpr std::array<const Merge*, 6> kMerges{
    &kVoting,          //
    &kWeighted,        //
    &kBestConfidence,  //
    &kJudge,           //
    &kChain,           //
    &kLongest,
};

}  // namespace

std::span<const Merge* const> merges() noexcept {
  return kMerges;
}

Result<const Merge*> find_merge(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Merge* merge : kMerges) {
    if (merge->name == name || std::ranges::find(merge->aliases, name) != merge->aliases.end()) return merge;
    names.push_back(merge->name);
  }
  return fail(Error{
      .fault = Fault::kUnprocessable,
      .what = fmt::format("There is no merge \"{}\". Allowed are {}.", name.substr(0, 60), fmt::join(names, ", ")),
      .code = "unknown_merge",
      .param = "merge"});
}

}  // namespace orchestra
