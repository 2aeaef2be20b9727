#include "dialects/anthropic.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "dialects/claude_model.h"
#include "dialects/event_text.h"
#include "dialects/openai.h"

namespace orchestra {
namespace {

// An OpenAI request body, as the Messages API gets it.
Upstream translated(std::string_view openai, std::string_view model = "claude-sonnet-4-5-20250929") {
  const auto request = OpenAiCodec().decode(TaskKind::kChat, openai);
  EXPECT_TRUE(request.has_value()) << request.error().what;
  if (!request) return {};
  auto upstream = AnthropicCodec().encode(*request, model);
  EXPECT_TRUE(upstream.has_value()) << upstream.error().what;
  if (!upstream) return {};
  EXPECT_TRUE(parse_json(upstream->body).has_value()) << upstream->body;
  return *upstream;
}

std::string chat(std::string_view more) {
  return R"({"messages":[{"role":"user","content":"x"}])" + std::string(more) + "}";
}
constexpr std::string_view kX = R"("messages":[{"role":"user","content":[{"type":"text","text":"x"}]}])";

std::string body(std::string_view more, std::string_view model = "claude-sonnet-4-5-20250929") {
  return fmt::format(R"({{"model":"{}",{},{}}})", model, kX, more);
}

using Names = std::vector<std::string>;

TEST(AnthropicEncode, TranslatesAConversationWithTools) {
  const Upstream out = translated(R"({
    "model":"ignored","max_tokens":100,"stream":true,"user":"u1","stop":["END"," "],
    "messages":[
      {"role":"system","content":"Be kind."},
      {"role":"user","content":[{"type":"text","text":"Look","cache_control":{"type":"ephemeral"}},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},
        {"type":"image_url","image_url":{"url":"https://e.x/a.png"}}]},
      {"role":"assistant","content":null,"tool_calls":[
        {"id":"call.1","type":"function","function":{"name":"f","arguments":"{\"a\":1.5}"}},
        {"id":"call_2","type":"function","function":{"name":"g","arguments":""}}]},
      {"role":"tool","tool_call_id":"call.1","content":"one"},
      {"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"two"}]},
      {"role":"user","content":"And?"}],
    "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}},
      {"type":"function","function":{"name":"g"}}],
    "tool_choice":"required","parallel_tool_calls":false})");
  EXPECT_EQ(out.path, "/v1/messages");
  EXPECT_EQ(
      out.body,
      R"({"model":"claude-sonnet-4-5-20250929","system":"Be kind.","messages":[)"
      R"({"role":"user","content":[{"type":"text","text":"Look","cache_control":{"type":"ephemeral"}},)"
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},)"
      R"({"type":"image","source":{"type":"url","url":"https://e.x/a.png"}}]},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"f","input":{"a":1.5}},)"
      R"({"type":"tool_use","id":"call_2","name":"g","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":[{"type":"text","text":"one"}]},)"
      R"({"type":"tool_result","tool_use_id":"call_2","content":[{"type":"text","text":"two"}]},)"
      R"({"type":"text","text":"And?"}]}],"max_tokens":100,"stop_sequences":["END"],)"
      R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object"}},)"
      R"({"name":"g","input_schema":{"type":"object","properties":{}}}],)"
      R"("tool_choice":{"type":"any","disable_parallel_tool_use":true},"metadata":{"user_id":"u1"},"stream":true})");
  EXPECT_EQ(out.dropped, Names{"stop"});
}

TEST(AnthropicEncode, TranslatesCallsFromBeforeThereWereTools) {
  const Upstream out = translated(R"({"messages":[{"role":"user","content":"x"},
      {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"a\":1}"}},
      {"role":"function","name":"f","content":"one"}]})");
  EXPECT_TRUE(out.body.contains(R"({"type":"tool_use","id":"f","name":"f","input":{"a":1}})")) << out.body;
  EXPECT_TRUE(out.body.contains(R"({"type":"tool_result","tool_use_id":"f")")) << out.body;
}

