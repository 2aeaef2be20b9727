// libFuzzer: request heads. What is accepted must hold what the parser promises, and must parse the same in pieces.
#include "net/characters.h"
#include "net/request_parser.h"

using namespace orchestra::net;

namespace {

void require(bool promise) {
  if (!promise) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  RequestHead head;
  Refusal refusal;
  const Progress progress = parse_request_head(text, {}, head, refusal);
  if (progress == Progress::kRefused) require(refusal.status >= 400 && !refusal.why.empty());
  if (progress != Progress::kDone) return 0;
  require(head.size <= size && text.substr(0, head.size).ends_with("\r\n\r\n"));
  require(all_are(head.method, kToken) && (head.path.starts_with('/') || head.path == "*"));
  require(!(head.framing.chunked && head.framing.content_length));
  require(head.minor_version == 0 || !head.host.empty());
  for (const FieldView& field : head.fields) {
    require(all_are(field.name, kToken) && (field.value.empty() || all_are(field.value, kFieldByte)));
  }
  // Every prefix of a good head is either unfinished or the same head.
  RequestHead again;
  const Progress half = parse_request_head(text.substr(0, head.size / 2), {}, again, refusal);
  require(half == Progress::kMore);
  require(parse_request_head(text.substr(0, head.size), {}, again, refusal) == Progress::kDone);
  require(again.path == head.path && again.fields.size() == head.fields.size());
  return 0;
}
