// openapi_to_json FILE: prints api/openapi.yaml as JSON, on one line. The build runs it.
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <string>

#include "base/json.h"

using namespace orchestra;

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

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: openapi_to_json FILE\n", stderr);
    return 2;
  }
  try {
    std::string out;
    JsonWriter writer(out);
    write_node(writer, YAML::LoadFile(argv[1]));
    std::fputs(out.c_str(), stdout);
  } catch (const YAML::Exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[1], error.what());
    return 1;
  }
}
