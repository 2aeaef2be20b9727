#include "dialects/openai_scan.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/json.h"
#include "dialects/openai_splice.h"

namespace orchestra {
namespace {

constexpr std::string_view kPlain = R"({"model":"m","messages":[{"role":"user","content":"x"}]})";

std::string chat(std::string_view more) {
  return R"({"messages":[{"role":"user","content":"x"}],)" + std::string(more) + "}";
}

Error refusal(std::string_view body, TaskKind task = TaskKind::kChat) {
  const auto shape = scan_openai(task, body);
  EXPECT_FALSE(shape.has_value()) << body;
  if (shape) return {};
  EXPECT_EQ(shape.error().fault, Fault::kInvalid);
  return shape.error();
}

TEST(OpenAiScan, RefusesNumbersBeyondADouble) {
  for (std::string_view number : {"1e309", "-1E+999", "1e9999999999", "123123e100000"}) {
    refusal(chat(R"("metadata":{"t":)" + std::string(number) + "}"));
  }
  EXPECT_TRUE(refusal(chat(R"("metadata":{"t":)" + std::string(400, '9') + "}")).what.contains("range"));
  for (std::string_view number : {"1e308", "1e-9999", "-0e999", "123e-100000"}) {
    EXPECT_TRUE(scan_openai(TaskKind::kChat, chat(R"("metadata":{"t":)" + std::string(number) + "}"))) << number;
  }
}

TEST(OpenAiScan, ReadsTheShape) {
  const std::string body =
      R"( { "model" : "gpt\u002d4", "stream":true, "stream_options":{"include_usage":true}, "max_tokens":100,
  "max_completion_tokens":7, "tools":[{"type":"function"}], "response_format":{"type":"json_schema","json_schema":{}},
  "messages":[{"role":"system","content":"12345"},
    {"role":"user","content":[{"type":"text","text":"678"},{"type":"image_url","image_url":{"url":"data:..."}},
      {"type":"input_audio","input_audio":{"data":"","format":"wav"}}]},
    {"role":"assistant","content":null,"tool_calls":[]}]})";
  const auto shape = scan_openai(TaskKind::kChat, body);
  ASSERT_TRUE(shape.has_value()) << shape.error().what;
  EXPECT_EQ(shape->model, "gpt-4");
  EXPECT_EQ(body.substr(shape->model_value.offset, shape->model_value.length), R"("gpt\u002d4")");
  EXPECT_EQ(body.substr(shape->stream_options_value.offset, shape->stream_options_value.length),
            R"({"include_usage":true})");
  EXPECT_EQ(shape->first_member, 2U);
  EXPECT_FALSE(shape->empty_object);
  EXPECT_TRUE(shape->stream);
  EXPECT_TRUE(shape->include_usage);
  EXPECT_EQ(shape->max_tokens, 7);
  EXPECT_TRUE(shape->has_tools);
  EXPECT_TRUE(shape->has_images);
  EXPECT_TRUE(shape->has_audio);
  EXPECT_TRUE(shape->has_json_schema);
  EXPECT_EQ(shape->text_bytes, 8U + std::string_view(R"([{"type":"function"}])").size());
}

TEST(OpenAiScan, ReadsOtherTasks) {
  EXPECT_EQ(scan_openai(TaskKind::kCompletion, R"({"prompt":["ab","cd"],"logprobs":3})")->text_bytes, 4U);
  EXPECT_EQ(scan_openai(TaskKind::kEmbedding, R"({"input":[[1,2],[3]]})")->text_bytes, 12U);
  EXPECT_EQ(scan_openai(TaskKind::kEmbedding, R"({"input":"abc"})")->text_bytes, 3U);
  EXPECT_EQ(scan_openai(TaskKind::kImage, R"({"prompt":"a cube","n":2,"size":"auto","stream":false})")->text_bytes, 6U);
}

