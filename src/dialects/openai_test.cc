#include "dialects/openai.h"

#include <gtest/gtest.h>

#include "dialects/base64.h"
#include "dialects/event_text.h"

namespace orchestra {
namespace {

// Through the domain and back: what comes out must say the same.
Upstream round_trip(std::string_view body, TaskKind task = TaskKind::kChat) {
  const auto request = OpenAiCodec().decode(task, body);
  EXPECT_TRUE(request.has_value()) << request.error().what;
  if (!request) return {};
  return *OpenAiCodec().encode(*request, "up");
}

TEST(OpenAiCodec, ChatSurvivesTheRoundTrip) {
  // Spelled as the encoder does, so that the texts compare.
  const std::string body =
      R"({"model":"up","messages":[{"role":"system","content":"s"},{"role":"developer","content":"d"},)"
      R"({"role":"user","name":"Ann","content":[{"type":"text","text":"t","cache_control":{"type":"ephemeral"}},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},)"
      R"({"type":"image_url","image_url":{"url":"https://e.x/a.png"}},)"
      R"({"type":"input_audio","input_audio":{"data":"BB","format":"wav"}},)"
      R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,CC"}},)"
      R"({"type":"file","file":{"file_id":"file-1"}}]},)"
      R"({"role":"assistant","content":null,"thinking_blocks":[{"type":"thinking","thinking":"th","signature":"sig"}],)"
      R"("reasoning_content":"th","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}}]},)"
      R"({"role":"tool","tool_call_id":"c1","content":"r"},{"role":"assistant","content":"a","refusal":"no"}],)"
      R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","x":0.1},"strict":true}}],)"
      R"("tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,)"
      R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}},)"
      R"("max_tokens":5,"temperature":0.1,"top_p":1,"frequency_penalty":-2,"presence_penalty":2,"seed":9007199254740993,)"
      R"("n":2,"logprobs":true,"top_logprobs":3,"stop":["a","b"],"reasoning_effort":"low","stream":true,)"
      R"("stream_options":{"include_usage":true},"user":"u","logit_bias":{"50256":-100},"metadata":{"k":"v"}})";
  const Upstream out = round_trip(body);
  EXPECT_EQ(out.path, "/chat/completions");
  EXPECT_EQ(out.body, body);
  EXPECT_TRUE(out.dropped.empty());
}

TEST(OpenAiCodec, OtherTasksSurviveTheRoundTrip) {
  const std::string completion =
      R"({"model":"up","prompt":["a","b"],"suffix":"s","echo":true,"max_tokens":5,"logprobs":2,"user":"u","best_of":3})";
  EXPECT_EQ(round_trip(completion, TaskKind::kCompletion).body, completion);
  const std::string embedding = R"({"model":"up","input":"a","dimensions":3,"encoding_format":"base64","user":"u"})";
  EXPECT_EQ(round_trip(embedding, TaskKind::kEmbedding).body, embedding);
  const std::string image =
      R"({"model":"up","prompt":"a red cube","n":2,"user":"u","quality":"hd","size":"1024x1024"})";
  EXPECT_EQ(round_trip(image, TaskKind::kImage).body, image);
  EXPECT_EQ(round_trip(image, TaskKind::kImage).path, "/images/generations");
}

TEST(OpenAiCodec, DecodingNamesTheFieldThatIsWrong) {
  const auto param = [](std::string_view body, TaskKind task = TaskKind::kChat) {
    const auto request = OpenAiCodec().decode(task, body);
    EXPECT_FALSE(request.has_value()) << body;
    return request ? std::string() : request.error().param;
  };
  EXPECT_EQ(param(R"({"messages":[{"role":"king","content":"x"}]})"), "messages[0].role");
  EXPECT_EQ(param(R"({"messages":[{"role":"user","content":[{"type":"smell"}]}]})"), "messages[0].content[0].type");
  EXPECT_EQ(param(R"({"messages":[{"role":"user","content":[{"type":"image_url"}]}]})"),
            "messages[0].content[0].image_url");
  EXPECT_EQ(param(R"({"messages":[{"role":"assistant","tool_calls":[{}]}]})"),
            "messages[0].tool_calls[0].function.name");
  EXPECT_EQ(param(R"({"messages":[],"tools":[{"type":"custom"}]})"), "tools[0]");
  EXPECT_EQ(param(R"({"messages":[{"role":"assistant","function_call":{}}]})"), "messages[0].function_call.name");
  EXPECT_EQ(param(R"({"messages":[{"role":"tool","tool_call_id":"a","content":[{"type":"file","file":{}}]}]})"),
            "messages[0].content");
  EXPECT_EQ(param(R"({"messages":[],"n":1.5})"), "n");
  EXPECT_EQ(param(R"({"messages":[],"seed":"7"})"), "seed");
  EXPECT_EQ(param(R"({"messages":[],"top_k":"many"})"), "top_k");
  EXPECT_EQ(param(R"({"messages":[],"min_p":[]})"), "min_p");
  EXPECT_EQ(param(R"({"messages":[],"stop":["a",1]})"), "stop");
  EXPECT_EQ(param(R"({"prompt":"x","n":1.5})", TaskKind::kCompletion), "n");
  EXPECT_EQ(param(R"({"input":"x","dimensions":1.5})", TaskKind::kEmbedding), "dimensions");
  EXPECT_EQ(param(R"({"input":[1,2]})", TaskKind::kEmbedding), "input");
  EXPECT_EQ(param(R"({"input":"x","encoding_format":"hex"})", TaskKind::kEmbedding), "encoding_format");
}

