#include "dialects/openai_relay.h"

#include <gtest/gtest.h>

namespace orchestra {
namespace {

constexpr std::string_view kRole =
    R"(data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null})"
    "\n\n";
constexpr std::string_view kHi =
    R"(data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hi \"usage\":{"},"finish_reason":null}],"usage":null})"
    "\n\n";
constexpr std::string_view kStop =
    R"(data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null})"
    "\n\n";
constexpr std::string_view kUsageEvent =
    R"(data: {"id":"c","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":1},"completion_tokens_details":{"reasoning_tokens":3,"audio_tokens":2}}})"
    "\n\n";
constexpr std::string_view kDone = "data: [DONE]\n\n";

std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts) out += part;
  return out;
}

struct Outcome {
  std::string wire;
  std::uint8_t marks = kNothing;
  std::optional<Error> error;
  Tally tally;
};

Outcome run(RelayScanner& scanner, const std::vector<std::string>& pieces) {
  Outcome out;
  const auto take = [&](Result<RelayScanner::Scanned> scanned) {
    if (!scanned) {
      out.error = scanned.error();
      return false;
    }
    out.wire += scanned->wire;
    out.marks |= scanned->marks;
    return true;
  };
  for (const auto& piece : pieces) {
    if (!take(scanner.feed(piece))) break;
  }
  if (!out.error) take(scanner.finish());
  out.tally = scanner.tally();
  return out;
}

Outcome relay(std::string_view text, bool hide = false) {
  return run(*openai_stream_relay(hide), {std::string(text)});
}

TEST(OpenAiRelay, PassesTheStreamAndReadsIt) {
  const std::string text = join({kRole, kHi, kStop, kUsageEvent, kDone});
  const Outcome out = relay(text);
  ASSERT_FALSE(out.error.has_value());
  EXPECT_EQ(out.wire, text);
  EXPECT_EQ(out.marks, kContent | kUsage | kEnd);
  EXPECT_EQ(out.tally.content_events.count, 1);
  EXPECT_EQ(out.tally.usage.input.count, 9);
  EXPECT_EQ(out.tally.usage.output.count, 5);
  EXPECT_EQ(out.tally.usage.cached_input.count, 4);
  EXPECT_EQ(out.tally.usage.reasoning.count, 3);
  EXPECT_EQ(out.tally.usage.audio_input.count, 1);
  EXPECT_EQ(out.tally.usage.audio_output.count, 2);
  EXPECT_TRUE(out.tally.usage.known);
  EXPECT_TRUE(out.tally.finished);
}

TEST(OpenAiRelay, LendsWithoutACopy) {
  const std::string text = join({kRole, kHi});
  auto scanner = openai_stream_relay(true);
  const auto scanned = scanner->feed(text);
  ASSERT_TRUE(scanned.has_value());
  EXPECT_EQ(scanned->wire.data(), text.data());
  EXPECT_EQ(scanned->wire.size(), text.size());
}

TEST(OpenAiRelay, TheRoleIsNoContentYet) {
  auto scanner = openai_stream_relay(false);
  EXPECT_EQ(scanner->feed(kRole)->marks, kNothing);
  EXPECT_EQ(scanner->feed(kHi)->marks, kContent);
  EXPECT_EQ(scanner->feed(kStop)->marks, kNothing);
  EXPECT_EQ(scanner->feed(kDone)->marks, kEnd);
}

TEST(OpenAiRelay, KnowsContentOfEveryKind) {
  for (const std::string_view delta :
       {R"("content":"x")", R"("refusal":"no")", R"("reasoning_content":"h")", R"("reasoning":"h")",
        R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}])", R"("audio":{"id":"a"})"}) {
    const std::string event = join({R"(data: {"choices":[{"index":0,"delta":{"role":"assistant",)", delta, "}}]}\n\n"});
    EXPECT_EQ(openai_stream_relay(false)->feed(event)->marks, kContent) << delta;
  }
  for (const std::string_view delta : {R"("content":"")", R"("content":null)", R"("tool_calls":[])", R"("role":"x")"}) {
    const std::string event = join({R"(data: {"choices":[{"index":0,"delta":{)", delta, "}}]}\n\n"});
    EXPECT_EQ(openai_stream_relay(false)->feed(event)->marks, kNothing) << delta;
  }
  EXPECT_EQ(openai_stream_relay(false)->feed("data: {\"choices\":[{\"text\":\"x\"}]}\n\n")->marks, kContent);
}