TEST(AnthropicEncode, ReadsALimitBelowOneAsNone) {
  for (const char* limit : {"-1", "0"}) {
    const Upstream out = translated(chat(fmt::format(R"(,"max_tokens":{})", limit)));
    EXPECT_EQ(out.body, body(R"("max_tokens":4096)"));
  }
}

TEST(AnthropicEncode, GathersSystemAndMergesTurns) {
  EXPECT_EQ(translated(R"({"messages":[{"role":"system","content":"a"},{"role":"user","content":"x"},
      {"role":"user","content":"y"},{"role":"developer","content":"b"},{"role":"assistant","content":"z \n"}]})")
                .body,
            R"({"model":"claude-sonnet-4-5-20250929","system":[{"type":"text","text":"a"},{"type":"text","text":"b"}],)"
            R"("messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]},)"
            R"({"role":"assistant","content":[{"type":"text","text":"z"}]}],"max_tokens":4096})");
  // Instructions alone are the question.
  EXPECT_EQ(translated(R"({"messages":[{"role":"system","content":"x"}]})").body, body(R"("max_tokens":4096)"));
}

TEST(AnthropicEncode, GivesSignedThinkingBack) {
  const Upstream out = translated(R"({"messages":[{"role":"user","content":"x"},
    {"role":"assistant","content":"y","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"},
      {"type":"redacted_thinking","data":"r"}]},{"role":"assistant","content":"z","reasoning_content":"lost"}]})");
  EXPECT_TRUE(out.body.contains(
      R"([{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"r"},{"type":"text","text":"y"})"))
      << out.body;
  EXPECT_EQ(out.dropped, Names{"reasoning_content"});
}

TEST(AnthropicEncode, MapsToolChoice) {
  const auto choice = [](std::string_view openai) {
    return translated(
               chat(R"(,"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":)" + std::string(openai)))
        .body;
  };
  EXPECT_TRUE(choice(R"("auto")").contains(R"("tool_choice":{"type":"auto"})"));
  EXPECT_TRUE(choice(R"("none")").contains(R"("tool_choice":{"type":"none"})"));
  EXPECT_TRUE(choice(R"("required")").contains(R"("tool_choice":{"type":"any"})"));
  EXPECT_TRUE(
      choice(R"({"type":"function","function":{"name":"f"}})").contains(R"("tool_choice":{"type":"tool","name":"f"})"));
  EXPECT_FALSE(translated(chat(R"(,"tool_choice":"auto")")).body.contains("tool_choice"));
}

TEST(AnthropicEncode, NamesWhatItLeavesOut) {
  const Upstream out = translated(chat(
      R"(,"n":2,"seed":1,"logprobs":true,"top_logprobs":2,"frequency_penalty":0.5,"presence_penalty":0,"min_p":0.1,
      "logit_bias":{"1":2},"store":true,"temperature":1.5,"top_p":0.9,"response_format":{"type":"json_object"})"));
  EXPECT_EQ(out.dropped, (Names{"temperature", "top_p", "response_format", "n", "seed", "logprobs", "top_logprobs",
                                "frequency_penalty", "min_p", "logit_bias", "store"}));
  EXPECT_EQ(out.body, body(R"("max_tokens":4096,"temperature":1)"));
  EXPECT_EQ(translated(chat(R"(,"n":1,"temperature":null,"stream":false)")).dropped, Names{});
}

TEST(AnthropicEncode, WritesSchemasWhereTheModelTakesThem) {
  const std::string format =
      chat(R"(,"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}})");
  EXPECT_EQ(translated(format).body,
            body(R"("max_tokens":4096,"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})"));
  EXPECT_EQ(translated(format, "claude-3-5-haiku-20241022").dropped, Names{"response_format"});
}