TEST(OpenAiCodec, TokenNumbersAreAMatterOfTheModelNotOfTheRequest) {
  const auto request = OpenAiCodec().decode(TaskKind::kEmbedding, R"({"input":[1,2]})");
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().code, "unsupported_content");
}

constexpr std::string_view kStream =
    ": hello\n\n"
    R"(data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"usage":null})"
    "\n\n"
    R"(data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]})"
    "\n\n"
    R"(data: {"choices":[{"index":0,"delta":{"content":"H\u00e9"}},{"index":1,"delta":{"refusal":"no"}}]})"
    "\r\n\r\n"
    R"(data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}}]})"
    "\n\n"
    R"(data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]})"
    "\n\n"
    R"(data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}]}}]})"
    "\n\n"
    R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"},{"index":1,"delta":{},"finish_reason":"stop"}]})"
    "\n\n"
    R"(data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4}}})"
    "\n\ndata: [DONE]\n\n";
constexpr std::string_view kStreamEvents =
    "thinking \"hm\"\ntext \"H\xC3\xA9\"\nrefusal \"no\" choice=1\ncall 0 id=a name=f \"\"\ncall 0 \"{}\"\n"
    "call 1 id=b name=g \"{}\"\nfinish tool_calls\nfinish stop choice=1\nusage in=9 out=5 cached=4 written=0\n";

std::string decoded(std::string_view text, std::size_t cut, bool stream = true) {
  const auto decoder = OpenAiCodec().reply_decoder(TaskKind::kChat, stream);
  return decode_in_two(*decoder, text, cut);
}

TEST(OpenAiReply, EveryCutGivesTheSameEvents) {
  for (std::size_t cut = 0; cut <= kStream.size(); ++cut) ASSERT_EQ(decoded(kStream, cut), kStreamEvents) << cut;
}

TEST(OpenAiReply, ACutStreamIsAnError) {
  const std::size_t complete = kStream.find("data: {\"choices\":[],") - 2;
  for (std::size_t length = 0; length < kStream.size(); ++length) {
    EXPECT_EQ(decoded(kStream.substr(0, length), 0).contains("error upstream_broke_off"), length < complete) << length;
  }
}

TEST(OpenAiReply, ReadsErrorsInTheStream) {
  EXPECT_EQ(
      decoded("data: {\"error\":{\"message\":\"slow down\",\"type\":\"rate_limit_error\",\"code\":\"c\"}}\n\n", 0),
      "error c rate_limit_exceeded slow down\n");
}

TEST(OpenAiReply, ReadsWholeAnswers) {
  EXPECT_EQ(decoded(R"({"choices":[{"index":0,"message":{"role":"assistant","content":"Hi","tool_calls":[
      {"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":"{}"}}]},
      "finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})",
                    30, false),
            "text \"Hi\"\ncall 0 id=a name=f \"{}\"\ncall 1 id=b name=g \"{}\"\nfinish length\nusage in=1 out=2 "
            "cached=0 written=0\n");
  EXPECT_EQ(
      decoded(
          R"({"data":[{"index":0,"embedding":[0.5,-1]},{"index":1,"embedding":"AAAAPwAAgL8="}],"usage":{"prompt_tokens":1}})",
          30, false),
      "embedding 0 [0.5,-1]\nembedding 1 [0.5,-1]\nusage in=1 out=0 cached=0 written=0\n");
  EXPECT_TRUE(decoded(R"({"data":[{"embedding":"?"}]})", 0, false).starts_with("error upstream_invalid_response"));
}