TEST(OpenAiRelay, EveryCutGivesTheSameBytes) {
  for (const bool hide : {false, true}) {
    const std::string text = join({": ping\n\n", kRole, kHi, kStop, kUsageEvent, kDone});
    const std::string expected = hide ? join({": ping\n\n", kRole, kHi, kStop, kDone}) : text;
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      const Outcome out = run(*openai_stream_relay(hide), {text.substr(0, cut), text.substr(cut)});
      ASSERT_FALSE(out.error.has_value()) << cut;
      ASSERT_EQ(out.wire, expected) << cut;
      ASSERT_EQ(out.tally.usage.output.count, 5);
      ASSERT_EQ(out.marks, kContent | kUsage | kEnd);
    }
    std::vector<std::string> bytes;
    for (const char byte : text) bytes.emplace_back(1, byte);
    EXPECT_EQ(run(*openai_stream_relay(hide), bytes).wire, expected);
  }
}

TEST(OpenAiRelay, NeverGivesHalfAnEvent) {
  auto scanner = openai_stream_relay(false);
  const std::string text = join({kRole, kHi});
  EXPECT_EQ(scanner->feed(text.substr(0, kRole.size() + 30))->wire, kRole);
  EXPECT_EQ(scanner->feed(text.substr(kRole.size() + 30))->wire, kHi);
}

TEST(OpenAiRelay, HidesOnlyTheUsageThatWasAskedFor) {
  const std::string with_choice =
      R"(data: {"choices":[{"index":0,"delta":{"content":"."},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":3}})"
      "\n\n";
  const Outcome out = relay(join({kHi, with_choice, kDone}), true);
  EXPECT_EQ(out.wire, join({kHi, with_choice, kDone}));
  EXPECT_EQ(out.tally.usage.input.count, 2);
}

TEST(OpenAiRelay, ReadsCountsWhereOthersPutThem) {
  const std::string groq =
      R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"r","usage":{"queue_time":0.1,"prompt_tokens":7,"completion_tokens":8}}})"
      "\n\n";
  EXPECT_EQ(relay(join({kHi, groq, kDone})).tally.usage.input.count, 7);
  const std::string kimi =
      R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":6,"completion_tokens":8}}]})"
      "\n\n";
  EXPECT_EQ(relay(join({kHi, kimi, kDone})).tally.usage.input.count, 6);
}

TEST(OpenAiRelay, DoesNotBelieveAbsurdCounts) {
  const std::string lie = R"(data: {"choices":[],"usage":{"prompt_tokens":-5,"completion_tokens":99999999999999}})"
                          "\n\n";
  EXPECT_FALSE(relay(join({kHi, lie, kDone})).tally.usage.known);
}

TEST(OpenAiRelay, AnErrorComesAfterTheEventsBeforeIt) {
  const std::string error = R"(data: {"error":{"message":"boom","type":"server_error","code":"x"}})"
                            "\n\n";
  auto scanner = openai_stream_relay(false);
  const std::string both = join({kHi, error});
  const auto first = scanner->feed(both);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->wire, kHi);
  const auto second = scanner->finish();
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().fault, Fault::kUpstream);
  EXPECT_EQ(second.error().what, "boom");
  EXPECT_FALSE(openai_stream_relay(false)->feed(error).has_value());
  EXPECT_FALSE(openai_stream_relay(false)->feed("event: error\ndata: {\"message\":\"m\"}\n\n").has_value());
  EXPECT_FALSE(
      openai_stream_relay(false)->feed("data: {\"object\":\"error\",\"message\":\"m\",\"code\":400}\n\n").has_value());
  EXPECT_TRUE(openai_stream_relay(false)->feed("data: {\"error\":null,\"choices\":[]}\n\n").has_value());
}

