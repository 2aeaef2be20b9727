#include "cli/chat_request.h"

#include <csignal>

#include "cli/test_fixture.h"

namespace orchestra::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kChat = "POST /v1/chat/completions";

std::string delta(std::string_view text) {
  return fmt::format(
      "data: "
      "{{\"id\":\"c1\",\"model\":\"local/demo\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
      text);
}

TEST(SseDataTest, SurvivesAnyCut) {
  const std::string stream = ": comment\r\nevent: x\r\ndata: a\r\ndata: b\r\n\r\ndata:c\n\n\n\rdata: d\r\r";
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    SseData sse;
    std::vector<std::string> got;
    const auto keep = [&](std::string_view data) -> Result<void> {
      got.emplace_back(data);
      return {};
    };
    ASSERT_TRUE(sse.feed(stream.substr(0, cut), keep));
    ASSERT_TRUE(sse.feed(stream.substr(cut), keep));
    EXPECT_EQ(got, (std::vector<std::string>{"a\nb", "c", "d"})) << cut;
  }
}

TEST_F(CliTest, QueryStreams) {
  server.answer(kChat,
                {.pieces = {delta("Hel"), delta("lo").substr(0, 20), delta("lo").substr(20) + "data: [DO", "NE]\n\n"}});
  EXPECT_EQ(run({"query", "--prompt", "Hi", "--max-tokens", "5", "--temperature", "0.5", "--system", "S", "--task",
                 "reasoning"}),
            0)
      << console.complained;
  EXPECT_EQ(console.printed, "Hello\n");
  EXPECT_EQ(
      server.sent().back().body,
      R"({"model":"auto","messages":[{"role":"system","content":"S"},{"role":"user","content":"Hi"}],"max_tokens":5,)"
      R"("temperature":0.5,"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(server.sent().back().fields.find("x-orchestra-task"), "reasoning");
}

TEST_F(CliTest, QueryReadsStandardInput) {
  console.input = "from a pipe\n";
  server.answer(kChat, {.pieces = {delta("x\\u001b[31m") + "data: [DONE]\n\n"}});
  EXPECT_EQ(run({"query", "-m", "m", "-"}), 0);
  EXPECT_THAT(server.sent().back().body,
              HasSubstr(R"("model":"m","messages":[{"role":"user","content":"from a pipe\n"}])"));
  EXPECT_EQ(console.printed, "x\x1b[31m\n") << "a pipe gets the bytes";
  console.terminal = true;
  EXPECT_EQ(run({"query", "hello"}), 0);
  EXPECT_EQ(console.printed, "x [31m\n") << "a terminal gets no control characters";
  EXPECT_THAT(console.complained, HasSubstr("answered by local/demo"));
  console.input = " \n";
  EXPECT_EQ(run({"query", "--prompt", "-"}), 2);
}

TEST_F(CliTest, QueryWholeAndJson) {
  HttpFields fields;
  fields.add("x-request-id", "req_9");
  server.answer(
      kChat,
      {.pieces = {R"({"id":"c9","model":"local/demo","choices":[{"message":{"content":"4"},"finish_reason":"stop"}],
                               "usage":{"prompt_tokens":3,"completion_tokens":1}})"},
       .fields = fields});
  EXPECT_EQ(run({"query", "-p", "2+2?", "--no-stream"}), 0);
  EXPECT_EQ(console.printed, "4\n");
  EXPECT_EQ(run({"query", "-p", "2+2?", "--format", "json"}), 0);
  EXPECT_EQ(console.printed, R"({
  "response": "4",
  "model_used": "local/demo",
  "finish_reason": "stop",
  "request_id": "req_9",
  "usage": {
    "prompt_tokens": 3,
    "completion_tokens": 1
  }
}
)");
}

TEST_F(CliTest, QueryFailsAloud) {
  server.answer(kChat, 404, R"({"error":{"message":"There is no model 'x'.","code":"model_not_found"}})");
  EXPECT_EQ(run({"query", "-p", "a", "-m", "x"}), 1);
  EXPECT_THAT(console.complained, HasSubstr("There is no model 'x'."));
}

TEST_F(CliTest, QueryTellsABrokenStream) {
  server.answer(kChat, {.pieces = {delta("par"),
                                   "data: {\"error\":{\"message\":\"The worker ended.\",\"code\":\"upstream\"}}\n\n"}});
  EXPECT_EQ(run({"query", "-p", "a"}), 1);
  EXPECT_EQ(console.printed, "par\n");
  EXPECT_THAT(console.complained, HasSubstr("The worker ended."));
}

