#include "api/json_body.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace orchestra {

Result<JsonBody> JsonBody::parse(std::string_view text) {
  TRY(auto value, parse_json(text));
  if (!value.is_object()) return fail(Fault::kUnprocessable, "The body must be a JSON object.");
  return JsonBody(std::move(value));
}

const json::value* JsonBody::member(std::string_view name) const noexcept {
  const json::value* found = find(value_, name);
  return found != nullptr && !found->is_null() ? found : nullptr;
}

void JsonBody::wrong(std::string_view name, std::string what) {
  if (error_) return;
  error_ = Error{.fault = Fault::kUnprocessable,
                 .what = fmt::format("The member \"{}\" {}", name, what),
                 .code = "invalid_request",
                 .param = std::string(name)};
}

bool JsonBody::has(std::string_view name) const noexcept {
  return member(name) != nullptr;
}

std::string JsonBody::text(std::string_view name) {
  auto found = optional_text(name);
  if (!found || found->empty()) {
    wrong(name, "is missing: it must be a text that is not empty.");
    return {};
  }
  return std::move(*found);
}

std::optional<std::string> JsonBody::optional_text(std::string_view name) {
  const json::value* found = member(name);
  if (found == nullptr) return std::nullopt;
  if (const auto* text = found->if_string()) return std::string(*text);
  wrong(name, "must be a text.");
  return std::nullopt;
}

std::optional<std::int64_t> JsonBody::optional_integer(std::string_view name, std::int64_t least, std::int64_t most) {
  if (member(name) == nullptr) return std::nullopt;
  const auto found = find_int(value_, name);
  if (found && *found >= least && *found <= most) return found;
  wrong(name, fmt::format("must be a whole number from {} to {}.", least, most));
  return std::nullopt;
}

std::optional<double> JsonBody::optional_number(std::string_view name, double least, double most) {
  if (member(name) == nullptr) return std::nullopt;
  const auto found = find_number(value_, name);
  if (found && std::isfinite(*found) && *found >= least && *found <= most) return found;
  wrong(name, fmt::format("must be a number from {} to {}.", least, most));
  return std::nullopt;
}

bool JsonBody::truth(std::string_view name) {
  if (member(name) == nullptr) return false;
  const auto found = find_bool(value_, name);
  if (!found) wrong(name, "must be true or false.");
  return found.value_or(false);
}

bool JsonBody::required_truth(std::string_view name) {
  if (member(name) == nullptr) wrong(name, "is missing: it must be true or false.");
  return truth(name);
}

std::vector<std::string> JsonBody::optional_texts(std::string_view name) {
  std::vector<std::string> texts;
  const json::value* found = member(name);
  if (found == nullptr) return texts;
  const auto* items = found->if_array();
  if (items == nullptr || std::ranges::any_of(*items, [](const json::value& item) { return !item.is_string(); })) {
    wrong(name, "must be an array of texts.");
    return texts;
  }
  for (const json::value& item : *items) texts.emplace_back(item.get_string());
  return texts;
}

std::optional<JsonBody> JsonBody::optional_object(std::string_view name) {
  const json::value* found = member(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_object()) return JsonBody(*found);
  wrong(name, "must be an object.");
  return std::nullopt;
}

std::optional<std::string> JsonBody::optional_word(std::string_view name,
                                                   std::initializer_list<std::string_view> allowed) {
  auto found = optional_text(name);
  if (!found || std::ranges::find(allowed, std::string_view(*found)) != allowed.end()) return found;
  wrong(name, fmt::format("must be one of {}.", fmt::join(allowed, ", ")));
  return std::nullopt;
}

Result<void> JsonBody::check() const {
  if (error_) return fail(*error_);
  return {};
}

void JsonBody::note(const JsonBody& part) {
  if (!error_) error_ = part.error_;
}

}  // namespace orchestra
