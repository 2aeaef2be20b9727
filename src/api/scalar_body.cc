#include "api/scalar_body.h"

#include <algorithm>

#include "api/context.h"

namespace orchestra {
namespace {

void add_pairs(std::string_view pairs, std::initializer_list<std::string_view> numbers, json::object& out) {
  while (!pairs.empty()) {
    const auto pair = pairs.substr(0, pairs.find('&'));
    pairs.remove_prefix(std::min(pairs.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (pair.empty() || equals == std::string_view::npos) continue;
    const std::string name = percent_decode(pair.substr(0, equals), true);
    const std::string value = percent_decode(pair.substr(equals + 1), true);
    if (out.contains(name)) continue;
    const bool numeric = std::ranges::find(numbers, std::string_view(name)) != numbers.end();
    if (const auto number = numeric ? number_of<double>(value) : std::nullopt) {
      out[name] = *number;
    } else {
      out[name] = value;
    }
  }
}

bool is_form(const HttpRequest& http) {
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  const std::string_view type = http.fields.find("content-type").value_or("");
  return equals_ignoring_case(type.substr(0, std::min(type.find(';'), type.size())), kForm);
}

}  // namespace

Result<JsonBody> read_scalars(const HttpRequest& http, std::initializer_list<std::string_view> numbers) {
  json::object members;
  // curl -d sends JSON under the type of forms unless it is told otherwise.
  const bool json_like = http.body.find_first_not_of(" \t\r\n") != std::string::npos &&
                         http.body[http.body.find_first_not_of(" \t\r\n")] == '{';
  if (is_form(http) && !json_like) {
    add_pairs(http.body, numbers, members);
  } else if (!http.body.empty()) {
    TRY(const auto body, JsonBody::parse(http.body));
    members = body.members();
  }
  add_pairs(http.query, numbers, members);
  return JsonBody(json::value(std::move(members)));
}

}  // namespace orchestra
