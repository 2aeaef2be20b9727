// The Anthropic Messages dialect as upstreams speak it. https://docs.anthropic.com/en/api/messages
//
// Callers cannot speak it: scan and decode refuse, and there is no reply encoder and no relay scanner (null).
#pragma once

#include "dialects/codec.h"

namespace orchestra {

class AnthropicCodec final : public Codec {
 public:
  Result<Shape> scan(TaskKind task, std::string_view body) const override;
  Result<Request> decode(TaskKind task, std::string_view body) const override;
  Result<Upstream> encode(const Request& request, std::string_view model) const override;
  std::unique_ptr<ReplyDecoder> reply_decoder(TaskKind task, bool stream) const override;
  std::unique_ptr<ReplyEncoder> reply_encoder(const ReplyContext& context) const override;
  std::unique_ptr<RelayScanner> relay_scanner(TaskKind task, bool stream, bool hide_usage) const override;
  Error decode_error(int status, std::string_view body) const override;
  std::string error_body(const Error& error, std::string_view request_id) const override;
  std::string error_event(const Error& error, std::string_view request_id) const override;
};

}  // namespace orchestra