TEST(OpenAiScan, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(refusal(chat(R"("model":7)")).param, "model");
  EXPECT_EQ(refusal(chat(R"("model":null)")).param, "model");
  EXPECT_EQ(refusal(chat(R"("stream":"yes")")).what, "'stream' must be true or false.");
  EXPECT_EQ(refusal(chat(R"("stream_options":[])")).param, "stream_options");
  EXPECT_EQ(refusal(chat(R"("stream_options":{"include_usage":1})")).param, "stream_options.include_usage");
  EXPECT_EQ(refusal(chat(R"("temperature":"hot")")).param, "temperature");
  EXPECT_EQ(refusal(chat(R"("max_tokens":1.5)")).param, "max_tokens");
  EXPECT_EQ(refusal(chat(R"("tools":{})")).param, "tools");
  EXPECT_EQ(refusal(R"({"model":"m"})").param, "messages");
  EXPECT_EQ(refusal(R"({"model":"m"})").code, "missing_required_parameter");
  EXPECT_EQ(refusal(R"({"messages":[]})").code, "empty_array");
  EXPECT_EQ(refusal(R"({"messages":[7]})").param, "messages[0]");
  EXPECT_EQ(refusal(R"({"messages":[{"content":"x"}]})").param, "messages[0].role");
  EXPECT_EQ(refusal(R"({"messages":[{"role":"user","content":7}]})").param, "messages[0].content");
  EXPECT_EQ(refusal(R"({"messages":[{"role":"user","content":["x"]}]})").param, "messages[0].content");
  EXPECT_EQ(refusal(R"({"input":[]})", TaskKind::kEmbedding).code, "empty_array");
  EXPECT_EQ(refusal(R"({"prompt":["a"]})", TaskKind::kImage).param, "prompt");
  EXPECT_EQ(refusal(R"({"prompt":"a","stream":true})", TaskKind::kImage).param, "stream");
  EXPECT_EQ(refusal(R"({"input":[{}]})", TaskKind::kEmbedding).param, "input");
  EXPECT_EQ(refusal("{}", TaskKind::kCompletion).param, "prompt");
}

TEST(OpenAiScan, AllowsNullWhereOpenAiDoes) {
  const auto shape = scan_openai(TaskKind::kChat, chat(R"("stream":null,"tools":null,"max_tokens":null,"stop":null,
      "temperature":null,"stream_options":null,"response_format":null,"n":null,"unknown":[{}])"));
  ASSERT_TRUE(shape.has_value()) << shape.error().what;
  EXPECT_FALSE(shape->stream);
}

TEST(OpenAiScan, RefusesTwoSpellingsOfOneField) {
  EXPECT_EQ(refusal(R"({"model":"a","model":"b","messages":[{"role":"user"}]})").param, "model");
  EXPECT_EQ(refusal(R"({"model":"a","mod\u0065l":"b","messages":[{"role":"user"}]})").code, "duplicate_field");
  EXPECT_EQ(refusal(chat(R"("stream":true,"stream":false)")).param, "stream");
  EXPECT_EQ(refusal(chat(R"("messages":[{"role":"user"}])")).param, "messages");
  EXPECT_EQ(refusal(chat(R"("stream_options":{"include_usage":true,"include_usage":false})")).code, "duplicate_field");
}

TEST(OpenAiScan, SaysWhereTheJsonBreaks) {
  EXPECT_EQ(refusal("").what, "The body is empty: send a JSON object.");
  EXPECT_EQ(refusal("[]").what, "The body must be a JSON object.");
  EXPECT_EQ(refusal(R"({"model":"m",})").what,
            "The body is not valid JSON at byte 13: expected a member name in double quotes.");
  EXPECT_EQ(refusal("{\"a\":\"\xFF\"}").what, "The body is not valid UTF-8 at byte 6.");
  EXPECT_EQ(refusal("{\"a\":\"" + std::string(9000, 'x') + "\xC3\xA9\xC3\"}").what,
            "The body is not valid UTF-8 at byte 9008.");
  EXPECT_TRUE(refusal(std::string(kPlain) + "x").what.contains("nothing may follow"));
  EXPECT_TRUE(refusal(R"({"a":"\ud800"})").what.contains("surrogate"));
  EXPECT_TRUE(refusal(R"({"a":"\u-123"})").what.contains("hexadecimal"));
}

TEST(OpenAiScan, EveryCutIsRefused) {
  const std::string body =
      R"({"model":"m","stream":true,"n":-1.5e+3,"u":"\ud83d\ude00","a":[true,null,{}],"messages":[{"role":"user","content":"x"}]})";
  ASSERT_TRUE(scan_openai(TaskKind::kChat, body).has_value());
  for (std::size_t length = 0; length < body.size(); ++length) refusal(std::string_view(body).substr(0, length));
}

TEST(OpenAiScan, DeepNestingIsRefusedNotCrashed) {
  for (const std::string& open : {std::string("["), std::string("{\"a\":")}) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += open;
    EXPECT_TRUE(refusal(deep.starts_with('[') ? R"({"metadata":)" + deep : deep).what.contains("nested deeper"));
  }
  const auto nested = [](int depth) {
    return chat(R"("metadata":)" + std::string(static_cast<std::size_t>(depth), '[') +
                std::string(static_cast<std::size_t>(depth), ']'));
  };
  EXPECT_TRUE(scan_openai(TaskKind::kChat, nested(63)).has_value());
  EXPECT_FALSE(scan_openai(TaskKind::kChat, nested(64)).has_value());
  EXPECT_TRUE(parse_json(nested(63)).has_value());
}

