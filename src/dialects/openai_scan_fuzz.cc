// JSON requests: the scanner against Boost.JSON, the splice against the scanner, and decode and encode behind them.
#include <cstdint>
#include <cstdlib>

#include "base/json.h"
#include "base/utf8.h"
#include "dialects/codec.h"
#include "dialects/json_cursor.h"
#include "dialects/openai_scan.h"

namespace orchestra {
namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

void check_splice(const Call& call) {
  Splice splice;
  splice_openai(call, "up", true, splice);
  std::string spliced;
  for (const std::string_view piece : splice.pieces) spliced += piece;
  const auto again = scan_openai(call.shape.task, spliced);
  require(again.has_value());
  require(again->model == "up" && again->stream == call.shape.stream);
  require(again->include_usage == (call.shape.include_usage || call.shape.stream));
  require(again->text_bytes == call.shape.text_bytes);
}

void check(TaskKind task, std::string_view body) {
  const auto shape = scan_openai(task, body);
  const auto tree = parse_json(body);
  if (!shape) return;
  // The scanner takes nothing that the tree's parser refuses. (It refuses more: the fields are checked.)
  require(tree.has_value());
  require(find_string(*tree, "model").value_or("") == shape->model);
  const bool may_stream = answers_text(task);  // of the others nobody reads it
  require((may_stream && find_bool(*tree, "stream").value_or(false)) == shape->stream);
  Call call;
  call.body = body;
  call.shape = *shape;
  check_splice(call);
  const auto request = codec(Dialect::kOpenAi).decode(task, body);
  if (!request) return;
  for (const Dialect dialect : {Dialect::kOpenAi, Dialect::kAnthropic, Dialect::kOllama}) {
    const auto upstream = codec(dialect).encode(*request, "m");
    if (upstream) require(parse_json(upstream->body).has_value());
  }
}

}  // namespace
}  // namespace orchestra

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orchestra;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  // The bare grammar, without the fields: both parsers must agree on every text, but for numbers that nobody holds.
  JsonCursor cursor(body);
  const bool valid = !find_invalid_utf8(body) && cursor.skip() && cursor.at_end();
  const bool unheld = cursor.failure().contains("exponent") || cursor.failure().contains("range of a double");
  require(valid == parse_json(body).has_value() || unheld);
  for (const TaskKind task : {TaskKind::kChat, TaskKind::kCompletion, TaskKind::kEmbedding, TaskKind::kImage})
    check(task, body);
  return 0;
}