TEST_F(CliTest, QueryTellsASilentEnd) {
  server.answer(kChat, {.pieces = {delta("par")}});
  EXPECT_EQ(run({"query", "-p", "a"}), 1);
  EXPECT_THAT(console.complained, HasSubstr("broke off before its end"));
}

TEST_F(CliTest, ChatKeepsTheConversation) {
  server.answer(kChat, {.pieces = {delta("One.") + "data: [DONE]\n\n"}});
  server.answer(kChat, {.pieces = {delta("Two.") + "data: [DONE]\n\n"}});
  console.lines = {"first\\", "line",  "",     "/model openai/gpt-4o", "second", "/reset", "/nonsense",
                   "third",   "/exit", "never"};
  EXPECT_EQ(run({"chat", "--system", "S"}), 0) << console.complained;
  ASSERT_EQ(server.sent().size(), 3U);
  EXPECT_THAT(server.sent()[0].body,
              HasSubstr(R"([{"role":"system","content":"S"},{"role":"user","content":"first\nline"}])"));
  EXPECT_THAT(server.sent()[1].body, HasSubstr(R"("model":"openai/gpt-4o")"));
  EXPECT_THAT(server.sent()[1].body,
              HasSubstr(R"({"role":"assistant","content":"One."},{"role":"user","content":"second"}])"));
  EXPECT_THAT(server.sent()[2].body,
              HasSubstr(R"([{"role":"system","content":"S"},{"role":"user","content":"third"}])"));
  EXPECT_EQ(console.printed, "One.\nTwo.\nTwo.\n");
  EXPECT_THAT(console.complained, HasSubstr("'/nonsense' is not known."));
}

TEST_F(CliTest, ChatForgetsAFailedQuestionAndScriptsLearnOfIt) {
  server.answer(kChat, 503, R"({"error":{"message":"No healthy model.","code":"no_model"}})");
  server.answer(kChat, {.pieces = {delta("ok") + "data: [DONE]\n\n"}});
  console.lines = {"one", "two"};
  EXPECT_EQ(run({"chat"}), 1);
  EXPECT_THAT(server.sent()[1].body, HasSubstr(R"("messages":[{"role":"user","content":"two"}])"));
}

// Raises the signal while the piece "part" is shown: the stream then hangs until it is cancelled.
class Interrupting final : public Console {
 public:
  explicit Interrupting(FakeConsole& inner) : inner_(inner) {}
  void out(std::string_view text) override {
    inner_.out(text);
    if (text == "part") std::raise(SIGINT);
  }
  void err(std::string_view text) override { inner_.err(text); }
  std::string read_all() override { return inner_.read_all(); }
  std::optional<std::string> read_line(std::string_view prompt, bool& cancelled) override {
    return inner_.read_line(prompt, cancelled);
  }
  bool out_is_terminal() const override { return false; }
  bool err_is_terminal() const override { return false; }
  bool in_is_terminal() const override { return false; }
  int columns() const override { return 80; }

 private:
  FakeConsole& inner_;
};

TEST_F(CliTest, ControlCCancelsTheAnswerNotTheChat) {
  server.answer(kChat, {.pieces = {delta("part")}, .hang = true});
  server.answer(kChat, {.pieces = {delta("whole") + "data: [DONE]\n\n"}});
  console.lines = {"one", "two"};
  Interrupting interrupting(console);
  Session session{.console = interrupting, .variables = {}, .clock = clock, .make_client = [this](auto&) {
                    return std::make_unique<LentHttpClient>(server);
                  }};
  EXPECT_EQ(run_command({"chat"}, session), 0) << console.complained;
  EXPECT_THAT(console.complained, HasSubstr("(cancelled)"));
  EXPECT_EQ(console.printed, "part\nwhole\n");
  EXPECT_THAT(server.sent()[1].body,
              HasSubstr(R"({"role":"assistant","content":"part"},{"role":"user","content":"two"})"));
}

TEST_F(CliTest, ControlCEndsAQueryWithoutAnotherWord) {
  server.answer(kChat, {.pieces = {delta("part")}, .hang = true});
  Interrupting interrupting(console);
  Session session{.console = interrupting, .variables = {}, .clock = clock, .make_client = [this](auto&) {
                    return std::make_unique<LentHttpClient>(server);
                  }};
  EXPECT_EQ(run_command({"query", "-p", "a"}, session), 1);
  EXPECT_EQ(console.printed, "part\n");
  EXPECT_EQ(console.complained, "Error: Cancelled.\n");
}

}  // namespace
}  // namespace orchestra::cli
