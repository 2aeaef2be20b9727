#include "ledger/ranking_json.h"

#include <fmt/format.h>

#include <charconv>

namespace orchestra {
namespace {

float single(ObjectReader& reader, std::string_view name) {
  return static_cast<float>(reader.number(name));
}

std::uint64_t bits(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void write_query(JsonWriter& writer, const Classification& query) {
  writer.key("query").begin_object().member("type", query_type_name(query.type)).member("confidence", query.confidence);
  writer.key("probabilities").begin_array();
  for (const float probability : query.probabilities) writer.number(probability);
  writer.end_array().member("complexity", complexity_name(query.complexity));
  writer.member("complexity_confidence", query.complexity_confidence);
  if (query.cheap_suffices) writer.member("cheap_suffices", *query.cheap_suffices);
  writer.end_object();
}

Classification read_query(ObjectReader reader) {
  Classification query;
  query.type = query_type_of(reader.text("type")).value_or(QueryType::kSimple);
  query.confidence = reader.exact("confidence");
  const json::array& probabilities = reader.array("probabilities");
  for (std::size_t i = 0; i < std::min(probabilities.size(), query.probabilities.size()); ++i) {
    if (probabilities[i].is_number()) query.probabilities[i] = probabilities[i].to_number<float>();
  }
  query.complexity = complexity_of(reader.text("complexity")).value_or(Complexity::kSimple);
  query.complexity_confidence = reader.exact("complexity_confidence");
  if (!reader.is_null("cheap_suffices")) query.cheap_suffices = reader.exact("cheap_suffices");
  return query;
}

Weights read_weights(ObjectReader reader) {
  return {.quality = reader.exact("quality"),
          .latency = reader.exact("latency"),
          .cost = reader.exact("cost"),
          .resources = reader.exact("resources")};
}

}  // namespace

void write_features(JsonWriter& writer, const Features& features) {
  writer.key("features").begin_object().member("strategy", features.strategy);
  if (const auto& weights = features.weights) {
    writer.key("weights").begin_object().member("quality", weights->quality).member("latency", weights->latency);
    writer.member("cost", weights->cost).member("resources", weights->resources).end_object();
  }
  if (features.query) write_query(writer, *features.query);
  writer.member("input_tokens", features.input.count).member("output_tokens", features.output.count);
  writer.member("seed", fmt::to_string(features.seed)).member("turn", fmt::to_string(features.turn));
  writer.member("exploration_usd", static_cast<float>(features.exploration_usd)).end_object();
}

void write_contender(JsonWriter& writer, const Contender& contender) {
  const Terms& terms = contender.terms;
  writer.key("score").number(contender.score);
  writer.key("contender").begin_object().member("index", contender.model).member("draw", contender.draw);
  writer.key("quality").number(terms.quality).key("success").number(terms.success);
  writer.key("latency").number(terms.latency).key("cost").number(terms.cost);
  writer.key("resources").number(terms.resources).key("samples").number(contender.samples);
  writer.key("expected_usd").number(contender.expected_usd).key("busy").number(contender.busy);
  writer.key("context").number(contender.context);
  if (contender.position >= 0) writer.member("position", contender.position);
  writer.member("cooling", contender.cooling).member("in_session", contender.in_session);
  if (contender.loading) writer.member("loading", true);
  writer.end_object();
}

Features read_features(ObjectReader reader) {
  Features features{.strategy = reader.text("strategy")};
  if (!reader.is_null("weights")) features.weights = read_weights(reader.object("weights"));
  if (!reader.is_null("query")) features.query = read_query(reader.object("query"));
  features.input = Tokens(reader.integer("input_tokens"));
  features.output = Tokens(reader.integer("output_tokens"));
  features.seed = bits(reader.text("seed"));
  features.turn = bits(reader.text("turn"));
  features.exploration_usd = single(reader, "exploration_usd");
  return features;
}

Contender read_contender(ObjectReader row) {
  Contender contender{.score = single(row, "score")};
  ObjectReader reader = row.object("contender");
  contender.model = static_cast<std::uint32_t>(reader.integer("index"));
  contender.draw = static_cast<std::uint32_t>(reader.integer("draw"));
  contender.terms = {.quality = single(reader, "quality"),
                     .success = single(reader, "success"),
                     .latency = single(reader, "latency"),
                     .cost = single(reader, "cost"),
                     .resources = single(reader, "resources")};
  contender.samples = single(reader, "samples");
  contender.expected_usd = single(reader, "expected_usd");
  contender.busy = single(reader, "busy");
  contender.context = single(reader, "context");
  if (!reader.is_null("position")) contender.position = static_cast<std::int32_t>(reader.integer("position"));
  contender.cooling = reader.truth("cooling");
  contender.in_session = reader.truth("in_session");
  contender.loading = !reader.is_null("loading") && reader.truth("loading");
  return contender;
}

}  // namespace orchestra
