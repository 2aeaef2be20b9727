// The caller's end of the line: dialect encoder + exchange.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "dialects/codec.h"
#include "domain/call.h"
#include "ports/exchange.h"
#include "ports/sink.h"

namespace orchestra {

// Loop-bound; the references outlive it.
class AnswerSink final : public Sink {
 public:
  AnswerSink(const Call& call, Exchange& exchange, const Clock& clock);

  Task<void> begin(const Head& head) override;
  Task<void> keep_alive() override;
  Task<void> write(const Chunk& chunk) override;
  Task<void> fail(const Error& error) override;

 private:
  HttpResponse response_head(const Head& head) const;
  Task<void> begin_early();
  Task<void> write_stream(const Chunk& chunk);
  Task<void> write_whole(const Chunk& chunk);

  const Call& call_;
  const Codec& codec_;
  Exchange& exchange_;
  const Clock& clock_;
  bool begun_ = false;                     // a streamed head is on the wire
  HttpResponse whole_;                     // gathered until kEnd
  std::unique_ptr<ReplyEncoder> encoder_;  // Form::kEvents
  std::string buffer_;
  bool stream_ = false;
};

}  // namespace orchestra
