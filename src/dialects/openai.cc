#include "dialects/openai.h"

#include <fmt/format.h>

#include "dialects/openai_decode.h"
#include "dialects/openai_encode.h"
#include "dialects/openai_error.h"
#include "dialects/openai_relay.h"
#include "dialects/openai_reply_decoder.h"
#include "dialects/openai_reply_encoder.h"
#include "dialects/openai_scan.h"

namespace orchestra {

Result<Shape> OpenAiCodec::scan(TaskKind task, std::string_view body) const {
  return scan_openai(task, body);
}

Result<Request> OpenAiCodec::decode(TaskKind task, std::string_view body) const {
  return decode_openai(task, body);
}

Result<Upstream> OpenAiCodec::encode(const Request& request, std::string_view model) const {
  return encode_openai(request, model);
}

std::unique_ptr<ReplyDecoder> OpenAiCodec::reply_decoder(TaskKind, bool stream) const {
  return openai_reply_decoder(stream);
}

std::unique_ptr<ReplyEncoder> OpenAiCodec::reply_encoder(const ReplyContext& context) const {
  return openai_reply_encoder(context);
}

std::unique_ptr<RelayScanner> OpenAiCodec::relay_scanner(TaskKind, bool stream, bool hide_usage) const {
  return stream ? openai_stream_relay(hide_usage) : openai_body_relay();
}

Error OpenAiCodec::decode_error(int status, std::string_view body) const {
  return decode_openai_error(status, body);
}

std::string OpenAiCodec::error_body(const Error& error, std::string_view request_id) const {
  return openai_error_body(error, request_id);
}

std::string OpenAiCodec::error_event(const Error& error, std::string_view request_id) const {
  return fmt::format("data: {}\n\n", openai_error_body(error, request_id));
}

}  // namespace orchestra
