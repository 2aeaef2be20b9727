#include "dialects/ollama.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "dialects/event_text.h"
#include "dialects/openai.h"

namespace orchestra {
namespace {

using Names = std::vector<std::string>;

Result<Upstream> encoded(std::string_view openai, TaskKind task = TaskKind::kChat) {
  const auto request = OpenAiCodec().decode(task, openai);
  EXPECT_TRUE(request.has_value()) << request.error().what;
  if (!request) return fail(request.error());
  auto upstream = OllamaCodec().encode(*request, "qwen3:8b");
  if (upstream) EXPECT_TRUE(parse_json(upstream->body).has_value()) << upstream->body;
  return upstream;
}

TEST(OllamaEncode, TranslatesAConversationWithTools) {
  const auto out = encoded(R"({
    "model":"ignored","max_completion_tokens":100,"stream":true,"temperature":0.5,"top_p":0.9,"seed":7,"stop":"END",
    "frequency_penalty":0.25,"presence_penalty":1,"repeat_penalty":1.5,"top_k":40,"min_p":0.05,
    "messages":[
      {"role":"developer","content":"Be kind."},
      {"role":"user","content":[{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},
        {"type":"text","text":"here"}]},
      {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[
        {"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
      {"role":"tool","tool_call_id":"c1","content":"one"}],
    "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}],
    "response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}},
    "reasoning_effort":"high"})");
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(out->path, "/api/chat");
  EXPECT_EQ(
      out->body,
      R"({"model":"qwen3:8b","messages":[{"role":"system","content":"Be kind."},)"
      R"({"role":"user","content":"Look\nhere","images":["AAAA"]},)"
      R"({"role":"assistant","content":"","thinking":"hm","tool_calls":[{"id":"c1","function":{"name":"f","arguments":{"a":1}}}]},)"
      R"({"role":"tool","content":"one","tool_name":"f","tool_call_id":"c1"}],)"
      R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}],)"
      R"("format":{"type":"object"},"think":"high","stream":true,"options":{"num_predict":100,"temperature":0.5,)"
      R"("top_p":0.9,"top_k":40,"min_p":0.05,"seed":7,"frequency_penalty":0.25,"presence_penalty":1,"repeat_penalty":1.5,)"
      R"("stop":["END"]}})");
  EXPECT_EQ(out->dropped, Names{});
}

TEST(OllamaEncode, NamesWhatItLeavesOut) {
  const auto out = encoded(
      R"({"messages":[{"role":"user","name":"Ann","content":"x"}],"tool_choice":"required","parallel_tool_calls":false,
      "n":2,"logprobs":true,"user":"u","store":true,"tools":[{"function":{"name":"f","strict":true}}]})");
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(out->dropped,
            (Names{"name", "tool_choice", "parallel_tool_calls", "tools.strict", "n", "logprobs", "user", "store"}));
  EXPECT_TRUE(out->body.contains(R"("stream":false)"));
  const auto none = encoded(
      R"({"messages":[{"role":"user","content":"x"}],"tool_choice":"none","tools":[{"function":{"name":"f"}}]})");
  EXPECT_FALSE(none->body.contains("tools"));
}

TEST(OllamaEncode, RefusesContentItCannotTake) {
  const auto refused = encoded(
      R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.x/a.png"}}]}]})");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, "unsupported_content");
}

