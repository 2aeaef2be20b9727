#include "gateway/session_name.h"

namespace orchestra {
namespace {

// Of every text as much as tells conversations apart.
constexpr std::size_t kMostBytes = 4096;
// Stands in no name and in no text.
constexpr char kBetween = '\xff';

void append(std::string& out, std::string_view text) {
  out += text.substr(0, kMostBytes);
  out += kBetween;
}

}  // namespace

std::uint64_t session_by_beginning(const Call& call, const FeatureKey& key) {
  const auto request = call.request();
  const auto* chat = request ? std::get_if<ChatRequest>(&request->get()) : nullptr;
  if (chat == nullptr) return 0;
  std::string said;
  append(said, call.caller.tenant);
  append(said, call.caller.key_name);
  for (const Message& message : chat->messages) {
    for (const Part& part : message.content) {
      if (const auto* text = std::get_if<TextPart>(&part)) append(said, text->text);
      if (const auto* image = std::get_if<ImagePart>(&part))
        append(said, image->url.empty() ? image->base64 : image->url);
    }
    if (message.role == Role::kUser) return key.hash(said);
  }
  return 0;
}

}  // namespace orchestra
