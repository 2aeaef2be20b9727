// libFuzzer: chunked bodies. However the input is cut, the decoder gives the same body and the same verdict.
#include "net/chunked.h"

using namespace orchestra::net;

namespace {

struct Decoded {
  Progress progress = Progress::kMore;
  std::string body;
  std::size_t consumed = 0;
};

Decoded decode(std::string_view wire, std::size_t piece) {
  ChunkedDecoder decoder;
  Decoded decoded;
  std::size_t given = 0;
  while (decoded.progress == Progress::kMore) {
    given = std::min(wire.size(), std::max(given, decoded.consumed) + piece);
    const auto step = decoder.next(wire.substr(decoded.consumed, given - decoded.consumed));
    if (step.consumed > given - decoded.consumed) __builtin_trap();
    decoded.progress = step.progress;
    decoded.body += step.data;
    decoded.consumed += step.consumed;
    if (step.consumed == 0 && given == wire.size()) break;
  }
  return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view wire(reinterpret_cast<const char*>(data), size);
  const Decoded whole = decode(wire, size + 1);
  const Decoded cut = decode(wire, 1);
  if (whole.progress != cut.progress) __builtin_trap();
  if (whole.progress == Progress::kDone && (whole.body != cut.body || whole.consumed != cut.consumed)) __builtin_trap();
  if (whole.body.size() > size) __builtin_trap();
  return 0;
}
