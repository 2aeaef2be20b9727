#include "store/record_json.h"

#include <algorithm>

#include "base/json.h"

namespace orchestra {
namespace {

// Every member by its name, once, for writing and for reading.
template <class Visit>
void each_price(Visit&& visit) {
  visit("input", &Price::input);
  visit("output", &Price::output);
  visit("cached_input", &Price::cached_input);
  visit("cache_write", &Price::cache_write);
  visit("reasoning", &Price::reasoning);
  visit("audio_input", &Price::audio_input);
  visit("audio_output", &Price::audio_output);
}
template <class Visit>
void each_text(Visit&& visit) {
  visit("display_name", &ModelRecord::display_name);
  visit("family", &ModelRecord::family);
  visit("version", &ModelRecord::version);
  visit("type", &ModelRecord::type);
  visit("description", &ModelRecord::description);
  visit("currency", &ModelRecord::currency);
  visit("quantization", &ModelRecord::quantization);
  visit("release_date", &ModelRecord::release_date);
  visit("deprecation_date", &ModelRecord::deprecation_date);
  visit("metadata", &ModelRecord::metadata);
  visit("configuration", &ModelRecord::configuration);
}
template <class Visit>
void each_list(Visit&& visit) {
  visit("tags", &ModelRecord::tags);
  visit("recommended_for", &ModelRecord::recommended_for);
  visit("not_recommended_for", &ModelRecord::not_recommended_for);
}
template <class Visit>
void each_flag(Visit&& visit) {
  visit("active", &ModelRecord::active);
  visit("fast", &ModelRecord::fast);
  visit("on_gpu", &ModelRecord::on_gpu);
  visit("on_cpu", &ModelRecord::on_cpu);
}
template <class Record, class Visit>
void each_number(Record& record, Visit&& visit) {
  visit("cost_per_token", record.cost_per_token);
  visit("megabytes", record.megabytes);
  visit("million_parameters", record.million_parameters);
  visit("tokens_per_second", record.claimed.tokens_per_second);
  visit("success_rate", record.claimed.success_rate);
  visit("quality", record.claimed.quality);
}
template <class Record, class Visit>
void each_count(Record& record, Visit&& visit) {
  visit("first_content_us", record.claimed.first_content);
  visit("completion_us", record.claimed.completion);
  visit("context", record.context);
  visit("max_output", record.limits.output);
  visit("requests_per_minute", record.limits.requests_per_minute);
  visit("tokens_per_minute", record.limits.tokens_per_minute);
}

std::int64_t count_of(std::int64_t value) {
  return value;
}
std::int64_t count_of(Micros value) {
  return value.count();
}
std::int64_t count_of(Tokens value) {
  return value.count;
}

template <class Names>
void write_bits(JsonWriter& writer, std::string_view key, std::uint32_t set, const Names& names) {
  writer.key(key).begin_array();
  for (const auto& [bit, name] : names) {
    if (set & bit) writer.string(name);
  }
  writer.end_array();
}

template <class Set, class Names>
void read_bits(const json::value& object, std::string_view key, std::optional<Set>& out, const Names& names) {
  const json::value* list = find(object, key);
  if (!list || !list->is_array()) return;
  Set set = 0;
  for (const json::value& word : list->get_array()) {
    for (const auto& [bit, name] : names) {
      if (word.is_string() && std::string_view(word.get_string()) == name) set = static_cast<Set>(set | bit);
    }
  }
  out = set;
}

void write_versions(JsonWriter& writer, const ModelRecord& record) {
  writer.key("versions").begin_array();
  for (const ModelVersion& version : record.versions) {
    writer.begin_object().member("version", version.version).member("path", version.path);
    writer.member("created", version.created.time_since_epoch().count()).member("active", version.active).end_object();
  }
  writer.end_array();
}

WallTime time_of(const json::value& object, std::string_view key) {
  return WallTime(Micros(find_int(object, key).value_or(0)));
}

std::string text_of(const json::value& object, std::string_view key) {
  return std::string(find_string(object, key).value_or(""));
}

void read_versions(const json::value& object, ModelRecord& record) {
  const json::value* list = find(object, "versions");
  if (!list || !list->is_array()) return;
  for (const json::value& one : list->get_array()) {
    record.versions.push_back({.version = text_of(one, "version"),
                               .path = text_of(one, "path"),
                               .created = time_of(one, "created"),
                               .active = find_bool(one, "active").value_or(false)});
  }
}

void read_list(const json::value& object, std::string_view key, std::optional<std::vector<std::string>>& out) {
  const json::value* list = find(object, key);
  if (!list || !list->is_array()) return;
  out.emplace();
  for (const json::value& item : list->get_array()) {
    if (item.is_string()) out->emplace_back(std::string_view(item.get_string()));
  }
}

void write_sets(JsonWriter& writer, const ModelRecord& record) {
  if (record.tasks) write_bits(writer, "tasks", *record.tasks, kCapabilityNames);
  if (record.features) write_bits(writer, "features", *record.features, kCapabilityNames);
  if (record.skills) write_bits(writer, "skills", *record.skills, kSkillNames);
  if (record.maturity) writer.member("status", maturity_name(*record.maturity));
  each_list([&](std::string_view name, auto field) {
    if (!(record.*field)) return;
    writer.key(name).begin_array();
    for (const std::string& item : *(record.*field)) writer.string(item);
    writer.end_array();
  });
}

}  // namespace

std::string record_to_json(const ModelRecord& record) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("id", record.id.text);
  each_text([&](std::string_view name, auto field) {
    if (!(record.*field).empty()) writer.member(name, record.*field);
  });
  each_flag([&](std::string_view name, auto field) {
    if (record.*field) writer.member(name, *(record.*field));
  });
  each_number(record, [&](std::string_view name, const auto& value) {
    if (value) writer.member(name, *value);
  });
  each_count(record, [&](std::string_view name, const auto& value) {
    if (value) writer.member(name, count_of(*value));
  });
  write_sets(writer, record);
  writer.key("price").begin_object();
  each_price([&](std::string_view name, auto field) {
    if (record.price.*field) writer.member(name, (record.price.*field)->count);
  });
  writer.end_object();
  write_versions(writer, record);
  writer.member("created", record.created.time_since_epoch().count());
  writer.member("updated", record.updated.time_since_epoch().count()).end_object();
  return out;
}

