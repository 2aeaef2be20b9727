// One wire dialect as a pure codec: bytes to domain values and back, streams included.
//
// A Codec is stateless and thread-safe; decoders, encoders and scanners belong to one answer. A dialect that only
// upstreams speak refuses scan and decode (kUnsupported) and has neither reply encoder nor relay scanner (null). A
// dialect never silently loses a field: what the target cannot say is named in `Upstream::dropped`.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialects/openai_splice.h"
#include "domain/call.h"
#include "domain/stream.h"

namespace orchestra {

// A request, spelled for an upstream.
struct Upstream {
  // Behind the provider's base URL. OpenAI's base URL ends in /v1 ("/chat/completions"); Anthropic's and Ollama's are
  // bare hosts ("/v1/messages", "/api/chat"), as their own SDKs have them.
  std::string path;
  std::string body;
  std::vector<std::string> dropped;  // fields of the request that this dialect cannot say
};

// Upstream bytes to events. Feed as they come; cut anywhere.
class ReplyDecoder {
 public:
  virtual ~ReplyDecoder() = default;
  // Appends events. An error object inside a 200 becomes an Error, as does a malformed event.
  virtual Result<void> feed(std::string_view bytes, std::vector<Event>& out) = 0;
  // The body has ended. kUpstream if the dialect's end mark is missing (a cut stream that looked clean).
  virtual Result<void> finish(std::vector<Event>& out) = 0;
};

// What an encoder must know about the answer it spells.
struct ReplyContext {
  TaskKind task = TaskKind::kChat;
  std::string id;  // e.g. "chatcmpl-..."
  std::string model;
  std::int64_t created = 0;  // seconds since 1970
  bool stream = false;
  bool include_usage = false;  // streams: the caller wants the usage event
  bool base64 = false;         // embeddings: encoding_format base64
};

// Events to the caller's bytes. Streams: bytes after each call. Whole answers: all bytes at `end`.
class ReplyEncoder {
 public:
  virtual ~ReplyEncoder() = default;
  virtual void events(std::span<const Event> events, std::string& out) = 0;
  virtual void end(std::string& out) = 0;
};

// Watches a same-dialect relay without decoding it. Takes upstream bytes, gives back whole events only (at most one
// partial event is held back), keeps the tally, and notices errors and the end mark.
class RelayScanner {
 public:
  virtual ~RelayScanner() = default;
  struct Scanned {
    std::string_view
        wire;  // whole events to pass on; may be empty; valid until the next call and while the fed bytes are
    std::uint8_t marks = kNothing;
  };
  // After kEnd the rest is swallowed. An error comes alone: the whole events before it are given by an earlier call,
  // and then it is the result of the next feed() or finish().
  virtual Result<Scanned> feed(std::string_view bytes) = 0;
  // The body has ended. Gives what was held back; kUpstream if the answer is not complete.
  virtual Result<Scanned> finish() = 0;
  virtual const Tally& tally() const noexcept = 0;
};

class Codec {
 public:
  virtual ~Codec() = default;
  // One scan: the body is validated whole (strict JSON, UTF-8, depth) and its Shape read.
  virtual Result<Shape> scan(TaskKind task, std::string_view body) const = 0;
  virtual Result<Request> decode(TaskKind task, std::string_view body) const = 0;
  // `model` is the upstream's own name for the model.
  virtual Result<Upstream> encode(const Request& request, std::string_view model) const = 0;
  virtual std::unique_ptr<ReplyDecoder> reply_decoder(TaskKind task, bool stream) const = 0;
  virtual std::unique_ptr<ReplyEncoder> reply_encoder(const ReplyContext& context) const = 0;
  // `stream`: SSE; otherwise the body is one JSON text and is passed on at its end. `hide_usage`: the usage event was
  // asked for by us, not by the caller, and is taken out again.
  virtual std::unique_ptr<RelayScanner> relay_scanner(TaskKind task, bool stream, bool hide_usage) const = 0;
  // An upstream's error answer as an Error: fault by status and body, the upstream's sentence, code and param.
  virtual Error decode_error(int status, std::string_view body) const = 0;
  // The dialect's error body, and its error event inside a stream (whole SSE event, without an end mark).
  virtual std::string error_body(const Error& error, std::string_view request_id) const = 0;
  virtual std::string error_event(const Error& error, std::string_view request_id) const = 0;
};

// The dialect's codec. Adding a dialect is its file and its line in list.cc.
const Codec& codec(Dialect dialect) noexcept;

}  // namespace orchestra
