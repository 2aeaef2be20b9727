// Whether a JSON value fits a JSON Schema: the part of 2020-12 (https://json-schema.org/draft/2020-12) that answers of
// models are asked for. Pure.
//
// Checked: type, enum, const, properties, required, additionalProperties, items, minItems, maxItems, minLength,
// maxLength, minimum, maximum, exclusiveMinimum, exclusiveMaximum, anyOf, oneOf, allOf, not, and $ref into the schema's
// own document ("#/$defs/name"). Other keywords are passed over, as the standard has it for unknown ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace orchestra {

class JsonSchema {
 public:
  // kUnprocessable: no JSON object.
  static Result<JsonSchema> parse(std::string_view text);
  explicit JsonSchema(json::object schema) : root_(std::move(schema)) {}

  // What does not fit, as a sentence that names the place ("/items/0/name"); nothing when all fits. References that
  // lead nowhere, or deeper than 64, do not fit.
  std::optional<std::string> fault(const json::value& value) const;

 private:
  json::value root_;
};

}  // namespace orchestra
