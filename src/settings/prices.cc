#include "settings/prices.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace orchestra::settings {
namespace {

using Field = std::pair<std::string_view, std::optional<MicroUsd> Price::*>;
constexpr std::array kFields = {
    Field{"input", &Price::input},
    Field{"output", &Price::output},
    Field{"cached_input", &Price::cached_input},
    Field{"cache_write", &Price::cache_write},
    Field{"reasoning", &Price::reasoning},
    Field{"audio_input", &Price::audio_input},
    Field{"audio_output", &Price::audio_output},
};

void read_model(Section model, Price& price) {
  for (const auto& [name, field] : kFields) {
    const Node* found = model.find(name);
    if (found == nullptr) continue;
    const auto text = model.scalar(*found, name);
    if (!text) continue;
    if (const auto usd = parse_usd(*text)) {
      price.*field = *usd;
    } else {
      model.complain(*found, name, usd.error().what);
    }
  }
  model.finish();
}

// The provider's mappings stand under `providers`, or at the top beside `as_of`.
void read_provider(Section provider, const std::string& name, std::vector<PriceRow>& rows) {
  std::string source;
  provider.text("source", source);
  std::string as_of;
  provider.text("as_of", as_of);
  Section models = provider.section("models");
  for (const Node& member : models.members()) {
    PriceRow row{.provider = name, .pattern = member.key};
    if (const std::size_t star = row.pattern.find('*'); star != std::string::npos && star + 1 != row.pattern.size()) {
      models.complain(member, member.key, "A '*' may stand at the end of a name only.");
    }
    read_model(models.section(member.key), row.price);
    rows.push_back(std::move(row));
  }
  provider.finish();
}

}  // namespace

Result<MicroUsd> parse_usd(std::string_view text) {
  const auto bad = [] {
    return fail(Fault::kInvalid,
                "A price is a decimal number of US dollars per million tokens, from 0 to 100000, such as 2.50.");
  };
  const std::string_view whole = text.substr(0, text.find('.'));
  std::string places(text.size() > whole.size() ? text.substr(whole.size() + 1) : "");
  if (whole.empty() || (places.empty() && text.size() > whole.size()) || places.size() > 6) return bad();
  places.resize(6, '0');
  std::int64_t value = 0;
  for (const char c : std::string(whole) + places) {
    if (c < '0' || c > '9' || value > 1'000'000'000'000) return bad();
    value = value * 10 + (c - '0');
  }
  if (value > 100'000'000'000) return bad();
  return MicroUsd(value);
}

Prices read_prices(Section& root) {
  Prices out;
  root.text("as_of", out.as_of);
  if (root.has("providers")) {
    Section providers = root.section("providers");
    for (const Node& member : providers.members()) {
      read_provider(providers.section(member.key), member.key, out.rows);
    }
    root.finish();
    return out;
  }
  for (const Node& member : root.members()) {
    if (member.key != "as_of") read_provider(root.section(member.key), member.key, out.rows);
  }
  return out;
}

}  // namespace orchestra::settings