ReplyContext context(TaskKind task, bool stream, bool usage = false) {
  return {.task = task, .id = "chatcmpl-1", .model = "m", .created = 7, .stream = stream, .include_usage = usage};
}

const std::vector<Event>& answer() {
  static const std::vector<Event> events = {
      ThinkingEvent{.text = "hm"},
      ThinkingEvent{.signature = "sig"},
      TextEvent{.text = "Hi"},
      ToolCallEvent{.index = 0, .id = "a", .name = "f", .arguments = ""},
      ToolCallEvent{.index = 0, .arguments = "{}"},
      FinishEvent{.reason = FinishReason::kToolCalls},
      UsageEvent{Usage{
          .input = Tokens(3), .output = Tokens(4), .cached_input = Tokens(1), .reasoning = Tokens(2), .known = true}}};
  return events;
}

std::string encoded(const ReplyContext& context, std::span<const Event> events) {
  const auto encoder = OpenAiCodec().reply_encoder(context);
  std::string out;
  for (const Event& event : events) encoder->events({&event, 1}, out);
  encoder->end(out);
  return out;
}

TEST(OpenAiReplyEncoder, WritesAStream) {
  const auto chunk = [](std::string_view delta, std::string_view finish = "null") {
    return fmt::format(
        R"(data: {{"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{{"index":0,"delta":{{{}}},"logprobs":null,"finish_reason":{}}}],"usage":null}})"
        "\n\n",
        delta, finish);
  };
  EXPECT_EQ(
      encoded(context(TaskKind::kChat, true, true), answer()),
      chunk(R"("role":"assistant","content":"")") + chunk(R"("reasoning_content":"hm")") +
          chunk(R"("thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"sig"}])") +
          chunk(R"("content":"Hi")") +
          chunk(R"("tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}])") +
          chunk(R"("tool_calls":[{"index":0,"function":{"arguments":"{}"}}])") + chunk("", R"("tool_calls")") +
          R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":1,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0}}})"
          "\n\ndata: [DONE]\n\n");
  EXPECT_FALSE(encoded(context(TaskKind::kChat, true, false), answer()).contains("usage"));
}

TEST(OpenAiReplyEncoder, WhatItStreamsItsDecoderReads) {
  EXPECT_EQ(decoded(encoded(context(TaskKind::kChat, true, true), answer()), 0),
            "thinking \"hm\"\nthinking \"\" signature=sig\ntext \"Hi\"\ncall 0 id=a name=f \"\"\ncall 0 \"{}\"\nfinish "
            "tool_calls\n"
            "usage in=3 out=4 cached=1 written=0\n");
}

TEST(OpenAiReplyEncoder, WritesWholeAnswers) {
  EXPECT_EQ(
      encoded(context(TaskKind::kChat, false), answer()),
      R"({"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","refusal":null,"reasoning_content":"hm","thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"sig"}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":1,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0}}})");
  const std::vector<Event> text = {TextEvent{.text = "a"}, TextEvent{.text = "b"},
                                   FinishEvent{.reason = FinishReason::kLength}};
  EXPECT_EQ(
      encoded(context(TaskKind::kCompletion, false), text),
      R"({"id":"chatcmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"ab","logprobs":null,"finish_reason":"length"}]})");
  EXPECT_EQ(
      encoded(context(TaskKind::kCompletion, true), std::span(text).first(1)),
      R"(data: {"id":"chatcmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"index":0,"text":"a","logprobs":null,"finish_reason":null}]})"
      "\n\ndata: [DONE]\n\n");
}

TEST(OpenAiReplyEncoder, WritesEmbeddings) {
  const std::vector<Event> events = {EmbeddingEvent{.vector = {0.1F, -1e-7F}, .index = 1},
                                     EmbeddingEvent{.vector = {2}, .index = 0}, UsageEvent{Usage{.input = Tokens(3)}}};
  EXPECT_EQ(
      encoded(context(TaskKind::kEmbedding, false), events),
      R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[2]},{"object":"embedding","index":1,"embedding":[0.1,-1e-07]}],"model":"m","usage":{"prompt_tokens":3,"total_tokens":3}})");
  auto base64 = context(TaskKind::kEmbedding, false);
  base64.base64 = true;
  EXPECT_TRUE(encoded(base64, std::span(events).subspan(1, 1)).contains(R"("embedding":"AAAAQA==")"));
}

