#include "dialects/json_text.h"

#include <fmt/format.h>

namespace orchestra {
namespace {

// Recursion is bounded by parse_json's depth limit.
void write(JsonWriter& writer, const json::value& value) {
  switch (value.kind()) {
    case json::kind::object:
      writer.begin_object();
      for (const auto& member : value.get_object()) {
        writer.key(member.key());
        write(writer, member.value());
      }
      writer.end_object();
      break;
    case json::kind::array:
      writer.begin_array();
      for (const auto& element : value.get_array()) write(writer, element);
      writer.end_array();
      break;
    case json::kind::string: writer.string(std::string_view(value.get_string())); break;
    case json::kind::int64: writer.number(value.get_int64()); break;
    case json::kind::uint64: writer.raw(fmt::format("{}", value.get_uint64())); break;
    case json::kind::double_: writer.number(value.get_double()); break;
    case json::kind::bool_: writer.boolean(value.get_bool()); break;
    case json::kind::null: writer.null(); break;
  }
}

}  // namespace

void append_json(std::string& out, const json::value& value) {
  JsonWriter writer(out);
  write(writer, value);
}

std::string json_text(const json::value& value) {
  std::string out;
  append_json(out, value);
  return out;
}

}  // namespace orchestra
