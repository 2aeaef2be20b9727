#include "policy/checks/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace orchestra {
namespace {

// What does not fit, if anything.
using Fit = std::optional<std::string>;

constexpr int kDeepest = 64;
// A schema may refer to itself in several ways at once, which doubles at every step.
constexpr int kMostChecks = 100'000;

std::string_view kind_of(const json::value& value) noexcept {
  switch (value.kind()) {
    case json::kind::null: return "null";
    case json::kind::bool_: return "boolean";
    case json::kind::string: return "string";
    case json::kind::array: return "array";
    case json::kind::object: return "object";
    case json::kind::double_: return std::trunc(value.get_double()) == value.get_double() ? "integer" : "number";
    default: return "integer";
  }
}

bool is_of(std::string_view type, const json::value& value) noexcept {
  const std::string_view kind = kind_of(value);
  return kind == type || (type == "number" && kind == "integer");
}

// Characters, not bytes.
std::size_t length_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// Boost.JSON tells 1 from 1.0; JSON Schema does not.
bool same(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
  return a == b;
}

// One walk through a value beside its schema.
class SchemaWalk {
 public:
  explicit SchemaWalk(const json::value& root) : root_(root) {}

  Fit check(const json::value& schema, const json::value& value, const std::string& place, int depth) const {
    if (depth > kDeepest || ++checks_ > kMostChecks) return fmt::format("{}: the schema is too deep.", place);
    if (const auto* truth = schema.if_bool()) {
      return *truth ? Fit() : fmt::format("{}: nothing is allowed here.", place);
    }
    if (!schema.is_object()) return std::nullopt;
    for (const auto one : {&SchemaWalk::reference, &SchemaWalk::type, &SchemaWalk::choice, &SchemaWalk::number,
                           &SchemaWalk::size, &SchemaWalk::members, &SchemaWalk::items, &SchemaWalk::combined}) {
      if (auto fault = (this->*one)(schema, value, place, depth)) return fault;
    }
    return std::nullopt;
  }

 private:
  Fit reference(const json::value& schema, const json::value& value, const std::string& place, int depth) const {
    const auto ref = find_string(schema, "$ref");
    if (!ref) return std::nullopt;
    boost::system::error_code error;
    const json::value* target = ref->starts_with('#') ? root_.find_pointer(ref->substr(1), error) : nullptr;
    if (target == nullptr) return fmt::format("{}: the schema has no {:.80}.", place, *ref);
    return check(*target, value, place, depth + 1);
  }

  Fit type(const json::value& schema, const json::value& value, const std::string& place, int /*depth*/) const {
    const json::value* wanted = find(schema, "type");
    if (wanted == nullptr) return std::nullopt;
    if (const auto* one = wanted->if_string()) {
      if (is_of(*one, value)) return std::nullopt;
    } else if (const auto* several = wanted->if_array()) {
      if (std::ranges::any_of(*several, [&value](const json::value& one) {
            return one.is_string() && is_of(one.get_string(), value);
          })) {
        return std::nullopt;
      }
    }
    return fmt::format("{}: this must be of type {}.", place, json::serialize(*wanted));
  }

  Fit choice(const json::value& schema, const json::value& value, const std::string& place, int /*depth*/) const {
    const auto is_value = [&value](const json::value& one) { return same(one, value); };
    if (const json::value* only = find(schema, "const"); only != nullptr && !is_value(*only)) {
      return fmt::format("{}: this must be {:.200}.", place, json::serialize(*only));
    }
    const json::value* allowed = find(schema, "enum");
    if (allowed == nullptr || !allowed->is_array() || std::ranges::any_of(allowed->get_array(), is_value)) {
      return std::nullopt;
    }
    return fmt::format("{}: this must be one of {:.200}.", place, json::serialize(*allowed));
  }

