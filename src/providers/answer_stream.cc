#include "providers/answer_stream.h"

#include <algorithm>

#include "dialects/broken_answer.h"
#include "providers/upstream.h"

namespace orchestra {
namespace {

// What an upstream may send before its first content: a lying one must not fill the memory with comments.
constexpr std::size_t kMostHeld = std::size_t{16} << 20;

bool is_content(const Event& event) {
  return !std::holds_alternative<UsageEvent>(event) && !std::holds_alternative<FinishEvent>(event);
}

}  // namespace

AnswerStream::AnswerStream(Parts parts, TimePoint deadline, Micros idle)
    : parts_(std::move(parts)), deadline_(deadline), idle_(idle) {
  if (parts_.head.form == Form::kRelay) {
    scanner_ = parts_.codec.relay_scanner(parts_.task, parts_.head.stream, parts_.hide_usage);
  } else {
    decoder_ = parts_.codec.reply_decoder(parts_.task, parts_.head.stream);
  }
}

Error AnswerStream::named(Error error) const {
  return told_of(parts_.provider, std::move(error));
}

Result<Chunk> AnswerStream::relay(std::string_view bytes) {
  TRY(const RelayScanner::Scanned scanned, bytes.empty() ? scanner_->finish() : scanner_->feed(bytes));
  return Chunk{.wire = scanned.wire, .events = {}, .marks = scanned.marks};
}

void AnswerStream::count(const Event& event, std::uint8_t& marks) {
  if (const auto* usage = std::get_if<UsageEvent>(&event)) {
    tally_.usage = usage->usage;
    marks |= kUsage;
  } else if (is_content(event)) {
    tally_.content_events += Tokens(1);
    marks |= kContent;
  }
}

Result<Chunk> AnswerStream::decode(std::string_view bytes) {
  events_.clear();
  TRY_VOID(bytes.empty() ? decoder_->finish(events_) : decoder_->feed(bytes, events_));
  Chunk chunk;
  for (const Event& event : events_) count(event, chunk.marks);
  if (bytes.empty()) {
    tally_.finished = true;
    chunk.marks |= kEnd;
  }
  chunk.events = events_;
  return chunk;
}

Result<Chunk> AnswerStream::take(Result<std::string_view> piece) {
  if (!piece) return fail(named(std::move(piece.error())));
  auto chunk = scanner_ ? relay(*piece) : decode(*piece);
  if (!chunk) return fail(named(std::move(chunk.error())));
  ended_ = (chunk->marks & kEnd) != 0;
  return chunk;
}

Task<void> AnswerStream::read_to_content(TimePoint by) {
  std::vector<Event> held_events;
  std::uint8_t marks = kNothing;
  while ((marks & (kContent | kEnd)) == 0) {
    CO_TRY(const Chunk chunk, take(co_await parts_.response->read(std::min(by, deadline_))));
    marks |= chunk.marks;
    if ((marks & (kContent | kEnd)) == 0 || !held_wire_.empty()) held_wire_ += chunk.wire;
    if (held_wire_.size() > kMostHeld) co_return fail(named(answer_unreadable("a stream")));
    if (!held_events.empty() || (marks & (kContent | kEnd)) == 0) {
      held_events.insert(held_events.end(), events_.begin(), events_.end());
    }
    first_ = chunk;
  }
  if (!held_wire_.empty()) first_->wire = held_wire_;
  if (!held_events.empty()) {
    events_ = std::move(held_events);
    first_->events = events_;
  }
  first_->marks = marks;
  co_return Result<void>();
}

Task<Chunk> AnswerStream::next() {
  if (first_) {
    const Chunk chunk = *first_;
    first_.reset();
    co_return chunk;
  }
  while (true) {
    const TimePoint by = std::min(parts_.clock.now() + idle_, deadline_);
    CO_TRY(const Chunk chunk, take(co_await parts_.response->read(by)));
    if (!chunk.wire.empty() || !chunk.events.empty() || ended_) co_return chunk;
  }
}

Tally AnswerStream::tally() const noexcept {
  return scanner_ ? scanner_->tally() : tally_;
}

}  // namespace orchestra
