#include "dialects/openai_splice.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "dialects/json_cursor.h"

namespace orchestra {
namespace {

struct Edit {
  Span where;  // in the body; length 0 inserts
  std::string_view text;
};

// Where include_usage is set to true, given a `stream_options` value; `json` gets the text.
Span edit_stream_options(std::string_view body, Span value, std::string& json) {
  const std::string_view text = body.substr(value.offset, value.length);
  JsonCursor cursor(text);
  if (cursor.peek() != JsonCursor::Kind::kObject) {
    json = R"({"include_usage":true})";
    return value;
  }
  cursor.enter_object();
  const std::size_t first = cursor.offset();
  bool empty = true;
  std::string room;
  JsonCursor::Text key;
  while (cursor.next_member(key)) {
    empty = false;
    const bool found = unescape(key, room) == "include_usage";
    Span member;
    cursor.skip(member);
    if (!found) continue;
    json = "true";
    return Span{.offset = value.offset + member.offset, .length = member.length};
  }
  json = empty ? R"("include_usage":true)" : R"("include_usage":true,)";
  return Span{.offset = value.offset + first, .length = 0};
}

}  // namespace

void splice_openai(const Call& call, std::string_view upstream_model, bool ask_usage, Splice& out) {
  const Shape& shape = call.shape;
  const std::string_view body = call.body;
  std::array<Edit, 2> edits;
  std::size_t count = 0;
  bool bare = shape.empty_object;  // no member stands behind an insertion yet

  out.model_json.clear();
  out.usage_json.clear();
  out.pieces.clear();
  if (ask_usage && shape.stream && !shape.include_usage) {
    Span where{.offset = shape.first_member, .length = 0};
    if (shape.stream_options_value.length > 0) {
      where = edit_stream_options(body, shape.stream_options_value, out.usage_json);
    } else {
      out.usage_json = R"("stream_options":{"include_usage":true})";
      if (!bare) out.usage_json += ',';
      bare = false;
    }
    edits[count++] = {where, out.usage_json};
  }
  if (shape.model_value.length > 0) {
    append_json_string(out.model_json, upstream_model);
    edits[count++] = {shape.model_value, out.model_json};
  } else {
    out.model_json = R"("model":)";
    append_json_string(out.model_json, upstream_model);
    if (!bare) out.model_json += ',';
    edits[count++] = {Span{.offset = shape.first_member, .length = 0}, out.model_json};
  }
  // Two insertions at one place: the later of the array goes first, because only it may end without a comma.
  if (count == 2 && edits[1].where.offset <= edits[0].where.offset) std::swap(edits[0], edits[1]);

  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Edit& edit = edits[i];
    if (edit.where.offset > at) out.pieces.push_back(body.substr(at, edit.where.offset - at));
    out.pieces.push_back(edit.text);
    at = edit.where.offset + edit.where.length;
  }
  if (at < body.size()) out.pieces.push_back(body.substr(at));
}

}  // namespace orchestra