// https://github.com/nst/JSONTestSuite: each file as metadata.t of a chat request.
TEST(OpenAiScan, JsonTestSuite) {
  namespace fs = std::filesystem;
  const fs::path here = fs::path(__FILE__).parent_path();
  const fs::path folder = fs::weakly_canonical(here / "../../../shared/conformance/JSONTestSuite/test_parsing");
  if (!fs::exists(folder)) {
    std::cerr << "SKIPPED: the folder shared/conformance/JSONTestSuite is absent beside the repository\n";
    GTEST_SKIP() << "JSONTestSuite is absent";
  }
  int count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::string body =
        R"({"model":"auto","max_tokens":1,"messages":[{"role":"user","content":"x"}],"metadata":{"t":)" + text + "}}";
    const bool accepted = scan_openai(TaskKind::kChat, body).has_value();
    if (name.starts_with("y_")) EXPECT_TRUE(accepted) << name;
    if (name.starts_with("n_")) EXPECT_FALSE(accepted) << name;
    ++count;
  }
  EXPECT_GT(count, 300);
}

std::string spliced(std::string_view body, bool ask_usage) {
  Call call;
  call.body = body;
  auto shape = scan_openai(TaskKind::kChat, call.body);
  EXPECT_TRUE(shape.has_value()) << body;
  if (!shape) return {};
  call.shape = std::move(*shape);
  Splice splice;
  splice_openai(call, "up\"stream", ask_usage, splice);
  std::string out;
  for (const auto piece : splice.pieces) out += piece;
  EXPECT_TRUE(parse_json(out).has_value()) << out;
  const auto again = scan_openai(TaskKind::kChat, out);
  EXPECT_TRUE(again.has_value()) << out;
  EXPECT_EQ(again->model, "up\"stream");
  EXPECT_EQ(again->include_usage, call.shape.include_usage || (ask_usage && call.shape.stream)) << out;
  return out;
}

TEST(OpenAiSplice, SetsTheModelAndAsksForUsage) {
  const std::string m = R"("messages":[{"role":"user","content":"x"}])";
  EXPECT_EQ(spliced("{\"model\":\"m\"," + m + "}", true), R"({"model":"up\"stream",)" + m + "}");
  EXPECT_EQ(spliced("{ " + m + "}", false), R"({"model":"up\"stream", )" + m + "}");
  EXPECT_EQ(spliced("{" + m + R"(,"stream":true})", true),
            R"({"model":"up\"stream","stream_options":{"include_usage":true},)" + m + R"(,"stream":true})");
  EXPECT_EQ(spliced(R"({"stream":true,"stream_options":null,"model":"m",)" + m + "}", true),
            R"({"stream":true,"stream_options":{"include_usage":true},"model":"up\"stream",)" + m + "}");
  EXPECT_EQ(spliced(R"({"model":"m","stream":true,"stream_options":{ },)" + m + "}", true),
            R"({"model":"up\"stream","stream":true,"stream_options":{"include_usage":true },)" + m + "}");
  EXPECT_EQ(spliced(R"({"model":"m","stream":true,"stream_options":{"x":1},)" + m + "}", true),
            R"({"model":"up\"stream","stream":true,"stream_options":{"include_usage":true,"x":1},)" + m + "}");
  EXPECT_EQ(spliced(R"({"stream_options":{"x":1,"include_usage": false},"stream":true,)" + m + "}", true),
            R"({"model":"up\"stream","stream_options":{"x":1,"include_usage": true},"stream":true,)" + m + "}");
  EXPECT_EQ(spliced(R"({"model":"m","stream":true,"stream_options":{"include_usage":true},)" + m + "}", true),
            R"({"model":"up\"stream","stream":true,"stream_options":{"include_usage":true},)" + m + "}");
  EXPECT_EQ(spliced(R"({"model":"m","stream":true,)" + m + "}", false),
            R"({"model":"up\"stream","stream":true,)" + m + "}");
}

TEST(OpenAiSplice, FillsAnEmptyObject) {
  Call call;
  call.body = "{ }";
  call.shape.first_member = 1;
  call.shape.empty_object = true;
  call.shape.stream = true;
  Splice splice;
  splice_openai(call, "m", true, splice);
  std::string out;
  for (const auto piece : splice.pieces) out += piece;
  EXPECT_EQ(out, R"({"model":"m","stream_options":{"include_usage":true} })");
}

}  // namespace
}  // namespace orchestra