TEST(AnthropicEncode, SpellsThinkingByGeneration) {
  const std::string high = chat(R"(,"reasoning_effort":"high","temperature":0.5)");
  EXPECT_EQ(translated(high).body, body(R"("max_tokens":20480,"thinking":{"type":"enabled","budget_tokens":16384})"));
  EXPECT_EQ(translated(high).dropped, Names{"temperature"});
  EXPECT_EQ(
      translated(high, "claude-opus-4-7").body,
      body(
          R"("max_tokens":4096,"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"high"})",
          "claude-opus-4-7"));
  EXPECT_EQ(translated(high, "claude-3-5-haiku-20241022").dropped, Names{"reasoning_effort"});
  // The budget stays below the limit; without room there is no thinking.
  EXPECT_EQ(translated(chat(R"(,"reasoning_effort":"high","max_completion_tokens":3000)")).body,
            body(R"("max_tokens":3000,"thinking":{"type":"enabled","budget_tokens":2999})"));
  EXPECT_EQ(translated(chat(R"(,"reasoning_effort":"low","max_tokens":500)")).dropped, Names{"reasoning_effort"});
  EXPECT_EQ(translated(chat(R"(,"reasoning_effort":"none")")).dropped, Names{});
  EXPECT_EQ(translated(chat(R"(,"reasoning_effort":"giant")")).dropped, Names{"reasoning_effort"});
  // In the middle of a call that began without thinking the API refuses it.
  EXPECT_EQ(translated(R"({"reasoning_effort":"low","messages":[{"role":"user","content":"x"},{"role":"assistant",
      "tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"r"}]})")
                .dropped,
            Names{"reasoning_effort"});
}

TEST(AnthropicEncode, RefusesContentItCannotTake) {
  const auto request = OpenAiCodec().decode(
      TaskKind::kChat,
      R"({"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA","format":"wav"}}]}]})");
  ASSERT_TRUE(request.has_value());
  const auto refused = AnthropicCodec().encode(*request, "claude-opus-4-6");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, "unsupported_content");
  EXPECT_EQ(AnthropicCodec().encode(Request(EmbeddingRequest{}), "claude-opus-4-6").error().code, "unsupported_task");
  EXPECT_EQ(AnthropicCodec().encode(Request(ImageRequest{}), "claude-opus-4-6").error().what,
            "This model's provider answers chat only, no pictures: choose another model.");
}

TEST(ClaudeModel, ReadsGenerations) {
  using enum ClaudeTraits::Thinking;
  EXPECT_EQ(claude_traits("claude-3-opus-20240229").thinking, kNone);
  EXPECT_EQ(claude_traits("claude-3-5-sonnet-latest").thinking, kNone);
  EXPECT_EQ(claude_traits("claude-3-7-sonnet-20250219").thinking, kBudget);
  EXPECT_EQ(claude_traits("claude-opus-4-20250514").thinking, kBudget);
  EXPECT_FALSE(claude_traits("claude-opus-4-20250514").structured);
  EXPECT_TRUE(claude_traits("anthropic/claude-opus-4.1").structured);
  EXPECT_EQ(claude_traits("claude-opus-4-6").thinking, kAdaptive);
  EXPECT_TRUE(claude_traits("claude-opus-4-6").sampling);
  EXPECT_FALSE(claude_traits("claude-sonnet-5").sampling);
  EXPECT_EQ(claude_traits("MiniMax-M2").thinking, kBudget);
  EXPECT_TRUE(claude_traits("MiniMax-M2").sampling);
}

constexpr std::string_view kStream =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"msg","role":"assistant","content":[],"usage":{"input_tokens":10,"cache_creation_input_tokens":3,"cache_read_input_tokens":20,"output_tokens":1}}})"
    "\n\nevent: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})"
    "\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}})"
    "\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sig"}})"
    "\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: content_block_start\n"
    R"(data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})"
    "\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"H\u00e9"}})"
    "\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\nevent: content_block_start\n"
    R"(data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}})"
    "\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}})"
    "\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}})"
    "\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}})"
    "\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":2}\n\nevent: content_block_start\n"
    R"(data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_2","name":"g","input":{}}})"
    "\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":3}\n\nevent: message_delta\n"
    R"(data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":42}})"
    "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

