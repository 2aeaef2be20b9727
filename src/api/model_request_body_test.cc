#include "api/model_request_body.h"

#include <gtest/gtest.h>

namespace orchestra {
namespace {

Catalogue some_models() {
  Catalogue catalogue;
  for (const char* id : {"openai/gpt-9", "lab/gpt-9", "openai/only"}) {
    catalogue.by_id.emplace(id, catalogue.models.size());
    catalogue.models.push_back({.id = {id}});
  }
  catalogue.by_bare_name = {{"gpt-9", {0, 1}}, {"only", {2}}};
  catalogue.aliases = {{.name = "fast", .chain = {"only"}}};
  return catalogue;
}

// The name that the line is asked for.
std::string asked_for(const std::string& members) {
  const auto request = read_model_request(TaskKind::kCompletion, R"({"prompt":"x")" + members + "}", some_models());
  EXPECT_TRUE(request) << request.error().what;
  const auto body = parse_json(request->body);
  return std::string(find_string(*body, "model").value_or("none"));
}

TEST(ModelRequestBody, AKnownModelKeepsItsProviderAndAnUnknownOneIsSoughtAtTheGivenOne) {
  EXPECT_EQ(asked_for(R"(,"model_id":"only")"), "only");
  EXPECT_EQ(asked_for(R"(,"model_id":"gpt-9","provider":"LAB")"), "lab/gpt-9");
  EXPECT_EQ(asked_for(R"(,"model_id":"only","provider":"LAB")"), "only");
  EXPECT_EQ(asked_for(R"(,"model_id":"fast","provider":"LAB")"), "fast");
  EXPECT_EQ(asked_for(R"(,"model_id":"new","provider":"OpenAI")"), "openai/new");
  EXPECT_EQ(asked_for(R"(,"model_id":"openai/new","provider":"OPENAI")"), "openai/new");
  EXPECT_EQ(asked_for(R"(,"model_id":"new","provider":"CUSTOM")"), "new");
  EXPECT_EQ(asked_for(R"(,"provider":"LAB")"), "auto");
  EXPECT_EQ(asked_for(""), "none");
}

TEST(ModelRequestBody, WrongMembersAreNamed) {
  for (const auto& [member, value] : std::initializer_list<std::pair<std::string, std::string>>{
           {"max_tokens", "0"}, {"temperature", "9"}, {"top_p", "-1"}, {"presence_penalty", "\"much\""}}) {
    const auto request =
        read_model_request(TaskKind::kCompletion, R"({"prompt":"x",")" + member + "\":" + value + "}", some_models());
    ASSERT_FALSE(request) << member;
    EXPECT_EQ(request.error().param, member);
    EXPECT_EQ(request.error().fault, Fault::kUnprocessable);
  }
  const auto nowhere =
      read_model_request(TaskKind::kCompletion, R"({"prompt":"x","provider":"NOWHERE"})", some_models());
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().param, "provider");
  EXPECT_EQ(nowhere.error().fault, Fault::kInvalid);
}

TEST(ModelRequestBody, ChatsHaveRolesInUpperCaseAndTheProvidersName) {
  EXPECT_EQ(inner_response(TaskKind::kChat,
                           R"({"model":"openai/gpt-9","choices":[{"index":0,"message":{"role":"assistant"}}]})",
                           "openai/gpt-9"),
            R"({"model":"gpt-9","choices":[{"index":0,"message":{"role":"ASSISTANT","metadata":{}}}]})");
  EXPECT_FALSE(inner_response(TaskKind::kChat, "[]", "openai/gpt-9"));
}

TEST(ModelRequestBody, WhatTheReadmeDoesNotNameIsLeftOut) {
  EXPECT_EQ(
      inner_response(
          TaskKind::kChat,
          R"({"choices":[{"finish_reason":"stop","index":0,"logprobs":null,"message":{"role":"assistant","content":"hi",)"
          R"("reasoning_content":"x","tool_calls":[]}}],"created":1,"model":"m","system_fingerprint":"b1","object":"o",)"
          R"("usage":{"completion_tokens":2,"prompt_tokens":3,"total_tokens":5,"prompt_tokens_details":{}},"id":"c",)"
          R"("timings":{"prompt_n":3}})",
          "local/m"),
      R"({"choices":[{"finish_reason":"stop","index":0,"message":{"role":"ASSISTANT","content":"hi","tool_calls":[],)"
      R"("metadata":{}}}],"created":1,"model":"m","object":"o","usage":{"completion_tokens":2,"prompt_tokens":3,)"
      R"("total_tokens":5},"id":"c"})");
  EXPECT_EQ(inner_response(TaskKind::kCompletion, R"({"choices":[{"text":"x","index":0,"logprobs":1}],"timings":{}})",
                           "local/m"),
            R"({"choices":[{"text":"x","index":0}],"model":"m"})");
}

TEST(ModelRequestBody, EmbeddingsHaveTheReadmesForm) {
  EXPECT_EQ(
      inner_response(TaskKind::kEmbedding,
                     R"({"object":"list","data":[{"object":"embedding","index":1,"embedding":[0.25,-3]}],"model":"e",)"
                     R"("usage":{"prompt_tokens":2,"total_tokens":2}})",
                     "lab/sub/e"),
      R"({"object":"embedding","model":"sub/e","data":[{"index":1,"embedding":[0.25,-3]}],)"
      R"("usage":{"prompt_tokens":2,"total_tokens":2}})");
}

}  // namespace
}  // namespace orchestra
