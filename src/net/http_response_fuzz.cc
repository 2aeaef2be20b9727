// libFuzzer: response heads of lying upstreams.
#include "net/characters.h"
#include "net/response_parser.h"

using namespace orchestra::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ResponseHead head;
  Refusal refusal;
  if (parse_response_head(text, 16 * 1024, head, refusal) != Progress::kDone) return 0;
  const bool sound = head.size <= size && head.status >= 100 && head.status < 600 &&
                     !(head.framing.chunked && head.framing.content_length);
  if (!sound) __builtin_trap();
  for (const FieldView& field : head.fields) {
    if (!all_are(field.name, kToken) || (!field.value.empty() && !all_are(field.value, kFieldByte))) __builtin_trap();
  }
  return 0;
}
