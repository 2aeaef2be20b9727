#include "app/openapi.h"

#include <yaml-cpp/yaml.h>

#include <string_view>

#include "app/embedded.h"
#include "base/json.h"

namespace orchestra::app {
namespace {

// YAML's core schema: a plain scalar that reads as JSON is that value; a quoted one is a string.
void write_scalar(JsonWriter& writer, const YAML::Node& node) {
  const std::string& text = node.Scalar();
  const bool quoted = node.Tag() == "!";
  const auto value = quoted ? Result<json::value>(fail(Fault::kInvalid, "quoted")) : parse_json(text);
  if (value && (value->is_bool() || value->is_number() || value->is_null())) {
    writer.raw(text);
  } else {
    writer.string(text);
  }
}

void write_node(JsonWriter& writer, const YAML::Node& node) {
  if (node.IsMap()) {
    writer.begin_object();
    for (const auto& member : node) {
      writer.key(member.first.Scalar());
      write_node(writer, member.second);
    }
    writer.end_object();
  } else if (node.IsSequence()) {
    writer.begin_array();
    for (const auto& element : node) write_node(writer, element);
    writer.end_array();
  } else if (node.IsScalar()) {
    write_scalar(writer, node);
  } else {
    writer.null();
  }
}

}  // namespace

std::string openapi_json() {
  std::string out;
  JsonWriter writer(out);
  write_node(writer, YAML::Load(std::string(kOpenApiYaml)));
  return out;
}

std::string docs_html() {
  return std::string(kDocsHtml);
}

}  // namespace orchestra::app
