// The half of Connection that reads request bodies.
#include <boost/asio/ssl.hpp>

#include "net/connection.h"

namespace orchestra::net {

bool Connection::refuse_body(int status, std::string_view why) {
  refusal_ = {status, why};
  return false;
}

// Most bodies come with their head: they need no coroutine. False: read_body() must see to it.
bool Connection::take_whole_body() {
  const std::string_view text = channel_->unread_text();
  if (plan_.chunked || plan_.gzip || plan_.length > text.size() || plan_.length > state_->options.limits.body_bytes) {
    return false;
  }
  if (!reservation_.grow_to(static_cast<std::int64_t>(plan_.length))) return false;
  request_.body.assign(text.substr(0, static_cast<std::size_t>(plan_.length)));
  channel_->consume(request_.body.size());
  return true;
}

Awaitable<bool> Connection::read_body() {
  body_left_ = plan_.length;
  body_wire_bytes_ = 0;
  decoder_ = ChunkedDecoder();
  inflater_ = plan_.gzip ? std::make_unique<Inflater>() : nullptr;
  if (!co_await check_length()) co_return co_await refuse(refusal_);
  const TimePoint started = state_->deadlines->now();
  while (true) {
    Progress progress = Progress::kMore;
    if (!take_body(progress)) co_return co_await refuse(refusal_);
    if (progress == Progress::kDone) break;
    if (!co_await more_body(started)) {
      if (refusal_.status == 0) co_return false;
      co_return co_await refuse(refusal_);
    }
  }
  if (inflater_ && !inflater_->complete()) {
    co_return co_await refuse({400, "The gzip body is cut off."});
  }
  inflater_.reset();
  co_return true;
}

// A length beyond the limit is refused before the body is read, and 100 Continue invites only what will be read.
Awaitable<bool> Connection::check_length() {
  const bool too_large = plan_.length > state_->options.limits.body_bytes;
  if (too_large) refuse_body(413, "The body is larger than this server accepts. Send less, or raise the limit.");
  if (!channel_->unread().empty()) co_return !too_large;
  if (plan_.expect_continue && too_large) co_return false;
  if (too_large) {
    // A client that announces much and sends nothing yet gets its answer with its first byte.
    channel_->set_in(state_->options.limits.body_stall);
    const Wake wake = co_await channel_->next_read();
    if (wake == Wake::kDeadline) refuse_body(408, "The body took too long to arrive.");
    co_return false;
  }
  if (!plan_.expect_continue) co_return true;
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  std::size_t written = 0;
  const Sent sent = channel_->try_write({&kContinue, 1}, written);
  if (sent == Sent::kDone) co_return true;
  (void)co_await send_rest({&kContinue, 1}, written, sent);
  co_return true;
}

// Waits for more. False: refusal_ says why, or its status is 0 and there is nobody to tell.
Awaitable<bool> Connection::more_body(TimePoint started) {
  refusal_.status = 0;
  if (channel_->ended()) co_return refuse_body(400, "The body ended before its announced end.");
  const ServerLimits& limits = state_->options.limits;
  channel_->set_in(limits.body_stall);
  const bool large = plan_.chunked ? body_wire_bytes_ > Channel::kSmallRead : body_left_ > Channel::kSmallRead;
  const Wake wake = co_await channel_->next_read(large ? Channel::kLargeRead : Channel::kSmallRead);
  if (wake == Wake::kCancelled) co_return false;
  if (wake == Wake::kDeadline) co_return refuse_body(408, "The body took too long to arrive.");
  // A client may begin slowly, but not stay slow: the rate counts once it had one stall's time.
  const auto elapsed = std::chrono::duration_cast<Micros>(state_->deadlines->now() - started);
  const auto least = static_cast<std::uint64_t>(elapsed.count()) / 1'000'000 * limits.body_bytes_per_second;
  if (elapsed > limits.body_stall && body_wire_bytes_ + channel_->unread().size() < least) {
    co_return refuse_body(408, "The body arrives too slowly.");
  }
  co_return true;
}

// Moves what was read into the body. False: refusal_ says why not.
bool Connection::take_body(Progress& progress) {
  if (!plan_.chunked) {
    const std::string_view text = channel_->unread_text();
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, text.size()));
    if (!take_piece(text.substr(0, size))) return false;
    channel_->consume(size);
    body_left_ -= size;
    if (body_left_ == 0) progress = Progress::kDone;
    return true;
  }
  while (true) {
    const ChunkedDecoder::Step step = decoder_.next(channel_->unread_text());
    if (step.progress == Progress::kRefused) {
      return refuse_body(400, "The chunked body is malformed.");
    }
    if (!take_piece(step.data)) return false;
    channel_->consume(step.consumed);
    progress = step.progress;
    if (step.progress == Progress::kDone || step.consumed == 0) return true;
  }
}

bool Connection::take_piece(std::string_view piece) {
  if (piece.empty()) return true;
  body_wire_bytes_ += piece.size();
  const std::size_t limit = state_->options.limits.body_bytes;
  constexpr std::string_view kTooLarge = "The body is larger than this server accepts. Send less, or raise the limit.";
  if (body_wire_bytes_ > limit) return refuse_body(413, kTooLarge);
  constexpr std::string_view kFull = "This server holds as many request bodies as it can. Try again in a second.";
  if (!reservation_.grow_to(static_cast<std::int64_t>(request_.body.size() + piece.size()))) {
    return refuse_body(503, kFull);
  }
  if (!inflater_) {
    request_.body += piece;
    return true;
  }
  switch (inflater_->feed(piece, request_.body, limit)) {
    case Inflater::Verdict::kDamaged: return refuse_body(400, "The gzip body is damaged.");
    case Inflater::Verdict::kTooLarge: return refuse_body(413, kTooLarge);
    case Inflater::Verdict::kFine: break;
  }
  if (reservation_.grow_to(static_cast<std::int64_t>(request_.body.size()))) return true;
  return refuse_body(503, kFull);
}

}  // namespace orchestra::net
