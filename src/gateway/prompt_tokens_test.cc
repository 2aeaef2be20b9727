#include "gateway/prompt_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/test_gateway.h"
#include "tokens/count.h"

namespace orchestra {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A gateway that counts, beside a window of 100,000 tokens.
class PromptTokens : public GatewayTest {
 protected:
  PromptTokens() {
    count_tokens_ = [this](std::vector<std::string> texts, Encoding encoding, Tokens limit) -> Task<Tokens> {
      asked_.push_back(encoding);
      co_return count_tokens(texts, encoding, limit);
    };
    start();
  }
  // A stream of so many words, each a token.
  Call call_of_words(const std::string& model, std::size_t words) {
    Call call = call_for(model);
    std::string text;
    for (std::size_t i = 0; i < words; ++i) text += " word";
    call.shape.text_bytes = text.size();
    call.decode = [text](const Call&) -> Result<Request> {
      return Request(ChatRequest{.messages = {{.role = Role::kUser, .content = {TextPart{.text = text}}}}});
    };
    return call;
  }

  std::vector<Encoding> asked_;
};

TEST_F(PromptTokens, AreCountedWhereTheSizeLeavesDoubt) {
  EXPECT_TRUE(serve(call_of_words("a/m", 1000)));
  EXPECT_TRUE(asked_.empty()) << "5,000 bytes fit into 100,000 tokens whatever they are";
  EXPECT_TRUE(serve(call_of_words("a/m", 99'000)));
  EXPECT_EQ(asked_.size(), 1U);
  EXPECT_EQ(journal_.settled.rbegin()->second.decision->features.input, Tokens(99'000 + 6))
      << "with what stands between messages";
}

TEST_F(PromptTokens, RefuseWhatFitsIntoNoWindow) {
  const auto served = serve(call_of_words("chain", 101'000));
  ASSERT_FALSE(served);
  EXPECT_EQ(served.error().code, "context_length_exceeded");
  EXPECT_THAT(served.error().what, HasSubstr("window of 100000 tokens"));
}

TEST_F(PromptTokens, AreTextsOfEveryKind) {
  ChatRequest chat;
  chat.messages.push_back({.role = Role::kUser, .content = {TextPart{.text = "one"}, ImagePart{.url = "x"}}});
  chat.messages.push_back(
      {.role = Role::kAssistant, .content = {ToolCallPart{.id = "1", .name = "f", .arguments = "{}"}}});
  chat.messages.push_back(
      {.role = Role::kTool, .content = {ToolResultPart{.call_id = "1", .content = {TextPart{.text = "two"}}}}});
  chat.tools.push_back({.name = "f", .description = "does f", .parameters = "{\"type\":\"object\"}"});
  EXPECT_THAT(prompt_texts(chat), ElementsAre("one", "f", "{}", "two", "f", "does f", "{\"type\":\"object\"}"));
  EXPECT_EQ(tokens_between(chat), Tokens(12));
  EXPECT_THAT(prompt_texts(EmbeddingRequest{.inputs = {"a", "b"}}), ElementsAre("a", "b"));
  EXPECT_THAT(prompt_texts(CompletionRequest{.prompts = {"p"}}), ElementsAre("p"));
  EXPECT_EQ(tokens_between(CompletionRequest{.prompts = {"p"}}), Tokens(0));
}

}  // namespace
}  // namespace orchestra
