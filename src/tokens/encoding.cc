#include "tokens/encoding.h"

#include <algorithm>
#include <array>
#include <utility>

namespace orchestra {
namespace {

constexpr std::array<std::pair<std::string_view, Encoding>, 2> kNames{
    {{"cl100k_base", Encoding::kCl100kBase}, {"o200k_base", Encoding::kO200kBase}}};

// The longest prefix that fits decides, so the longer ones stand first.
constexpr std::array<std::pair<std::string_view, Encoding>, 17> kPrefixes{{
    {"text-embedding-3-", Encoding::kCl100kBase},
    {"text-embedding-ada-", Encoding::kCl100kBase},
    {"gpt-35-turbo", Encoding::kCl100kBase},
    {"babbage-002", Encoding::kCl100kBase},
    {"davinci-002", Encoding::kCl100kBase},
    {"chatgpt-4o", Encoding::kO200kBase},
    {"gpt-realtime", Encoding::kO200kBase},
    {"gpt-oss-", Encoding::kO200kBase},
    {"gpt-3.5", Encoding::kCl100kBase},
    {"gpt-4.1", Encoding::kO200kBase},
    {"gpt-4.5", Encoding::kO200kBase},
    {"gpt-4o", Encoding::kO200kBase},
    {"gpt-4", Encoding::kCl100kBase},
    {"gpt-5", Encoding::kO200kBase},
    {"o4-", Encoding::kO200kBase},
    {"o1", Encoding::kO200kBase},
    {"o3", Encoding::kO200kBase},
}};

// Fine-tuned models carry the name of the model they were made of: "ft:gpt-4o-mini:team::id".
const std::pair<std::string_view, Encoding>* find_prefix(std::string_view model) noexcept {
  if (model.starts_with("ft:")) model.remove_prefix(3);
  const auto* const found =
      std::ranges::find_if(kPrefixes, [model](const auto& row) { return model.starts_with(row.first); });
  return found == kPrefixes.end() ? nullptr : found;
}

}  // namespace

std::string_view encoding_name(Encoding encoding) noexcept {
  return kNames[static_cast<std::size_t>(encoding)].first;
}

std::optional<Encoding> find_encoding(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kNames, name, &std::pair<std::string_view, Encoding>::first);
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

Encoding encoding_of(std::string_view model) noexcept {
  const auto* const row = find_prefix(model);
  return row == nullptr ? Encoding::kO200kBase : row->second;
}

bool counts_exactly(std::string_view model) noexcept {
  return find_prefix(model) != nullptr;
}

}  // namespace orchestra
