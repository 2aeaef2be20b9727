#include "dialects/anthropic.h"

#include <fmt/format.h>

#include "dialects/anthropic_encode.h"
#include "dialects/anthropic_error.h"
#include "dialects/anthropic_reply.h"

namespace orchestra {
namespace {

std::unexpected<Error> not_spoken_here() {
  return fail(Fault::kUnsupported, "This server takes no requests in the Anthropic dialect: send OpenAI's, to /v1.");
}

}  // namespace

Result<Shape> AnthropicCodec::scan(TaskKind, std::string_view) const {
  return not_spoken_here();
}

Result<Request> AnthropicCodec::decode(TaskKind, std::string_view) const {
  return not_spoken_here();
}

Result<Upstream> AnthropicCodec::encode(const Request& request, std::string_view model) const {
  return encode_anthropic(request, model);
}

std::unique_ptr<ReplyDecoder> AnthropicCodec::reply_decoder(TaskKind, bool stream) const {
  return anthropic_reply_decoder(stream);
}

std::unique_ptr<ReplyEncoder> AnthropicCodec::reply_encoder(const ReplyContext&) const {
  return nullptr;
}

std::unique_ptr<RelayScanner> AnthropicCodec::relay_scanner(TaskKind, bool, bool) const {
  return nullptr;
}

Error AnthropicCodec::decode_error(int status, std::string_view body) const {
  return decode_anthropic_error(status, body);
}

std::string AnthropicCodec::error_body(const Error& error, std::string_view request_id) const {
  return anthropic_error_body(error, request_id);
}

std::string AnthropicCodec::error_event(const Error& error, std::string_view request_id) const {
  return fmt::format("event: error\ndata: {}\n\n", anthropic_error_body(error, request_id));
}

}  // namespace orchestra
