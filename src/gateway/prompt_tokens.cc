#include "gateway/prompt_tokens.h"

#include "tokens/count.h"

namespace orchestra {
namespace {

struct PartTexts {
  std::vector<std::string>& texts;

  void operator()(const TextPart& part) const { texts.push_back(part.text); }
  void operator()(const ToolCallPart& part) const {
    texts.push_back(part.name);
    texts.push_back(part.arguments);
  }
  void operator()(const ToolResultPart& part) const {
    for (const auto& content : part.content) std::visit(*this, content);
  }
  void operator()(const ThinkingPart& part) const { texts.push_back(part.text); }
  void operator()(const RefusalPart& part) const { texts.push_back(part.text); }
  // Pictures, sound and files are no text: every provider has its own rule for what they count.
  void operator()(const ImagePart&) const {}
  void operator()(const AudioPart&) const {}
  void operator()(const FilePart&) const {}
};

std::vector<std::string> texts_of(const ChatRequest& chat) {
  std::vector<std::string> texts;
  for (const Message& message : chat.messages) {
    for (const Part& part : message.content) std::visit(PartTexts{texts}, part);
  }
  for (const Tool& tool : chat.tools) {
    for (const std::string& text : {tool.name, tool.description, tool.parameters}) texts.push_back(text);
  }
  if (chat.response_format) texts.push_back(chat.response_format->schema);
  return texts;
}

}  // namespace

std::vector<std::string> prompt_texts(const Request& request) {
  if (const auto* chat = std::get_if<ChatRequest>(&request)) return texts_of(*chat);
  if (const auto* completion = std::get_if<CompletionRequest>(&request)) return completion->prompts;
  if (const auto* embedding = std::get_if<EmbeddingRequest>(&request)) return embedding->inputs;
  return {std::get<ImageRequest>(request).prompt};
}

Tokens tokens_between(const Request& request) noexcept {
  const auto* chat = std::get_if<ChatRequest>(&request);
  if (chat == nullptr) return Tokens(0);
  return Tokens(static_cast<std::int64_t>(chat->messages.size()) * kPerMessage.count + kPerChat.count);
}

}  // namespace orchestra
