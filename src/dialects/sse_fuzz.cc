// SSE: any cut of any bytes gives the same events, and the relay gives back only whole events of what came in.
#include "dialects/sse.h"

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "dialects/openai_relay.h"

namespace orchestra {
namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

using Seen = std::vector<std::pair<std::string, std::string>>;

Seen split(const std::vector<std::string>& pieces, std::string& raw) {
  SseSplitter splitter;
  Seen seen;
  for (const std::string& piece : pieces) {
    splitter.feed(piece);
    while (true) {
      const auto event = splitter.next();
      require(event.has_value());
      if (!*event) break;
      raw += (*event)->raw;
      if ((*event)->has_data) seen.emplace_back((*event)->name, (*event)->data);
    }
  }
  if (const auto rest = splitter.rest()) raw += rest->raw;
  return seen;
}

struct Relayed {
  std::string wire;
  bool failed = false, ended = false;
};

Relayed relay(const std::vector<std::string>& pieces) {
  const auto scanner = openai_stream_relay(false);
  Relayed out;
  const auto take = [&](const Result<RelayScanner::Scanned>& scanned) {
    out.failed = !scanned.has_value();
    if (out.failed) return;
    out.wire += scanned->wire;
    out.ended = out.ended || (scanned->marks & kEnd) != 0;
  };
  for (const std::string& piece : pieces) {
    if (!out.failed) take(scanner->feed(piece));
  }
  if (!out.failed) take(scanner->finish());
  return out;
}

}  // namespace
}  // namespace orchestra

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orchestra;
  if (size < 2) return 0;
  const std::size_t cut = data[0] % size;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::vector<std::string> whole = {text};
  const std::vector<std::string> halves = {text.substr(0, std::min(cut, text.size())),
                                           text.substr(std::min(cut, text.size()))};
  std::string raw_whole;
  std::string raw_halves;
  require(split(whole, raw_whole) == split(halves, raw_halves));
  require(raw_whole == text && raw_halves == text);
  const Relayed first = relay(whole);
  const Relayed second = relay(halves);
  require(first.failed == second.failed && first.ended == second.ended);
  return 0;
}
