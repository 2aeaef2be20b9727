#include "settings/known_models.h"

#include <fmt/format.h>

#include <algorithm>

namespace orchestra::settings {
namespace {

constexpr Micros kLongest = std::chrono::hours(24);

// A list of words, each of which stands for a bit. Nothing when the key is absent.
template <class Set, class Bit, std::size_t N>
std::optional<Set> read_bits(Section& row, std::string_view key,
                             const std::array<std::pair<Bit, std::string_view>, N>& names) {
  if (!row.has(key)) return std::nullopt;
  Set set = 0;
  for (const Node& item : row.list(key)) {
    const auto word = row.scalar(item, key);
    if (!word) continue;
    const auto found = std::ranges::find(names, std::string_view(*word), &std::pair<Bit, std::string_view>::second);
    if (found != names.end()) {
      set = static_cast<Set>(set | found->first);
      continue;
    }
    std::vector<std::string> allowed;
    for (const auto& [bit, name] : names) allowed.emplace_back(name);
    const std::string close = nearest(*word, allowed);
    row.complain(item, key, fmt::format("'{:.40}' is not known here.", *word), std::move(allowed), close);
  }
  return set;
}

std::optional<Micros> read_duration(Section& row, std::string_view key) {
  if (!row.has(key)) return std::nullopt;
  Micros value{};
  row.duration(key, value, Micros(1), kLongest);
  return value;
}

void read_limits(Section& row, ModelLimits& limits) {
  const auto read = [&](std::string_view key) -> std::optional<std::int64_t> {
    std::int64_t value = 0;
    row.number(key, value, 1, 1'000'000'000);
    return value == 0 ? std::nullopt : std::optional(value);
  };
  if (const auto output = read("output")) limits.output = Tokens(*output);
  limits.requests_per_minute = read("requests_per_minute");
  limits.tokens_per_minute = read("tokens_per_minute");
}

KnownModel read_row(Section row) {
  auto card = std::make_shared<ModelCard>();
  row.text("family", card->family);
  row.choice("status", card->maturity,
             {{"stable", Maturity::kStable},
              {"beta", Maturity::kBeta},
              {"deprecated", Maturity::kDeprecated},
              {"unstable", Maturity::kUnstable}});
  KnownModel known;
  known.capabilities = read_bits<Capabilities>(row, "capabilities", kCapabilityNames);
  std::int64_t context = 0;
  row.number("context", context, 1, 1'000'000'000);
  if (context > 0) known.context = Tokens(context);
  card->skills = read_bits<Skills>(row, "skills", kSkillNames).value_or(0);
  row.flag("fast", card->fast);
  row.decimal("quality", card->claimed.quality, 0, 1);
  row.decimal("success", card->claimed.success_rate, 0, 1);
  row.decimal("tokens_per_second", card->claimed.tokens_per_second, 0.001, 1e6);
  card->claimed.first_content = read_duration(row, "first_content");
  card->claimed.completion = read_duration(row, "completion");
  read_limits(row, card->limits);
  row.text("released", card->release_date);
  row.text("retired", card->deprecation_date);
  row.finish();
  known.card = std::move(card);
  return known;
}

std::vector<std::string> split_names(std::string_view key) {
  std::vector<std::string> names;
  while (true) {
    const std::size_t comma = key.find(',');
    std::string_view name = key.substr(0, comma);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    names.emplace_back(name);
    if (comma == std::string_view::npos) return names;
    key.remove_prefix(comma + 1);
  }
}

void read_provider(Section provider, const std::string& name, std::vector<KnownModel>& rows) {
  std::string source;
  provider.text("source", source);
  std::vector<std::string> providers;
  provider.texts("also", providers);
  providers.insert(providers.begin(), name);
  Section models = provider.section("models");
  for (const Node& member : models.members()) {
    KnownModel row = read_row(models.section(member.key));
    row.providers = providers;
    for (std::string& pattern : split_names(member.key)) {
      if (pattern.empty() || pattern.find('*') < pattern.size() - 1) {
        models.complain(member, member.key, "A name is not empty, and a '*' may stand at its end only.");
        continue;
      }
      row.pattern = std::move(pattern);
      rows.push_back(row);
    }
  }
  provider.finish();
}

}  // namespace

KnownModels read_known_models(Section& root) {
  KnownModels out;
  root.text("as_of", out.as_of);
  for (const Node& member : root.members()) {
    if (member.key != "as_of") read_provider(root.section(member.key), member.key, out.rows);
  }
  return out;
}

}  // namespace orchestra::settings