Result<ModelRecord> record_from_json(std::string_view text) {
  TRY(const json::value object, parse_json(text));
  ModelRecord record{.id = {text_of(object, "id")}};
  if (record.id.text.empty()) return fail(Fault::kInvalid, "A registered model has no id.");
  each_text([&](std::string_view name, auto field) { record.*field = text_of(object, name); });
  each_flag([&](std::string_view name, auto field) { record.*field = find_bool(object, name); });
  each_number(record, [&](std::string_view name, auto& value) { value = find_number(object, name); });
  each_count(record, [&]<class T>(std::string_view name, std::optional<T>& value) {
    if (const auto count = find_int(object, name)) value = T(*count);
  });
  read_bits(object, "tasks", record.tasks, kCapabilityNames);
  read_bits(object, "features", record.features, kCapabilityNames);
  read_bits(object, "skills", record.skills, kSkillNames);
  const auto status = std::ranges::find(kMaturityNames, find_string(object, "status").value_or(""));
  if (status != kMaturityNames.end()) record.maturity = static_cast<Maturity>(status - kMaturityNames.begin());
  each_list([&](std::string_view name, auto field) { read_list(object, name, record.*field); });
  if (const json::value* price = find(object, "price")) {
    each_price([&](std::string_view name, auto field) {
      if (const auto count = find_int(*price, name)) record.price.*field = MicroUsd(*count);
    });
  }
  read_versions(object, record);
  record.created = time_of(object, "created");
  record.updated = time_of(object, "updated");
  return record;
}

}  // namespace orchestra
