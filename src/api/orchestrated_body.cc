#include "api/orchestrated_body.h"

namespace orchestra {
namespace {

std::size_t read_size(JsonBody& body) {
  return static_cast<std::size_t>(
      body.optional_integer("size", 1, static_cast<std::int64_t>(kMostMembers)).value_or(3));
}

Result<std::vector<std::string>> read_members(JsonBody& body) {
  auto members = body.optional_texts("members");
  TRY_VOID(body.check());
  if (members.size() <= kMostMembers) return members;
  return fail(Error{.fault = Fault::kUnprocessable,
                    .what = "The member \"members\" names more than 8 models.",
                    .code = "invalid_request",
                    .param = "members"});
}

Result<std::map<std::string, double, std::less<>>> read_weights(JsonBody& body) {
  std::map<std::string, double, std::less<>> weights;
  auto given = body.optional_object("weights");
  if (!given) return weights;
  for (const auto& [name, value] : given->members()) {
    weights[std::string(name)] = given->optional_number(name, 0, 1e6).value_or(1);
  }
  body.note(*given);
  TRY_VOID(body.check());
  return weights;
}

// What the checks of a cascade can hold an answer against.
Result<void> read_format(const Inference& inference, CascadePlan& plan) {
  const json::value* format = inference.chat.if_contains("response_format");
  const auto type = format != nullptr ? find_string(*format, "type") : std::nullopt;
  plan.json = type == "json_object" || type == "json_schema";
  const json::value* described = type == "json_schema" ? find(*format, "json_schema") : nullptr;
  const json::value* schema = described != nullptr ? find(*described, "schema") : nullptr;
  if (schema == nullptr) return {};
  TRY(plan.schema, JsonSchema::parse(json::serialize(*schema)));
  return {};
}

}  // namespace

Result<EnsembleBody> read_ensemble(const Inference& inference) {
  JsonBody body = inference.ensemble.value_or(JsonBody(json::object()));
  EnsembleBody read;
  read.wishes.merge = body.optional_text("merge").value_or("");
  read.wishes.judge = body.optional_text("judge").value_or("");
  read.size = read_size(body);
  TRY(read.wishes.members, read_members(body));
  TRY(read.wishes.weights, read_weights(body));
  return read;
}

Result<CascadeBody> read_cascade(const Inference& inference) {
  JsonBody body = inference.cascade.value_or(JsonBody(json::object()));
  CascadeBody read;
  read.plan.judge = body.optional_text("judge").value_or("");
  read.plan.min_confidence = body.optional_number("min_confidence", 0, 1);
  const auto pattern = body.optional_text("pattern");
  read.size = read_size(body);
  TRY(read.plan.members, read_members(body));
  if (pattern) {
    TRY(read.plan.pattern, Pattern::compile(*pattern));
  }
  TRY_VOID(read_format(inference, read.plan));
  return read;
}

}  // namespace orchestra