  Fit number(const json::value& schema, const json::value& value, const std::string& place, int /*depth*/) const {
    if (!value.is_number()) return std::nullopt;
    const double given = value.to_number<double>();
    const auto broken = [&](const char* name, auto holds) {
      const auto limit = find_number(schema, name);
      return limit && !holds(given, *limit);
    };
    if (broken("minimum", std::greater_equal()) || broken("exclusiveMinimum", std::greater())) {
      return fmt::format("{}: {} is too small.", place, given);
    }
    if (broken("maximum", std::less_equal()) || broken("exclusiveMaximum", std::less())) {
      return fmt::format("{}: {} is too large.", place, given);
    }
    return std::nullopt;
  }

  Fit size(const json::value& schema, const json::value& value, const std::string& place, int /*depth*/) const {
    const bool text = value.is_string();
    if (!text && !value.is_array()) return std::nullopt;
    const auto given =
        static_cast<std::int64_t>(text ? length_of(std::string_view(value.get_string())) : value.get_array().size());
    const auto least = find_int(schema, text ? "minLength" : "minItems");
    const auto most = find_int(schema, text ? "maxLength" : "maxItems");
    if (least && given < *least) return fmt::format("{}: {} is too short; {} is the least.", place, given, *least);
    if (most && given > *most) return fmt::format("{}: {} is too long; {} is the most.", place, given, *most);
    return std::nullopt;
  }

  Fit members(const json::value& schema, const json::value& value, const std::string& place, int depth) const {
    const json::object* object = value.if_object();
    if (object == nullptr) return std::nullopt;
    if (const json::value* required = find(schema, "required"); required != nullptr && required->is_array()) {
      for (const json::value& name : required->get_array()) {
        if (name.is_string() && !object->contains(name.get_string())) {
          return fmt::format("{}: the member \"{}\" is missing.", place, std::string_view(name.get_string()));
        }
      }
    }
    const json::value* described = find(schema, "properties");
    const json::value* others = find(schema, "additionalProperties");
    for (const auto& [name, member] : *object) {
      const json::value* its = described != nullptr ? find(*described, name) : nullptr;
      const json::value* by = its != nullptr ? its : others;
      if (by == nullptr) continue;
      if (auto fault = check(*by, member, fmt::format("{}/{}", place, std::string_view(name)), depth + 1)) return fault;
    }
    return std::nullopt;
  }

  Fit items(const json::value& schema, const json::value& value, const std::string& place, int depth) const {
    const json::array* array = value.if_array();
    const json::value* by = find(schema, "items");
    if (array == nullptr || by == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (auto fault = check(*by, (*array)[i], fmt::format("{}/{}", place, i), depth + 1)) return fault;
    }
    return std::nullopt;
  }

  Fit combined(const json::value& schema, const json::value& value, const std::string& place, int depth) const {
    const auto fits = [&](const json::value& one) { return !check(one, value, place, depth + 1); };
    const auto list = [&schema](const char* name) {
      const json::value* found = find(schema, name);
      return found != nullptr ? found->if_array() : nullptr;
    };
    if (const auto* all = list("allOf"); all != nullptr) {
      for (const json::value& one : *all) {
        if (auto fault = check(one, value, place, depth + 1)) return fault;
      }
    }
    if (const auto* any = list("anyOf"); any != nullptr && std::ranges::none_of(*any, fits)) {
      return fmt::format("{}: this fits none of the allowed forms.", place);
    }
    if (const auto* one = list("oneOf"); one != nullptr && std::ranges::count_if(*one, fits) != 1) {
      return fmt::format("{}: this must fit exactly one of the allowed forms.", place);
    }
    const json::value* refused = find(schema, "not");
    if (refused == nullptr || !fits(*refused)) return std::nullopt;
    return fmt::format("{}: this has a form that is not allowed.", place);
  }

  const json::value& root_;
  mutable int checks_ = 0;
};

}  // namespace

Result<JsonSchema> JsonSchema::parse(std::string_view text) {
  auto value = parse_json(text);
  if (value && value->is_object()) return JsonSchema(std::move(value->get_object()));
  return fail(Error{.fault = Fault::kUnprocessable,
                    .what = "The schema of response_format must be a JSON object.",
                    .code = "invalid_request",
                    .param = "response_format"});
}

std::optional<std::string> JsonSchema::fault(const json::value& value) const {
  return SchemaWalk(root_).check(root_, value, "", 0);
}

}  // namespace orchestra
