#include "api/model_usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "api/context.h"
#include "api/json_body.h"
#include "api/model_words.h"
#include "base/ascii.h"

namespace orchestra {
namespace {

std::unexpected<Error> refuse(std::string_view field, std::string what) {
  return fail(Error{.fault = Fault::kUnprocessable, .what = std::move(what), .param = std::string(field)});
}

// A parameter of the query, or a member of the body as text.
std::optional<std::string> said(const HttpRequest& request, const json::object& body, std::string_view name) {
  if (auto parameter = query_parameter(request.query, name)) return parameter;
  const json::value* member = body.if_contains(name);
  if (!member || member->is_null()) return std::nullopt;
  return member->is_string() ? std::string(member->get_string()) : json::serialize(*member);
}

Result<double> number(const HttpRequest& request, const json::object& body, std::string_view name, double largest) {
  const auto text = said(request, body, name);
  if (!text) return refuse(name, fmt::format("{} is missing.", name));
  const auto value = number_of<double>(*text);
  if (value && std::isfinite(*value) && *value >= 0 && *value <= largest) return *value;
  return refuse(name, fmt::format("{} must be a finite number from 0 to {}.", name, largest));
}

}  // namespace

Result<OutcomeFact> read_model_usage(const HttpRequest& request, const ModelId& model, WallTime now) {
  json::object body;
  if (!request.body.empty()) {
    TRY(const auto read, JsonBody::parse(request.body));
    body = read.members();
  }
  const auto type = said(request, body, "query_type");
  const auto found = query_type_of(ascii_lowered(type.value_or("")));
  if (!found)
    return refuse("query_type", fmt::format("query_type must be one of {}.", fmt::join(kQueryTypeNames, ", ")));
  TRY(const double seconds, number(request, body, "response_time", 86'400));
  TRY(const double cost, number(request, body, "cost_usd", 1'000'000));
  return OutcomeFact{.model = model,
                     .query_class = static_cast<int>(*found),
                     .duration = Micros(std::llround(seconds * 1e6)),
                     .success = true,
                     .cost = MicroUsd(std::llround(cost * 1e6)),
                     .when = now};
}

}  // namespace orchestra
