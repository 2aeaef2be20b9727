#include "net/client_response.h"

#include <fmt/format.h>

#include <boost/asio/ssl.hpp>
#include <cstring>

namespace orchestra::net {

UpstreamResponse::UpstreamResponse(std::shared_ptr<Channel> channel, std::shared_ptr<Pool> pool, bool to_head_request)
    : channel_(std::move(channel)), pool_(std::move(pool)), to_head_request_(to_head_request) {}

UpstreamResponse::~UpstreamResponse() {
  if (channel_ && complete_) end_message();
  close();
}

void UpstreamResponse::close() noexcept {
  if (!channel_) return;
  channel_->clear();
  channel_->close();
  channel_.reset();
}

// The message's last byte was read: keep the connection if nothing speaks against it.
void UpstreamResponse::end_message() {
  channel_->consume(lent_);
  lent_ = 0;
  const bool clean = channel_->unread().empty() && !channel_->ended() && channel_->is_open();
  if (pool_ && reusable_ && clean) {
    pool_->give(std::move(channel_));
    channel_.reset();
  } else {
    close();
  }
}

Error UpstreamResponse::broken(std::string_view what) {
  close();
  return Error{.fault = Fault::kUpstream, .what = fmt::format("The upstream {}.", what)};
}

Error UpstreamResponse::not_read(Wake wake) {
  close();
  if (wake == Wake::kCancelled) return Error{.fault = Fault::kCancelled, .what = "The client left."};
  return Error{.fault = Fault::kTimeout, .what = "The upstream did not answer in time."};
}

Task<void> UpstreamResponse::read_head(TimePoint by, std::size_t limit) {
  while (true) {
    if (!channel_->unread().empty()) {
      any_byte_ = true;
      CO_TRY(const bool done, take_head(limit));
      if (done) co_return Result<void>();
    }
    if (channel_->ended()) co_return fail(broken("closed the connection before it answered"));
    channel_->set(by);
    const Wake wake = co_await channel_->next_read();
    if (wake != Wake::kRead) co_return fail(not_read(wake));
  }
}

// True when the final head is complete.
Result<bool> UpstreamResponse::take_head(std::size_t limit) {
  ResponseHead head;
  head.fields.reserve(16);
  Refusal refusal;
  while (true) {
    const Progress progress = parse_response_head(channel_->unread_text(), limit, head, refusal);
    if (progress == Progress::kMore) return false;
    if (progress == Progress::kRefused) {
      if (refusal.why.ends_with('.')) refusal.why.remove_suffix(1);
      return fail(broken(fmt::format("sent an invalid answer: {}", refusal.why)));
    }
    if (head.status == 101) return fail(broken("switched protocols unasked"));
    if (head.status >= 200) break;
    interim_bytes_ += head.size;
    if (interim_bytes_ > limit) return fail(broken("does not come to an answer"));
    channel_->consume(head.size);
  }
  status_ = head.status;
  for (const FieldView& field : head.fields) fields_.add(field.name, field.value);
  body_end_ = head.body_end(to_head_request_);
  left_ = head.framing.content_length.value_or(0);
  reusable_ = head.keep_alive() && body_end_ != BodyEnd::kClose;
  channel_->consume(head.size);
  complete_ = body_end_ == BodyEnd::kNone;
  return true;
}

Task<std::string_view> UpstreamResponse::read(TimePoint by) {
  while (channel_) {
    channel_->consume(lent_);
    lent_ = 0;
    if (complete_) {
      end_message();
      break;
    }
    CO_TRY(const std::string_view bytes, take_body());
    if (!bytes.empty()) co_return bytes;
    if (complete_) continue;
    if (channel_->ended()) {
      const bool whole = body_end_ == BodyEnd::kClose && channel_->ended_cleanly();
      if (!whole) co_return fail(broken("broke off in the middle of its answer"));
      complete_ = true;
      continue;
    }
    const bool large = body_end_ == BodyEnd::kLength && left_ > Channel::kSmallRead;
    channel_->set(by);
    const Wake wake = co_await channel_->next_read(large ? Channel::kLargeRead : Channel::kMediumRead);
    if (wake != Wake::kRead) co_return fail(not_read(wake));
  }
  // Broken, timed out or cancelled before: the end was never reached.
  if (!complete_) co_return fail(Fault::kUpstream, "The upstream broke off its answer.");
  co_return std::string_view();
}

Result<std::string_view> UpstreamResponse::take_body() {
  if (body_end_ == BodyEnd::kChunked) return take_chunks();
  std::string_view bytes = channel_->unread_text();
  if (body_end_ == BodyEnd::kLength) {
    bytes = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
    left_ -= bytes.size();
    complete_ = left_ == 0;
  }
  lent_ = bytes.size();
  return bytes;
}

// All chunks of the buffer as one view: the data is moved together in place, so the caller makes one write of it.
Result<std::string_view> UpstreamResponse::take_chunks() {
  const std::span<char> buffer = channel_->unread();
  char* data = nullptr;
  std::size_t size = 0;
  while (true) {
    const auto step = decoder_.next({buffer.data() + lent_, buffer.size() - lent_});
    if (step.progress == Progress::kRefused) {
      return fail(broken(fmt::format("sent an invalid chunked body: {}", decoder_.why())));
    }
    lent_ += step.consumed;
    if (!step.data.empty() && data == nullptr) {
      data = const_cast<char*>(step.data.data());
      size = step.data.size();
    } else if (!step.data.empty()) {
      std::memmove(data + size, step.data.data(), step.data.size());
      size += step.data.size();
    }
    complete_ = step.progress == Progress::kDone;
    if (complete_ || step.consumed == 0) return std::string_view(data, size);
  }
}

}  // namespace orchestra::net