TEST(OpenAiError, MapsStatuses) {
  const auto fault = [](int status) { return OpenAiCodec().decode_error(status, "{}").fault; };
  EXPECT_EQ(fault(400), Fault::kInvalid);
  EXPECT_EQ(fault(401), Fault::kUpstreamAuth);
  EXPECT_EQ(fault(402), Fault::kRateLimited);
  EXPECT_EQ(fault(403), Fault::kUpstreamAuth);
  EXPECT_EQ(fault(404), Fault::kNotFound);
  EXPECT_EQ(fault(408), Fault::kTimeout);
  EXPECT_EQ(fault(409), Fault::kConflict);
  EXPECT_EQ(fault(413), Fault::kTooLarge);
  EXPECT_EQ(fault(422), Fault::kUnprocessable);
  EXPECT_EQ(fault(429), Fault::kRateLimited);
  EXPECT_EQ(fault(500), Fault::kUpstream);
  EXPECT_EQ(fault(502), Fault::kUpstream);
  EXPECT_EQ(fault(503), Fault::kUnavailable);
  EXPECT_EQ(fault(504), Fault::kTimeout);
  EXPECT_EQ(fault(529), Fault::kUnavailable);
  EXPECT_TRUE(OpenAiCodec().decode_error(307, "<html>").what.contains("correct its base URL"));
  EXPECT_EQ(fault(307), Fault::kUpstream);
  EXPECT_EQ(OpenAiCodec().decode_error(500, "<html>").what, "The provider answered HTTP 500 and did not say why.");
}

TEST(OpenAiError, KeepsTheSentenceAndNoKey) {
  const OpenAiCodec codec;
  const Error auth = codec.decode_error(
      401, R"({"error":{"message":"Incorrect API key provided: sk-abcd****wxyz.","code":"invalid_api_key"}})");
  EXPECT_FALSE(auth.what.contains("abcd"));
  EXPECT_TRUE(auth.what.contains("check that provider's API key"));
  const Error bad = codec.decode_error(
      400, R"({"error":{"message":"Bad\n\u0007 value for sk-proj-0123456789 here","param":"n","code":"bad_value"}})");
  EXPECT_EQ(bad.what, "Bad value for [key] here");
  EXPECT_EQ(bad.param, "n");
  EXPECT_EQ(bad.code, "bad_value");
  const std::string umlauts = [] {
    std::string text;
    for (int i = 0; i < 3000; ++i) text += "\xC3\xBC";
    return text;
  }();
  const Error long_one = codec.decode_error(400, R"({"error":{"message":"x)" + umlauts + R"("}})");
  EXPECT_EQ(long_one.what.size(), 2047U);
  EXPECT_EQ(codec.decode_error(400, R"({"error":"text"})").what, "text");
  EXPECT_EQ(codec.decode_error(400, R"({"object":"error","message":"m","code":40001})").code, "40001");
  EXPECT_EQ(codec.decode_error(400, R"({"error":{"message":"m","code":400}})").code, "");
  EXPECT_EQ(codec.decode_error(0, R"({"error":{"message":"m","code":500}})").code, "");
  EXPECT_EQ(codec.decode_error(400, R"({"error":{"message":"This model's maximum context length is 8 tokens"}})").code,
            "context_length_exceeded");
  EXPECT_EQ(codec.decode_error(429, R"({"error":{"message":"You exceeded your current quota"}})").code,
            "insufficient_quota");
  EXPECT_EQ(codec.decode_error(400, R"({"error":{"message":"m","code":"content_filter"}})").code, "content_filter");
}

TEST(OpenAiError, WritesItsShape) {
  const OpenAiCodec codec;
  EXPECT_EQ(
      codec.error_body(
          Error{.fault = Fault::kNotFound, .what = "No \"x\".", .code = "model_not_found", .param = "model"}, "req_1"),
      R"({"error":{"message":"No \"x\".","type":"not_found_error","param":"model","code":"model_not_found"},"request_id":"req_1"})");
  EXPECT_EQ(
      codec.error_event(Error{.fault = Fault::kUpstream, .what = "x"}, ""),
      "data: "
      "{\"error\":{\"message\":\"x\",\"type\":\"upstream_error\",\"param\":null,\"code\":\"provider_error\"}}\n\n");
}

TEST(Base64, FollowsTheStandard) {
  for (const auto& [bytes, text] :
       std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foobar", "Zm9vYmFy"},
                                                        {std::string("\xFF\x00\xFE", 3), "/wD+"}}) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
  EXPECT_FALSE(base64_decode("Zg").has_value());
  EXPECT_FALSE(base64_decode("Z!==").has_value());
}

}  // namespace
}  // namespace orchestra
