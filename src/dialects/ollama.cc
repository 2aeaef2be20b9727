#include "dialects/ollama.h"

#include "dialects/ollama_encode.h"
#include "dialects/ollama_error.h"
#include "dialects/ollama_reply.h"

namespace orchestra {
namespace {

std::unexpected<Error> not_spoken_here() {
  return fail(Fault::kUnsupported, "This server takes no requests in the Ollama dialect: send OpenAI's, to /v1.");
}

}  // namespace

Result<Shape> OllamaCodec::scan(TaskKind, std::string_view) const {
  return not_spoken_here();
}

Result<Request> OllamaCodec::decode(TaskKind, std::string_view) const {
  return not_spoken_here();
}

Result<Upstream> OllamaCodec::encode(const Request& request, std::string_view model) const {
  return encode_ollama(request, model);
}

std::unique_ptr<ReplyDecoder> OllamaCodec::reply_decoder(TaskKind, bool stream) const {
  return ollama_reply_decoder(stream);
}

std::unique_ptr<ReplyEncoder> OllamaCodec::reply_encoder(const ReplyContext&) const {
  return nullptr;
}

std::unique_ptr<RelayScanner> OllamaCodec::relay_scanner(TaskKind, bool, bool) const {
  return nullptr;
}

Error OllamaCodec::decode_error(int status, std::string_view body) const {
  return decode_ollama_error(status, body);
}

std::string OllamaCodec::error_body(const Error& error, std::string_view) const {
  return ollama_error_body(error);
}

std::string OllamaCodec::error_event(const Error& error, std::string_view) const {
  return ollama_error_body(error) + "\n";
}

}  // namespace orchestra
