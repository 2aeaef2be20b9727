#include "api/answer_sink.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/context.h"

namespace orchestra {

namespace {

// The names come out of the caller's body: as many as fit into a header that every client reads, in plain ASCII.
std::string dropped_names(const std::vector<std::string>& names) {
  constexpr std::size_t kLongestName = 64, kLongestList = 1024;
  std::string list;
  std::size_t left = names.size();
  for (const std::string& name : names) {
    if (list.size() + std::min(name.size(), kLongestName) > kLongestList) break;
    if (!list.empty()) list += ", ";
    for (const char c : std::string_view(name).substr(0, kLongestName))
      list += c > 0x20 && c < 0x7F && c != ',' ? c : '?';
    --left;
  }
  if (left > 0) list += fmt::format(", and {} more", left);
  return list;
}

Task<void> nothing_to_send() {
  co_return Result<void>();
}

}  // namespace

AnswerSink::AnswerSink(const Call& call, Exchange& exchange, const Clock& clock)
    : call_(call), codec_(codec(call.dialect)), exchange_(exchange), clock_(clock) {}

HttpResponse AnswerSink::response_head(const Head& head) const {
  HttpResponse response{.status = head.status, .content_type = head.content_type, .body = {}, .fields = {}};
  response.fields.reserve(head.headers.size() + 5);  // those below
  response.fields.insert(response.fields.end(), head.headers.begin(), head.headers.end());
  response.fields.emplace_back("x-request-id", call_.id.text());
  if (!head.model.empty()) response.fields.emplace_back("x-orchestra-model", head.model);
  if (!head.dropped.empty()) {
    response.fields.emplace_back("x-orchestra-dropped", dropped_names(head.dropped));
  }
  if (head.stream) {
    response.content_type = "text/event-stream";
    response.fields.emplace_back("cache-control", "no-cache");
    response.fields.emplace_back("x-accel-buffering", "no");
  }
  return response;
}

// What a stream's head says before it is known who answers.
Task<void> AnswerSink::begin_early() {
  stream_ = begun_ = true;
  co_return co_await exchange_.begin(response_head(Head{.status = 200, .stream = true}));
}

Task<void> AnswerSink::keep_alive() {
  if (!begun_) CO_TRY_VOID(co_await begin_early());
  co_return co_await exchange_.write(": waiting for the model\n\n");
}

Task<void> AnswerSink::begin(const Head& head) {
  stream_ = head.stream;
  if (head.form == Form::kEvents) {
    const auto request = call_.request();
    const auto* embedding = request ? std::get_if<EmbeddingRequest>(&request->get()) : nullptr;
    encoder_ = codec_.reply_encoder({.task = call_.shape.task,
                                     .id = std::string(call_.id.text()),
                                     .model = head.model,
                                     .created = unix_seconds(clock_.wall()),
                                     .stream = head.stream,
                                     .include_usage = call_.shape.include_usage,
                                     .base64 = embedding && embedding->base64});
  }
  if (begun_) return nothing_to_send();
  whole_ = response_head(head);
  if (!stream_) return nothing_to_send();
  begun_ = true;
  return exchange_.begin(std::move(whole_));
}

Task<void> AnswerSink::write_stream(const Chunk& chunk) {
  const bool end = (chunk.marks & kEnd) != 0;
  if (encoder_) {
    buffer_.clear();
    encoder_->events(chunk.events, buffer_);
    if (end) encoder_->end(buffer_);
  }
  const std::string_view bytes = encoder_ ? std::string_view(buffer_) : chunk.wire;
  if (!bytes.empty()) CO_TRY_VOID(co_await exchange_.write(bytes));
  if (end) co_return co_await exchange_.finish();
  co_return Result<void>();
}

Task<void> AnswerSink::write_whole(const Chunk& chunk) {
  if (encoder_) {
    encoder_->events(chunk.events, whole_.body);
  } else {
    whole_.body += chunk.wire;
  }
  if ((chunk.marks & kEnd) == 0) return nothing_to_send();
  if (encoder_) {
    whole_.content_type = "application/json";
    encoder_->end(whole_.body);
  }
  return exchange_.respond(std::move(whole_));
}

Task<void> AnswerSink::write(const Chunk& chunk) {
  if (!stream_) return write_whole(chunk);
  // By far the most chunks are relayed in the middle of a stream: they need no coroutine of ours.
  const bool plain = !encoder_ && (chunk.marks & kEnd) == 0;
  return plain ? exchange_.write(chunk.wire) : write_stream(chunk);
}

Task<void> AnswerSink::fail(const Error& error) {
  if (begun_) {
    CO_TRY_VOID(co_await exchange_.write(codec_.error_event(error, call_.id.text())));
    co_return co_await exchange_.finish();
  }
  HttpResponse response{.status = http_status(error.fault),
                        .content_type = "application/json",
                        .body = codec_.error_body(error, call_.id.text()),
                        .fields = error_fields(error, call_.id.text())};
  co_return co_await exchange_.respond(std::move(response));
}

}  // namespace orchestra
