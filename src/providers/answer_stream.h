// One upstream answer as a Stream: bytes come from an HTTP response, whole events or decoded events go out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dialects/codec.h"
#include "ports/http_client.h"
#include "ports/provider.h"
#include "ports/workers.h"

namespace orchestra {

// Loop-bound. Destroying it closes the upstream connection, unless the body had ended, and gives the lease back.
class AnswerStream final : public Stream {
 public:
  struct Parts {
    const Clock& clock;
    const Codec& codec;
    std::unique_ptr<ClientResponse> response;
    std::optional<Lease> lease;
    Head head;
    TaskKind task = TaskKind::kChat;
    bool hide_usage = false;
    std::string provider;
  };
  AnswerStream(Parts parts, TimePoint deadline, Micros idle);

  // Reads until the first content or the end, at most until `by`. To be called once, before `next`.
  Task<void> read_to_content(TimePoint by);

  const Head& head() const noexcept override { return parts_.head; }
  Task<Chunk> next() override;
  Tally tally() const noexcept override;

 private:
  // Turns one piece of the body into a chunk, which may be empty.
  Result<Chunk> take(Result<std::string_view> piece);
  Result<Chunk> relay(std::string_view bytes);
  Result<Chunk> decode(std::string_view bytes);
  void count(const Event& event, std::uint8_t& marks);
  Error named(Error error) const;

  Parts parts_;
  TimePoint deadline_;
  Micros idle_;
  std::unique_ptr<RelayScanner> scanner_;  // Form::kRelay
  std::unique_ptr<ReplyDecoder> decoder_;  // Form::kEvents
  std::vector<Event> events_;
  Tally tally_;                 // Form::kEvents; the scanner keeps the relay's
  std::string held_wire_;       // what came before the first content
  std::optional<Chunk> first_;  // the chunk that read_to_content found
  bool ended_ = false;
};

}  // namespace orchestra