constexpr std::string_view kStreamEvents =
    "usage in=33 out=1 cached=20 written=3 estimated\n"
    "thinking \"Hm\"\nthinking \"\" signature=sig\ntext \"H\xC3\xA9\"\n"
    "call 0 id=toolu_1 name=f \"\"\ncall 0 \"{\"a\":\"\ncall 0 \"1}\"\n"
    "call 1 id=toolu_2 name=g \"\"\ncall 1 \"{}\"\nfinish tool_calls\n"
    "usage in=33 out=42 cached=20 written=3\n";

std::string decoded(std::string_view text, std::size_t cut) {
  const auto decoder = AnthropicCodec().reply_decoder(TaskKind::kChat, true);
  return decode_in_two(*decoder, text, cut);
}

TEST(AnthropicReply, EveryCutGivesTheSameEvents) {
  for (std::size_t cut = 0; cut <= kStream.size(); ++cut) ASSERT_EQ(decoded(kStream, cut), kStreamEvents) << cut;
}

TEST(AnthropicReply, ACutStreamIsAnError) {
  const std::size_t complete = kStream.find("event: message_stop") - 2;  // the last byte of the stop reason's event
  for (std::size_t length = 0; length < kStream.size(); ++length) {
    const std::string text = decoded(kStream.substr(0, length), 0);
    EXPECT_EQ(text.contains("error upstream_broke_off"), length < complete) << length;
    EXPECT_EQ(text.contains("finish"), length >= complete) << length;
  }
}

TEST(AnthropicReply, ReadsErrorsInTheStream) {
  EXPECT_EQ(decoded("event: error\ndata: "
                    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
                    0),
            "error overloaded_error service_unavailable Overloaded\n");
  EXPECT_EQ(decoded("event: x\ndata: {\"no\":1}\n\n", 0).substr(0, 31), "error upstream_invalid_response");
  EXPECT_EQ(decoded("event: x\ndata: {\"type\":\"content_block_delta\",\"index\":9,\"delta\":{}}\n\n", 0).substr(0, 31),
            "error upstream_invalid_response");
}

TEST(AnthropicReply, ReadsWholeAnswers) {
  const auto decoder = AnthropicCodec().reply_decoder(TaskKind::kChat, false);
  EXPECT_EQ(decode_in_two(
                *decoder,
                R"({"type":"message","role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},
    {"type":"redacted_thinking","data":"r"},{"type":"text","text":"Hi"},{"type":"tool_use","id":"a","name":"f","input":{"x":[1,2.5]}}],
    "stop_reason":"stop_sequence","stop_sequence":"END","usage":{"input_tokens":5,"output_tokens":6}})",
                40),
            "thinking \"t\" signature=s\nthinking \"\" signature=r redacted\ntext \"Hi\"\n"
            "call 0 id=a name=f \"{\"x\":[1,2.5]}\"\nfinish stop END\nusage in=5 out=6 cached=0 written=0\n");
}

TEST(AnthropicError, ReadsAndWrites) {
  const AnthropicCodec codec;
  const Error auth = codec.decode_error(
      401,
      R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key sk-ant-1234567890"}})");
  EXPECT_EQ(auth.fault, Fault::kUpstreamAuth);
  EXPECT_FALSE(auth.what.contains("sk-"));
  EXPECT_EQ(
      codec.decode_error(529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})").fault,
      Fault::kUnavailable);
  EXPECT_EQ(
      codec
          .decode_error(
              400,
              R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens"}})")
          .code,
      "context_length_exceeded");
  EXPECT_EQ(codec.error_event(Error{.fault = Fault::kUpstream, .what = "x"}, "req_1"),
            "event: error\ndata: "
            "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"x\"},\"request_id\":\"req_1\"}\n\n");
}

TEST(Anthropic, IsSpokenByUpstreamsOnly) {
  EXPECT_EQ(AnthropicCodec().scan(TaskKind::kChat, "{}").error().fault, Fault::kUnsupported);
  EXPECT_EQ(AnthropicCodec().relay_scanner(TaskKind::kChat, true, false), nullptr);
}

}  // namespace
}  // namespace orchestra