TEST(OllamaEncode, CompletionsAndEmbeddings) {
  EXPECT_EQ(encoded(R"({"prompt":"def f(","suffix":"return","max_tokens":5,"echo":true})", TaskKind::kCompletion)->body,
            R"({"model":"qwen3:8b","prompt":"def f(","suffix":"return","stream":false,"options":{"num_predict":5}})");
  EXPECT_FALSE(encoded(R"({"prompt":["a","b"]})", TaskKind::kCompletion).has_value());
  EXPECT_EQ(encoded(R"({"input":["a","b"],"dimensions":3,"encoding_format":"base64"})", TaskKind::kEmbedding)->body,
            R"({"model":"qwen3:8b","input":["a","b"],"dimensions":3,"truncate":false})");
  EXPECT_EQ(encoded(R"({"prompt":"a cube"})", TaskKind::kImage).error().code, "unsupported_task");
}

constexpr std::string_view kStream =
    R"({"model":"q","created_at":"t","message":{"role":"assistant","content":"","thinking":"hm"},"done":false})"
    "\n"
    R"({"model":"q","message":{"role":"assistant","content":"H\u00e9"},"done":false})"
    "\r\n\n"
    R"({"model":"q","message":{"role":"assistant","content":"","tool_calls":[{"id":"c9","function":{"index":0,"name":"f","arguments":{"a":[1,2.5]}}}]},"done":false})"
    "\n"
    R"({"model":"q","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":7,"eval_count":9})"
    "\n";
constexpr std::string_view kStreamEvents =
    "thinking \"hm\"\ntext \"H\xC3\xA9\"\ncall 0 id=c9 name=f \"{\"a\":[1,2.5]}\"\nfinish tool_calls\n"
    "usage in=7 out=9 cached=0 written=0\n";

std::string decoded(std::string_view text, std::size_t cut, bool stream = true) {
  const auto decoder = OllamaCodec().reply_decoder(TaskKind::kChat, stream);
  return decode_in_two(*decoder, text, cut);
}

TEST(OllamaReply, EveryCutGivesTheSameEvents) {
  for (std::size_t cut = 0; cut <= kStream.size(); ++cut) ASSERT_EQ(decoded(kStream, cut), kStreamEvents) << cut;
}

TEST(OllamaReply, ACutStreamIsAnError) {
  for (std::size_t length = 0; length < kStream.size() - 1; ++length) {
    EXPECT_TRUE(decoded(kStream.substr(0, length), 0).contains("error upstream_broke_off")) << length;
  }
}

TEST(OllamaReply, ReadsErrorsAndNonsense) {
  EXPECT_EQ(decoded("{\"error\":\"out of memory\"}\n", 0), "error  provider_error out of memory\n");
  EXPECT_TRUE(decoded("<html>\n", 0).starts_with("error upstream_invalid_response"));
}

TEST(OllamaReply, ReadsWholeAnswers) {
  EXPECT_EQ(
      decoded(R"({"message":{"role":"assistant","content":"Hi"},"done":true,"done_reason":"length","eval_count":3})", 9,
              false),
      "text \"Hi\"\nfinish length\nusage in=0 out=3 cached=0 written=0 estimated\n");
  EXPECT_EQ(decoded(R"({"response":"Hi","done":true,"prompt_eval_count":1,"eval_count":3})", 9, false),
            "text \"Hi\"\nfinish stop\nusage in=1 out=3 cached=0 written=0\n");
  EXPECT_EQ(decoded(R"({"embeddings":[[0.5,-1],[2,3]],"prompt_eval_count":4})", 9, false),
            "embedding 0 [0.5,-1]\nembedding 1 [2,3]\nusage in=4 out=0 cached=0 written=0\n");
}

TEST(OllamaReply, CallsWithoutAnIdGetOne) {
  const std::string line =
      R"({"message":{"tool_calls":[{"function":{"name":"f","arguments":{}}},{"function":{"name":"g"}}]},"done":true})";
  const auto decoder = OllamaCodec().reply_decoder(TaskKind::kChat, false);
  std::vector<Event> events;
  ASSERT_TRUE(decoder->feed(line, events) && decoder->finish(events));
  ASSERT_EQ(events.size(), 3U);
  const auto& first = std::get<ToolCallEvent>(events[0]);
  const auto& second = std::get<ToolCallEvent>(events[1]);
  EXPECT_TRUE(first.id.starts_with("call_"));
  EXPECT_NE(first.id, second.id);
  EXPECT_EQ(second.index, 1);
  EXPECT_EQ(second.arguments, "{}");
}

TEST(OllamaError, ReadsAndWrites) {
  const OllamaCodec codec;
  EXPECT_EQ(codec.decode_error(404, R"({"error":"model 'x' not found"})").fault, Fault::kNotFound);
  EXPECT_EQ(codec.decode_error(404, R"({"error":"model 'x' not found"})").what, "model 'x' not found");
  EXPECT_EQ(codec.error_body(Error{.what = "x"}, "r"), R"({"error":"x"})");
}

}  // namespace
}  // namespace orchestra
