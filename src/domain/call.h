// One inference request on its walk along the line. Immutable; owned by the handler for the whole walk.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "domain/demand.h"
#include "domain/dialect.h"
#include "domain/request.h"

namespace orchestra {

// Who asks. Limits come with a later step of the line.
struct Caller {
  std::string tenant = "default";
  std::string key_name;  // the configured name of the API key; empty without authentication
  bool admin = false;
};

// A byte range of the body.
struct Span {
  std::size_t offset = 0, length = 0;
};

// What one scan of the body shows, without decoding it. Offsets point into Call::body.
struct Shape {
  TaskKind task = TaskKind::kChat;
  std::string model;  // unescaped
  Span model_value;   // the JSON string of `model`, quotes included; length 0 when absent
  bool stream = false;
  bool include_usage = false;    // the caller asked for stream_options.include_usage
  Span stream_options_value;     // the value of stream_options; length 0 when absent
  std::size_t first_member = 0;  // offset just behind the body's opening brace: where a member can be spliced in
  bool empty_object = false;     // nothing but white space stands between the braces
  std::optional<std::int64_t> max_tokens;
  bool has_tools = false, has_images = false, has_audio = false, has_json_schema = false;
  std::size_t text_bytes = 0;  // of all message, prompt and input text, and tools: the basis of the token estimate
};

struct Call {
  RequestId id;
  Caller caller;
  Dialect dialect = Dialect::kOpenAi;
  std::string body;
  Shape shape;
  bool strict = false;             // x-orchestra-strict: a field that would be dropped is an error
  std::optional<Micros> deadline;  // x-orchestra-deadline-ms
  std::optional<Demand> demand;    // empty: nothing was asked of the choice
  // Decodes `body`; set by api/ to the dialect's decoder. Called through request() only.
  std::function<Result<Request>(const Call&)> decode;

  // What is asked of the choice, begun where nothing was.
  Demand& wishes() { return demand ? *demand : demand.emplace(); }
  // Bounds the whole answer by a limit of the server's own: the choice yields where nobody is expected to keep it.
  void bound(Micros limit) {
    deadline = limit;
    wishes().deadline = limit;
    wishes().deadline_yields = true;
  }

  // Decoded once, on first use; the reference lives as long as the Call. Not thread-safe: a Call stays on its loop.
  Result<std::reference_wrapper<const Request>> request() const {
    if (!decoded_) decoded_ = decode(*this);
    if (!*decoded_) return std::unexpected(decoded_->error());
    return std::cref(**decoded_);
  }

 private:
  mutable std::optional<Result<Request>> decoded_;
};

}  // namespace orchestra