TEST(OpenAiRelay, ACutStreamIsAnErrorAtEveryByte) {
  const std::string text = join({kRole, kHi, kStop, kDone});
  const std::size_t before_stop = kRole.size() + kHi.size();
  for (std::size_t length = 0; length < text.size(); ++length) {
    const Outcome out = relay(std::string_view(text).substr(0, length));
    // From the last byte of the finish event's JSON on, the answer is known to be complete.
    if (length >= before_stop + kStop.size() - 2) {
      EXPECT_FALSE(out.error.has_value()) << length;
      EXPECT_EQ(out.marks & kEnd, kEnd);
      EXPECT_TRUE(out.wire.ends_with(kDone)) << length;
      EXPECT_EQ(out.wire.find(kDone), out.wire.rfind(kDone)) << length;
      EXPECT_EQ(out.wire, text) << "half an event is left out, a missing end mark is added: " << length;
    } else {
      ASSERT_TRUE(out.error.has_value()) << length;
      EXPECT_EQ(out.error->code, "upstream_broke_off") << length;
      EXPECT_FALSE(out.wire.contains("[DONE]"));
    }
  }
}

TEST(OpenAiRelay, WaitsForEveryChoice) {
  const std::string two = R"(data: {"choices":[{"index":1,"delta":{"content":"b"}}]})"
                          "\n\n";
  EXPECT_TRUE(relay(join({kHi, two, kStop})).error.has_value());
  EXPECT_FALSE(relay(join({kHi, kStop})).error.has_value());
}

TEST(OpenAiRelay, SwallowsWhatFollowsTheEnd) {
  EXPECT_EQ(relay(join({kHi, kDone, kHi})).wire, join({kHi, kDone}));
}

TEST(OpenAiRelay, RefusesWhatIsNoJson) {
  EXPECT_EQ(relay("data: {\"choices\":[}\n\n").error->code, "upstream_invalid_response");
  EXPECT_EQ(relay("data: hello\n\n").error->code, "upstream_invalid_response");
  EXPECT_EQ(relay("<html>").error->code, "upstream_broke_off");
}

TEST(OpenAiRelay, WholeBodyIsPassedAtItsEnd) {
  const std::string body =
      R"({"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})";
  auto scanner = openai_body_relay();
  EXPECT_TRUE(scanner->feed(body.substr(0, 20))->wire.empty());
  EXPECT_TRUE(scanner->feed(body.substr(20))->wire.empty());
  const auto end = scanner->finish();
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->wire, body);
  EXPECT_EQ(end->marks, kContent | kUsage | kEnd);
  EXPECT_EQ(scanner->tally().usage.output.count, 2);
}

TEST(OpenAiRelay, AnErrorInA200IsAnError) {
  const Outcome out = run(*openai_body_relay(),
                          {R"({"error":{"message":"quota","type":"insufficient_quota","code":"insufficient_quota"}})"});
  ASSERT_TRUE(out.error.has_value());
  EXPECT_EQ(out.error->fault, Fault::kRateLimited);
  EXPECT_EQ(out.error->code, "insufficient_quota");
  EXPECT_TRUE(run(*openai_body_relay(), {"{\"choices\":[{\"index\""}).error.has_value());
}

TEST(OpenAiRelay, ABodyWithoutAnAnswerIsAnError) {
  for (const char* body : {"{}", R"({"status":"ok"})", R"({"choices":[]})", R"({"data":[]})", "[]", ""}) {
    EXPECT_TRUE(run(*openai_body_relay(), {body}).error.has_value()) << body;
  }
  EXPECT_FALSE(run(*openai_body_relay(), {R"({"data":[{"embedding":[1]}]})"}).error.has_value());
  EXPECT_FALSE(run(*openai_body_relay(), {R"({"created":1,"data":[{"url":"x"}]})"}).error.has_value());
  EXPECT_FALSE(run(*openai_body_relay(), {R"({"choices":[{"index":0,"message":{"content":""}}]})"}).error.has_value());
}

}  // namespace
}  // namespace orchestra
