#include "api/model_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/context.h"
#include "api/model_words.h"
#include "base/ascii.h"

namespace orchestra {
namespace {

std::unexpected<Error> refuse(std::string_view parameter, std::string what) {
  return fail(Error{.fault = Fault::kUnprocessable, .what = std::move(what), .param = std::string(parameter)});
}

Result<std::int64_t> read_number(std::string_view query, std::string_view name, std::int64_t fallback,
                                 std::int64_t largest) {
  const auto text = query_parameter(query, name);
  if (!text) return fallback;
  const auto value = number_of<std::int64_t>(*text);
  if (value && *value >= 1 && *value <= largest) return *value;
  return refuse(name, fmt::format("{} must be a whole number from 1 to {}.", name, largest));
}

// Whether `text` holds `part`, which is in lower case.
bool holds(std::string_view text, std::string_view part) {
  return !std::ranges::search(text, part, {}, ascii_lower).empty() || part.empty();
}

bool matches(const Model& model, const ModelQuery& query) {
  if (!query.provider.empty() && model.id.provider() != query.provider) return false;
  if (!query.capability.empty() && !has_capability(model, query.capability).value_or(false)) return false;
  if (!query.status.empty() && !has_status(model, query.status).value_or(false)) return false;
  return query.search.empty() || holds(model.id.text, query.search) || holds(model.display_name, query.search) ||
         (model.card && holds(model.card->description, query.search));
}

}  // namespace

bool asks_for_page(std::string_view query) {
  constexpr std::array kParameters = {"page", "page_size", "provider", "capability", "status", "search"};
  return std::ranges::any_of(kParameters,
                             [query](const char* name) { return query_parameter(query, name).has_value(); });
}

Result<ModelQuery> parse_model_query(std::string_view query) {
  TRY(const auto page, read_number(query, "page", 1, 1'000'000'000));
  TRY(const auto page_size, read_number(query, "page_size", 20, 100));
  ModelQuery out{.page = page, .page_size = page_size};
  out.provider = ascii_lowered(query_parameter(query, "provider").value_or(""));
  out.capability = query_parameter(query, "capability").value_or("");
  out.status = query_parameter(query, "status").value_or("");
  out.search = ascii_lowered(query_parameter(query, "search").value_or(""));
  const Model any;
  if (!out.capability.empty() && !has_capability(any, out.capability)) {
    return refuse("capability", fmt::format("capability must be one of {}.", fmt::join(capability_words(), ", ")));
  }
  if (!out.status.empty() && !has_status(any, out.status)) {
    return refuse("status", fmt::format("status must be one of {}.", fmt::join(status_words(), ", ")));
  }
  return out;
}

ModelPage find_page(const Catalogue& catalogue, const ModelQuery& query) {
  ModelPage page;
  const std::int64_t first = (query.page - 1) * query.page_size;
  for (std::size_t i = 0; i < catalogue.models.size(); ++i) {
    if (!matches(catalogue.models[i], query)) continue;
    if (page.total >= first && page.total < first + query.page_size) page.models.push_back(i);
    ++page.total;
  }
  return page;
}

}  // namespace orchestra
